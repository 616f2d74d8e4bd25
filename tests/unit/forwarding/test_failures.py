"""When the backend does not answer: again, and again, then parked with a reason a person can act on."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.errors import (
    BackendUnavailable,
    Configuration,
    InProgress,
    Malformed,
    SmsReceiverError,
    Unavailable,
    UpstreamRefused,
)
from shared.reasons import Reason
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from tests.fakes import NOW, OUR_NUMBER, PERSON, PROVIDER, FakeAgents, FakeQueue
from tests.forwarding_fakes import AGENT, BOTH, DELAYS, TEXT_ID, World, answer, text

AWAY = Unavailable("the backend answered 503")
NO = UpstreamRefused(Reason.BACKEND_REFUSED, "the backend answered 404")
SECRETS = (PERSON, OUR_NUMBER, "Where is my order?")


def test_an_unavailable_backend_is_asked_again_later_each_time() -> None:
    world = World(AWAY)
    said = [world.forward(text(), receives=receives) for receives in range(1, len(DELAYS) + 1)]
    assert said == [Again(delay, "backend_unavailable") for delay in DELAYS]
    assert len(world.backend.asked) == len(DELAYS)
    assert not world.reasons
    assert not world.queue.sent


def test_it_is_asked_each_time_for_the_same_turn_of_the_same_event() -> None:
    world = World(AWAY)
    world.exhaust(text())
    assert len(world.backend.asked) == len(DELAYS) + 1
    assert all(asked == world.backend.asked[0] for asked in world.backend.asked)


def test_when_the_tries_are_used_up_the_text_is_parked_and_the_person_hears_of_it() -> None:
    world = World(AWAY)
    assert world.exhaust(text()) == Done(LogEvent.PARKED, "backend_unavailable")
    assert world.replies == [(f"{TEXT_ID}-f-1", AGENT.failure_reply)]


def of_another_provider() -> dict[str, Any]:
    """A text of a provider that this deployment does not know, because an operator took a step back, say."""
    event = text()
    event["data"]["provider"] = "pigeon"
    return event


def test_a_text_of_a_provider_that_is_not_known_is_parked_until_it_is() -> None:
    world = World()
    assert world.exhaust(of_another_provider()) == Done(LogEvent.PARKED, "configuration")
    (parked,) = world.parking.kept.values()
    assert parked.detail == f"this deployment knows no such provider; it knows {PROVIDER}"
    assert not world.backend.asked
    assert not world.queue.sent


def test_a_text_of_a_provider_that_is_not_known_is_parked_also_when_each_try_crashed() -> None:
    world = World()
    assert world.forwarder.crashed(of_another_provider()).outcome is LogEvent.PARKED
    assert not world.queue.sent


def test_a_backend_that_comes_back_in_time_answers_and_nobody_hears_of_the_failure() -> None:
    world = World(AWAY, AWAY, answer("Here I am."))
    assert world.exhaust(text()) == Done(LogEvent.ANSWERED)
    assert world.replies == [(f"{TEXT_ID}-1", "Here I am.")]
    assert not world.reasons


def test_a_refusal_parks_at_once() -> None:
    world = World(NO)
    assert world.forward(text()) == Done(LogEvent.PARKED, "backend_refused")
    assert len(world.backend.asked) == 1
    assert world.replies == [(f"{TEXT_ID}-f-1", AGENT.failure_reply)]


def test_a_refusal_is_not_remembered_so_that_a_replay_asks_again() -> None:
    world = World(NO, answer("Now I know."))
    world.forward(text())
    assert world.forward(text()) == Done(LogEvent.ANSWERED)
    assert (f"{TEXT_ID}-1", "Now I know.") in world.replies


def test_the_second_backend_is_asked_when_the_first_is_unavailable() -> None:
    world = World(AWAY, second=[answer("I stand in.")], agent=BOTH)
    assert world.forward(text()) == Done(LogEvent.ANSWERED)
    assert world.replies == [(f"{TEXT_ID}-1", "I stand in.")]
    assert world.backend.asked == world.second.asked


def test_the_second_backend_is_left_alone_when_the_first_answers() -> None:
    world = World(answer("I do it."), second=[answer("I stand in.")], agent=BOTH)
    world.forward(text())
    assert not world.second.asked


@pytest.mark.parametrize("error", [NO, Configuration("the address is not allowed")])
def test_the_second_backend_is_left_alone_when_the_first_says_no(error: SmsReceiverError) -> None:
    world = World(error, second=[answer("I stand in.")], agent=BOTH)
    world.exhaust(text())
    assert not world.second.asked
    assert len(world.reasons) == 1


def test_the_answer_of_the_second_is_kept_when_the_first_comes_back() -> None:
    world = World(AWAY, answer("I am back."), second=[answer("I stand in.")], agent=BOTH)
    world.forward(text())
    world.forward(text(), receives=2)
    assert world.replies == [(f"{TEXT_ID}-1", "I stand in.")]


def test_when_both_are_unavailable_both_are_asked_at_each_try() -> None:
    world = World(AWAY, second=[Unavailable("the second answered 502")], agent=BOTH)
    assert world.exhaust(text()) == Done(LogEvent.PARKED, "backend_unavailable")
    assert len(world.backend.asked) == len(world.second.asked) == len(DELAYS) + 1
    (parked,) = world.parking.kept.values()
    assert parked.detail == "the second answered 502"


def test_a_refusal_of_the_second_parks_at_once() -> None:
    world = World(AWAY, second=[NO], agent=BOTH)
    assert world.forward(text()) == Done(LogEvent.PARKED, "backend_refused")


def test_a_wrong_configuration_is_tried_again_then_parked_and_the_person_hears_nothing() -> None:
    world = World(open_fails=Configuration("there is no backend of kind 'htpp'"))
    assert world.forward(text()) == Again(DELAYS[0], "configuration")
    assert world.exhaust(text()) == Done(LogEvent.PARKED, "configuration")
    assert not world.queue.sent, "an operator's mistake is not the person's business, and is soon mended"


@pytest.mark.parametrize("broken", ["agents", "sessions", "limits", "claims", "queue"])
def test_whatever_of_ours_is_unavailable_is_tried_again_then_parked_in_silence(broken: str) -> None:
    world = World()
    getattr(world, broken).failing = Unavailable("it does not answer")
    assert world.forward(text()) == Again(DELAYS[0], "unavailable")
    assert world.exhaust(text()) == Done(LogEvent.PARKED, "unavailable")
    assert not world.queue.sent


def test_an_agent_that_cannot_be_read_is_tried_again_then_parked() -> None:
    world = World(agents=FakeAgents({}, failing=Configuration("an agent of tenant 'acme' is broken")))
    assert world.forward(text()) == Again(DELAYS[0], "configuration")
    assert world.exhaust(text()) == Done(LogEvent.PARKED, "configuration")


class NarrowQueue(FakeQueue):
    """Takes nothing but short texts."""

    def send(self, event: Mapping[str, Any], *, group: str, deduplication: str) -> None:
        if len(event["data"]["text"]) > 100:
            message = "the event takes 300000 bytes on the queue"
            raise Malformed(message)
        super().send(event, group=group, deduplication=deduplication)


def test_an_answer_that_the_queue_never_takes_is_parked_at_once() -> None:
    world = World(answer("x" * 101), queue=NarrowQueue())
    assert world.forward(text()) == Done(LogEvent.PARKED, "malformed")
    assert world.replies == [(f"{TEXT_ID}-f-1", AGENT.failure_reply)]


def test_what_is_in_progress_elsewhere_is_never_parked() -> None:
    world = World()
    world.claims.in_progress.add(("ask", f"acme.{TEXT_ID}"))
    said = [world.forward(text(), receives=receives) for receives in range(1, 20)]
    assert {again.reason for again in said if isinstance(again, Again)} == {"in_progress"}
    assert [again.after_seconds for again in said if isinstance(again, Again)] == [*DELAYS, *[DELAYS[-1]] * 15]
    assert not world.reasons
    assert not world.backend.asked


@pytest.mark.parametrize("world", [World(NO), World(agent=AGENT, limit_texts=0), World(agents=FakeAgents({}))])
def test_while_nothing_can_be_parked_the_error_goes_up(world: World) -> None:
    world.parking.failing = Unavailable("the event could not be parked")
    with pytest.raises(Unavailable, match=r"^the event could not be parked$"):
        world.forward(text())


def test_it_is_parked_once_parking_is_possible_again() -> None:
    world = World(NO)
    world.parking.failing = Unavailable("the event could not be parked")
    with pytest.raises(Unavailable):
        world.forward(text())
    world.parking.failing = None
    assert world.forward(text(), receives=2) == Done(LogEvent.PARKED, "backend_refused")


def test_the_record_says_all_that_an_operator_needs() -> None:
    world, event = World(NO), text()
    world.forward(event)
    parked = world.parking.kept["acme", TEXT_ID]
    assert (parked.tenant, parked.id, parked.queue) == ("acme", TEXT_ID, "inbound")
    assert parked.group == f"acme.{event['subject']}"
    assert (parked.reason, parked.detail) == ("backend_refused", "the backend answered 404")
    assert (parked.number, parked.parked_at) == (OUR_NUMBER, NOW)
    assert parked.event == event, "as it came in: a replay makes the backend's own view of it anew"


@pytest.mark.parametrize(
    "world",
    [
        World(NO),
        World(AWAY),
        World(limit_texts=0),
        World(agents=FakeAgents({})),
        World(agent=BOTH, second=[BackendUnavailable("away")], open_fails=Configuration("no such kind")),
    ],
)
def test_nothing_personal_stands_in_what_is_said_and_logged(world: World) -> None:
    said = world.exhaust(text())
    (parked,) = world.parking.kept.values()
    for shown in (repr(said), parked.reason, parked.detail, repr(parked), *map(repr, world.sessions.kept.values())):
        assert not [secret for secret in SECRETS if secret in shown]


def test_nothing_personal_stands_in_what_is_wanted_again() -> None:
    world = World(InProgress("somebody is at it"))
    assert not [secret for secret in SECRETS if secret in repr(world.forward(text()))]
