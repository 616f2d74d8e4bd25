"""Answers that come later: who waits for them, how long, and who hears when they do not come."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Configuration, Malformed, Unavailable
from shared.messages.outbound import Answer
from shared.messages.promises import PromiseState
from shared.ports import Promises
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from shared.tenants.agent import ANSWER_WITHIN_SECONDS_MAX, FAILURE_REPLY, SENTENCE_MAX
from tests.fakes import NOW, OUR_NUMBER, PERSON, FakeAgents
from tests.forwarding_fakes import AGENT, TEXT_ID, World, answer, text
from tests.promises_fake import FakePromises
from tests.promises_of_texts import CONVERSATION, promise

LATER = Answer(later=True)
PATIENT = replace(AGENT, answer_within_seconds=60)
APOLOGY = (f"{TEXT_ID}-f-1", FAILURE_REPLY)
NOTHING = Done(None)


def promised(agent: Any = PATIENT) -> World:  # noqa: ANN401 - an agent
    """A text whose backend answers later; a minute is the time for it."""
    world = World(LATER, agent=agent)
    assert world.forward(text()) == Done(LogEvent.UNANSWERED, "later")
    return world


def remind(world: World, *, after_seconds: float = 60) -> Done | Again:
    """What the first reminder does so long after the text."""
    world.time = NOW + timedelta(seconds=after_seconds)
    ((reminder, _), *_) = world.reminders.sent
    return world.late_answers.remind(reminder)


def states(promises: Promises) -> list[PromiseState]:
    return [waiting.state for waiting in promises.waiting("acme")]


def test_a_promise_and_a_reminder_are_kept_and_nothing_is_sent() -> None:
    world = promised()
    assert world.promises.find("acme", TEXT_ID) == promise(due_at=NOW + timedelta(seconds=60))
    assert world.reminders.sent == [({"tenant": "acme", "id": TEXT_ID}, 60)]
    assert world.replies == []


def test_silence_is_no_promise() -> None:
    world = World(answer(), agent=PATIENT)
    assert world.forward(text()) == Done(LogEvent.UNANSWERED, "no_message")
    assert (world.promises.kept, world.reminders.sent) == ({}, [])


def test_nobody_waits_for_an_agent_that_may_take_any_time() -> None:
    world = promised(replace(PATIENT, answer_within_seconds=0))
    assert (world.promises.kept, world.reminders.sent) == ({}, [])


def test_nobody_waits_for_an_answer_to_stop() -> None:
    world = World(LATER, agent=PATIENT)
    assert world.forward(text("STOP")) == Done(LogEvent.UNANSWERED, "opt_out")
    assert (world.promises.kept, world.reminders.sent) == ({}, [])


def test_when_the_time_is_over_it_is_seen_and_the_person_hears_the_agents_sentence() -> None:
    world = promised()
    assert remind(world) == Done(LogEvent.OVERDUE)
    assert world.replies == [APOLOGY]
    assert states(world.promises) == [PromiseState.OVERDUE]
    (sent,) = world.queue.sent
    data = sent.event["data"]
    assert (data["from"], data["to"], data["in_reply_to"]) == (OUR_NUMBER, PERSON, TEXT_ID)
    assert sent.group == f"acme.{CONVERSATION}"


@pytest.mark.parametrize("seconds", [0, 1, 59.5])
def test_a_reminder_that_comes_early_comes_again_when_the_time_is_over(seconds: float) -> None:
    world = promised()
    assert remind(world, after_seconds=seconds) == Again(60 - seconds, reason="")
    assert (world.replies, states(world.promises)) == ([], [PromiseState.WAITING])


def test_a_reminder_of_a_text_that_was_answered_does_nothing() -> None:
    world = promised()
    world.promises.fulfil(promise())
    assert remind(world) == NOTHING
    assert world.replies == []


def test_a_reminder_of_an_unknown_text_does_nothing() -> None:
    assert World().late_answers.remind({"tenant": "acme", "id": "SM0"}) == NOTHING


@pytest.mark.parametrize(
    "reminder",
    [
        {},
        {"tenant": "acme"},
        {"tenant": 7, "id": TEXT_ID},
        {"tenant": "\ud800", "id": TEXT_ID},
        {"tenant": "acme", "id": []},
        {"tenant": "acme", "id": ""},
        {"tenant": "acme", "id": "\ud800"},
        {"tenant": "acme", "id": "x" * 900},
    ],
)
def test_a_reminder_of_nothing_is_refused_and_does_not_come_again(reminder: Mapping[str, object]) -> None:
    late_answers = promised().late_answers
    for act in (late_answers.remind, late_answers.crashed):
        with pytest.raises(Malformed, match=r"^a reminder names no tenant or no text$"):
            act(reminder)


def test_an_answer_that_comes_while_the_time_is_over_counts() -> None:
    class Answered(FakePromises):
        def miss(self, missed: Any) -> bool:  # noqa: ANN401 - as in the port
            self.fulfil(missed)
            return super().miss(missed)

    world = World(LATER, agent=PATIENT)
    world.forward(text())
    late = replace(world.late_answers, promises=Answered(kept=world.promises.kept))
    world.time = NOW + timedelta(minutes=1)
    assert late.remind({"tenant": "acme", "id": TEXT_ID}) == NOTHING
    assert world.replies == []


def test_a_backend_that_answers_before_its_promise_is_kept_is_not_waited_for() -> None:
    world = World(LATER, agent=PATIENT)
    world.promises.fulfil(promise())
    assert world.forward(text()) == Done(LogEvent.UNANSWERED, "later")
    assert world.reminders.sent == []
    assert states(world.promises) == []


def test_an_answer_on_another_conversation_is_waited_for_all_the_same() -> None:
    world = World(LATER, agent=PATIENT)
    world.promises.fulfil(promise(conversation="d" * 64))
    world.forward(text())
    assert len(world.reminders.sent) == 1
    assert states(world.promises) == [PromiseState.WAITING]


def test_a_text_that_comes_again_is_reminded_of_again_and_due_at_its_first_time() -> None:
    world = promised()
    world.time = NOW + timedelta(seconds=10)
    world.forward(text(), receives=2)
    assert [after for _, after in world.reminders.sent] == [60, 50]
    assert len(world.backend.asked) == 1


@pytest.mark.parametrize("failing", ["promises", "reminders"])
def test_a_promise_that_cannot_be_kept_lets_the_text_come_again(failing: str) -> None:
    world = World(LATER, agent=PATIENT)
    getattr(world, failing).failing = Unavailable("DynamoDB or SQS is away")
    assert world.forward(text()) == Again(5.0, "unavailable")
    getattr(world, failing).failing = None
    assert world.forward(text(), receives=2) == Done(LogEvent.UNANSWERED, "later")
    assert len(world.reminders.sent) == 1


def test_a_reminder_that_cannot_be_worked_on_comes_again() -> None:
    world = promised()
    world.promises.failing = Unavailable("DynamoDB is away")
    with pytest.raises(Unavailable):
        remind(world)
    world.promises.failing = None
    world.queue.failing = Unavailable("SQS is away")
    with pytest.raises(Unavailable):
        remind(world)
    world.queue.failing = None
    assert remind(world) == Done(LogEvent.OVERDUE)
    assert world.replies == [APOLOGY]


def test_an_agent_without_a_failure_reply_says_nothing() -> None:
    world = promised(replace(PATIENT, failure_reply=None))
    assert remind(world) == Done(LogEvent.OVERDUE)
    assert world.replies == []


def test_a_person_who_stopped_meanwhile_hears_nothing() -> None:
    theirs, ours = f"whatsapp:{PERSON}", f"whatsapp:{OUR_NUMBER}"
    world = World(LATER, agent=PATIENT)
    world.forward(text(From=theirs, To=ours))
    world.forward(text("STOP", message_id="SM9", From=theirs, To=ours))
    assert remind(world) == Done(LogEvent.OVERDUE)
    assert world.replies == []


@pytest.mark.parametrize("sender", ["72975", "ACME", OUR_NUMBER])
def test_no_machine_hears_it(sender: str) -> None:
    world = World(LATER, agents=FakeAgents({OUR_NUMBER: PATIENT, "+12025550198": PATIENT}))
    world.forward(text(From=sender, To="+12025550198"))
    assert remind(world) == Done(LogEvent.OVERDUE)
    assert world.replies == []


def test_a_conversation_hears_it_once_an_hour() -> None:
    world = World(LATER, agent=PATIENT)
    for number in range(3):
        world.forward(text(message_id=f"SM{number}"))
    world.time = NOW + timedelta(minutes=1)
    results = [world.late_answers.remind(reminder) for reminder, _ in world.reminders.sent]
    assert results == [Done(LogEvent.OVERDUE)] * 3
    assert len(world.replies) == 1


@pytest.mark.parametrize("failing", [None, Configuration("its secrets are missing")])
def test_a_number_without_a_usable_agent_apologises_to_nobody(failing: Configuration | None) -> None:
    agents = FakeAgents({OUR_NUMBER: PATIENT})
    world = World(LATER, agents=agents)
    world.forward(text())
    agents.stored.clear()
    agents.failing = failing
    assert remind(world) == Done(LogEvent.OVERDUE)
    assert world.replies == []


REMINDER = {"tenant": "acme", "id": TEXT_ID}


def test_what_ends_the_function_each_time_is_overdue_all_the_same() -> None:
    world = promised()
    world.time = NOW + timedelta(seconds=60)
    result = world.late_answers.crashed(REMINDER)
    assert result == Done(LogEvent.OVERDUE)
    assert result.defect
    assert states(world.promises) == [PromiseState.OVERDUE]
    assert world.replies == []


def test_what_ends_the_function_each_time_before_its_time_is_given_up_and_stays_on_the_list() -> None:
    world = promised()
    result = world.late_answers.crashed(REMINDER)
    assert result == NOTHING
    assert result.defect
    assert states(world.promises) == [PromiseState.WAITING]


def test_what_was_answered_while_each_try_ended_the_function_is_not_overdue() -> None:
    world = promised()
    world.promises.fulfil(promise())
    world.time = NOW + timedelta(seconds=60)
    assert world.late_answers.crashed(REMINDER) == NOTHING
    assert states(world.promises) == []


def test_a_failure_reply_in_more_parts_than_an_answer_may_have_is_not_sent() -> None:
    world = promised(replace(PATIENT, failure_reply="\U0001f605" * SENTENCE_MAX))
    replies = world.late_answers.failure_replies
    terse = replace(replies, outbound=replace(replies.outbound, messages_max=1))
    world.time = NOW + timedelta(seconds=60)
    assert replace(world.late_answers, failure_replies=terse).remind(REMINDER) == Done(LogEvent.OVERDUE)
    assert world.replies == []


def test_the_longest_time_is_what_a_reminder_can_wait() -> None:
    world = promised(replace(PATIENT, answer_within_seconds=ANSWER_WITHIN_SECONDS_MAX))
    assert remind(world, after_seconds=900) == Again(ANSWER_WITHIN_SECONDS_MAX - 900, reason="")


STEPS = st.lists(st.sampled_from(["forward", "answer", "remind", "wait"]), max_size=10)


@given(STEPS)
def test_in_any_order_a_text_ends_answered_or_seen_and_no_answered_one_is_apologised_for(steps: Sequence[str]) -> None:
    """Each step may come any number of times: what is delivered twice, what is late, a backend that is very fast."""
    world, answered_at, apologised_at = World(LATER, agent=PATIENT), None, None
    for number, step in enumerate([*steps, "forward", "wait", "remind"]):
        if step == "forward":
            world.forward(text())
        elif step == "wait":
            world.time += timedelta(seconds=61)
        elif step == "answer":
            answered_at = number if answered_at is None else answered_at
            world.promises.fulfil(promise())
        else:
            for reminder, _ in list(world.reminders.sent):
                world.late_answers.remind(json.loads(json.dumps(reminder)))
        if world.replies and apologised_at is None:
            apologised_at = number
    assert len(world.backend.asked) == 1
    assert states(world.promises) == ([] if answered_at is not None else [PromiseState.OVERDUE])
    assert (answered_at is None) <= (apologised_at is not None)
    assert answered_at is None or apologised_at is None or apologised_at < answered_at
    assert world.replies in ([], [APOLOGY])
