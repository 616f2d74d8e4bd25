"""Sessions that time out: who hears of it, once, and never together with a text of the same session."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Configuration, Malformed, Unavailable
from shared.messages.sessions import EndedBy, Session, reminder
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, PROVIDER, Crash, FakeAgents
from tests.forwarding_fakes import AGENT, World, answer, text
from tests.opt_out_fakes import stop
from tests.unit.forwarding.test_crashes import STEPS_MAX, Fuse
from tests.unit.forwarding.test_sessions import by_program

GOODBYE = "Goodbye. Text us again at any time."
NOTIFYING = replace(AGENT, timeout_notice=GOODBYE, session_seconds=60)
CLOSED = replace(NOTIFYING, initiates_from_inbound=False)
GROUP = f"acme.{text()['subject']}"
TOLD = Done(LogEvent.TIMED_OUT)
NOTHING = Done(None)


def texted(*seconds: float, agent: Any = NOTIFYING) -> World:  # noqa: ANN401 - an agent
    """A person texted at these times, and each text was answered."""
    world = World(answer("Yes."), agent=agent)
    for number, second in enumerate(seconds or (0,)):
        receive(world, second, f"SM{number}")
    return world


def receive(world: World, second: float, message_id: str) -> Done | Again:
    world.time = NOW + timedelta(seconds=second)
    return world.forward({**text(message_id=message_id), "time": world.time.isoformat(timespec="milliseconds")})


def remind(world: World, second: float, *, tries: int = 1) -> Done | Again:
    """What becomes of the reminder that was sent first."""
    world.time = NOW + timedelta(seconds=second)
    return world.reminded.remind(world.reminders.sent[0][0], tries)


def notices(world: World) -> list[str]:
    return [sent.event["data"]["text"] for sent in world.queue.sent if sent.deduplication.startswith("SE")]


def test_a_session_has_one_reminder_however_many_texts_it_has() -> None:
    world = texted(0, 10, 20)
    (session,) = world.sessions.kept.values()
    assert world.reminders.sent == [(reminder(session.id, GROUP), 60)]


def test_a_session_of_a_program_has_the_reminder_that_the_api_queued_alone() -> None:
    world = World(answer("Yes."), agent=NOTIFYING)
    by_program(world)
    assert receive(world, 1, "SM0") == Done(LogEvent.ANSWERED)
    assert world.reminders.sent == []


@pytest.mark.parametrize("agent", [AGENT, replace(NOTIFYING, timeout_notice=None)])
def test_without_a_notice_there_is_no_reminder_and_nobodys_address_is_stored(agent: Any) -> None:  # noqa: ANN401 - an agent
    world = texted(agent=agent)
    assert world.reminders.sent == []
    (session,) = world.sessions.kept.values()
    assert session.parties is None


def test_the_person_hears_of_it_once_after_all_that_was_queued_before() -> None:
    world = texted(0, 10)
    assert remind(world, 71) == TOLD
    assert remind(world, 72) == TOLD, "the reminder came twice"
    (session,) = world.sessions.kept.values()
    assert [(sent.group, sent.deduplication) for sent in world.queue.sent] == [
        (GROUP, "SM0-1"),
        (GROUP, "SM1-1"),
        (GROUP, f"{session.id}-1"),
    ]
    data = world.queue.sent[-1].event["data"]
    assert (data["text"], data["from"], data["to"], data["account"]) == (GOODBYE, OUR_NUMBER, PERSON, ACCOUNT)
    assert (data["answer_id"], data["in_reply_to"], data["agent"]) == (session.id, None, "desk")
    assert world.queue.sent[-1].event["source"] == f"/sms-receiver/east/{PROVIDER}"
    assert session.ended_by is EndedBy.TIMEOUT
    assert world.measurements.agent_id == AGENT.id


def test_the_next_text_begins_a_new_session() -> None:
    world = texted()
    remind(world, 61)
    receive(world, 62, "SM9")
    assert [asked["data"]["session"]["turn"] for asked in world.backend.asked] == [1, 1]
    assert len(world.reminders.sent) == 2
    assert remind(world, 63) == NOTHING, "the reminder of the session before"


def test_a_text_in_the_last_moment_goes_on_with_the_session_and_nobody_is_told() -> None:
    world = texted(0, 59.9)
    waits = remind(world, 61)
    assert isinstance(waits, Again)
    assert waits.after_seconds == pytest.approx(58.9)
    assert notices(world) == []


def test_a_text_of_the_last_moment_that_was_forwarded_too_late_begins_a_new_session() -> None:
    world = texted()
    late = {**text(message_id="SM9"), "time": (NOW + timedelta(seconds=59)).isoformat(timespec="milliseconds")}
    assert remind(world, 61) == TOLD
    world.forward(late)
    assert [asked["data"]["session"]["turn"] for asked in world.backend.asked] == [1, 1]
    assert notices(world) == [GOODBYE]


def test_a_text_that_comes_while_the_session_is_looked_at_wins() -> None:
    world = texted()
    look = world.sessions.end_at

    def end_at(session: Session, ended_by: EndedBy) -> bool:
        world.sessions.end_at = look  # type: ignore[method-assign] # once
        receive(world, 60, "SM9")
        world.time = NOW + timedelta(seconds=61)
        return look(session, ended_by)

    world.sessions.end_at = end_at  # type: ignore[method-assign] # once
    assert remind(world, 61) == Again(1.0, reason="")
    assert notices(world) == []
    assert [asked["data"]["session"]["turn"] for asked in world.backend.asked] == [1, 2]


@pytest.mark.parametrize("ended_by", [EndedBy.BACKEND, EndedBy.PROGRAM])
def test_what_was_ended_by_somebody_does_not_time_out(ended_by: EndedBy) -> None:
    world = texted()
    world.sessions.end_at(world.sessions.kept[GROUP], ended_by)
    assert remind(world, 61) == NOTHING
    assert notices(world) == []


def test_a_session_that_was_replaced_does_not_time_out() -> None:
    world = texted()
    old = world.sessions.kept[GROUP]
    world.sessions.begin(replace(old, id="SE" + "9" * 32, latest=None, by_program=True), NOTIFYING)
    assert remind(world, 61) == NOTHING


def test_who_said_stop_is_not_told() -> None:
    whatsapp = {"From": f"whatsapp:{PERSON}", "To": f"whatsapp:{OUR_NUMBER}"}
    world = World(agent=NOTIFYING)
    event = text(**whatsapp)
    world.forward(event)
    world.opt_outs.stop(stop(f"acme.{event['subject']}", NOW))
    assert remind(world, 61) == Done(LogEvent.TIMED_OUT, "opted_out")
    assert notices(world) == []


@pytest.mark.parametrize("sender", ["40404", "whatsapp:SHOP", OUR_NUMBER.replace("99", "98")])
def test_a_machine_is_not_told(sender: str) -> None:
    world = World(agent=NOTIFYING)
    world.agents.stored["acme", OUR_NUMBER.replace("99", "98")] = AGENT
    world.agents.stored["acme", f"whatsapp:{OUR_NUMBER}"] = NOTIFYING
    ours = f"whatsapp:{OUR_NUMBER}" if sender.startswith("whatsapp") else OUR_NUMBER
    world.forward(text(From=sender, To=ours))
    assert remind(world, 61) == Done(LogEvent.TIMED_OUT, "unreachable")
    assert notices(world) == []


@pytest.mark.parametrize("agents", [{}, {OUR_NUMBER: AGENT}, {OUR_NUMBER: replace(NOTIFYING, timeout_notice=None)}])
def test_the_agent_that_has_the_number_now_decides_whether_somebody_is_told(agents: dict[str, Any]) -> None:
    world = texted()
    world.agents.stored = FakeAgents(agents).stored
    assert remind(world, 61) == NOTHING
    assert world.sessions.kept[GROUP].ended_by is None


def test_the_time_and_the_sentence_are_the_agents_present_ones() -> None:
    world = texted()
    world.agents.stored["acme", OUR_NUMBER] = replace(NOTIFYING, session_seconds=120, timeout_notice="Bye.", name="new")
    assert remind(world, 61) == Again(59, reason="")
    assert remind(world, 121) == TOLD
    assert notices(world) == ["Bye."]
    assert world.queue.sent[-1].event["data"]["agent"] == "new"


def test_a_reminder_that_was_put_off_three_times_is_sent_anew() -> None:
    world = texted()
    assert [remind(world, 30, tries=tries) for tries in (1, 2)] == [Again(30, reason="")] * 2
    assert remind(world, 30, tries=3) == NOTHING
    assert world.reminders.sent == [(world.reminders.sent[0][0], 60), (world.reminders.sent[0][0], 30)]


def test_what_a_reminder_cannot_be_sent_for_makes_the_text_come_again_before_anybody_is_asked() -> None:
    world = World(agent=NOTIFYING)
    world.reminders.failing = Unavailable("SQS is away")
    assert isinstance(world.forward(text()), Again)
    assert not world.backend.asked
    world.reminders.failing = None
    assert world.forward(text(), receives=2) == Done(LogEvent.ANSWERED)
    assert len(world.reminders.sent) == 1


@pytest.mark.parametrize("failing", ["sessions", "agents", "queue", "opt_outs"])
def test_what_fails_for_now_comes_again_and_then_the_person_hears_of_it(failing: str) -> None:
    ours = f"whatsapp:{OUR_NUMBER}" if failing == "opt_outs" else OUR_NUMBER
    world = World(agent=NOTIFYING)
    world.forward(text(From=ours.replace(OUR_NUMBER, PERSON), To=ours))
    port = getattr(world, failing)
    port.failing = Unavailable("away")
    with pytest.raises(Unavailable):
        remind(world, 61)
    port.failing = None
    assert remind(world, 62) == TOLD
    assert notices(world) == [GOODBYE]


def test_a_broken_agent_is_an_operators_to_mend() -> None:
    world = texted()
    world.agents.failing = Configuration("an agent is broken")
    with pytest.raises(Configuration):
        remind(world, 61)


def test_a_notice_that_no_try_could_send_is_given_up_and_seen() -> None:
    world = texted()
    given_up = world.reminded.crashed(world.reminders.sent[0][0])
    assert given_up == NOTHING
    assert given_up.defect


@pytest.mark.parametrize(
    "broken",
    [{"tenant": ""}, {"tenant": "A.B"}, {"tenant": None}, {"conversation": "c"}, {"conversation": 5}, {"id": None}],
)
def test_a_reminder_that_names_nothing_is_malformed(broken: dict[str, object]) -> None:
    world, event = texted(), {**reminder("SE1", GROUP), **broken}
    with pytest.raises(Malformed, match="a reminder names no tenant, no conversation or no session"):
        world.reminded.remind(event, 1)
    with pytest.raises(Malformed):
        world.reminded.crashed(event)


def test_a_reminder_of_nothing_that_is_known_is_forgotten() -> None:
    assert World(agent=NOTIFYING).reminded.remind(reminder("SE1", GROUP), 1) == NOTHING


def timed_out(step: int) -> World:
    """A world in which the reminder's first delivery crashed at this step."""
    world = texted()
    fuse = Fuse(left=step)
    for port, name in (
        (world.sessions, "find"),
        (world.agents, "agent_at"),
        (world.sessions, "end_at"),
        (world.queue, "send"),
    ):
        setattr(port, name, fuse.around(getattr(port, name)))
    try:
        remind(world, 61)
    except Crash:
        return world
    world.time = NOW + timedelta(days=step)  # beyond the last step
    return world


STEPS = range(1, next(step for step in range(1, STEPS_MAX) if timed_out(step).time > NOW + timedelta(hours=1)))


def test_there_are_many_places_to_crash_at() -> None:
    assert len(STEPS) == 12


@pytest.mark.parametrize("step", STEPS)
def test_after_any_crash_the_next_delivery_tells_the_person_once(step: int) -> None:
    world = timed_out(step)
    assert remind(world, 65, tries=2) == TOLD
    assert notices(world) == [GOODBYE]


@pytest.mark.parametrize("step", STEPS)
def test_after_any_crash_a_text_is_either_of_the_old_session_or_of_a_new_one(step: int) -> None:
    world = timed_out(step)
    late = {**text(message_id="SM9"), "time": (NOW + timedelta(seconds=59)).isoformat(timespec="milliseconds")}
    world.forward(late)
    remind(world, 65, tries=2)
    goes_on = world.backend.asked[-1]["data"]["session"]["turn"] == 2
    assert not (goes_on and notices(world))


MOMENTS = st.lists(st.integers(0, 400), min_size=1, max_size=12).map(sorted)


@given(MOMENTS, st.lists(st.integers(0, 500), max_size=12).map(sorted))
def test_whatever_comes_when_each_pause_is_told_once_at_the_most_and_in_its_place(
    texts: list[int], wakes: list[int]
) -> None:
    """Texts and deliveries of reminders in the order of time, each reminder also twice."""
    world = World(answer("Yes."), agent=NOTIFYING)
    for second, what in sorted([*((at, "text") for at in texts), *((at, "wake") for at in wakes)]):
        if what == "text":
            receive(world, second, f"SM{len(world.backend.asked)}")
            continue
        world.time = NOW + timedelta(seconds=second)
        for event, _ in list(world.reminders.sent) * 2:
            world.reminded.remind(event, 1)
    sessions = [event["data"]["session"]["id"] for event in world.backend.asked]
    told = [sent.deduplication.rpartition("-")[0] for sent in world.queue.sent if sent.deduplication.startswith("SE")]
    assert len(told) == len(set(told))
    assert set(told) <= set(sessions)
    assert len({session for session, _ in itertools.groupby(sessions)}) == len(list(itertools.groupby(sessions)))
    order = [sent.deduplication for sent in world.queue.sent]
    for session in told:
        last = max(number for number, each in enumerate(sessions) if each == session)
        first_after = next((number for number in range(last + 1, len(sessions))), None)
        assert order.index(f"{session}-1") > order.index(f"SM{last}-1")
        if first_after is not None:
            assert order.index(f"{session}-1") < order.index(f"SM{first_after}-1")
