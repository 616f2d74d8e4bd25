"""What became of a reply: told to backends that want to know, with fewer tries, and never to the person."""

from dataclasses import replace

import pytest

from shared.errors import Configuration, InProgress, SmsReceiverError, Unavailable, UpstreamRefused
from shared.reasons import Reason
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from shared.tenants.agent import Agent
from tests.fakes import NOW, OUR_NUMBER, PERSON, FakeAgents
from tests.forwarding_fakes import AGENT, FIRST, SECOND, STATUS_DELAYS, TEXT_ID, World, answer, status, text

AWAY = Unavailable("the backend answered 503")
NO = UpstreamRefused(Reason.BACKEND_REFUSED, "the backend answered 404")


def test_a_backend_that_wants_to_know_gets_the_event_as_it_is() -> None:
    world = World(answer())
    assert world.forward(status()) == Done(LogEvent.TOLD)
    assert world.backend.asked == [status()]


def test_nothing_that_it_says_to_a_status_is_sent_to_anybody() -> None:
    world = World(answer("Thank you for your receipt.", end_session=True))
    assert world.forward(status()) == Done(LogEvent.TOLD)
    assert not world.queue.sent
    assert not world.sessions.ended


def test_a_status_is_told_once_and_each_status_is_told() -> None:
    world = World(answer())
    for event in (status("sent"), status("delivered"), status("sent"), status("undelivered", error_code=30003)):
        world.forward(event)
    assert [asked["data"]["status"] for asked in world.backend.asked] == ["sent", "delivered", "undelivered"]


def test_a_status_is_no_turn_and_counts_as_no_text() -> None:
    world = World(answer(), limit_texts=0)
    assert world.forward(status()) == Done(LogEvent.TOLD)
    assert not world.sessions.asked
    assert not world.limits.counted


DECLINING: dict[str, dict[str, Agent]] = {
    "no agent": {},
    "no backend": {OUR_NUMBER: replace(AGENT, backend=None)},
    "a backend that declines": {OUR_NUMBER: replace(AGENT, backend=replace(FIRST, statuses=False))},
}


@pytest.mark.parametrize("agents", DECLINING.values(), ids=DECLINING)
def test_where_nobody_wants_to_know_nothing_is_parked(agents: dict[str, Agent]) -> None:
    world = World(agents=FakeAgents(agents))
    assert world.forward(status()) == Done(LogEvent.UNANSWERED, "declined")
    assert not world.reasons
    assert not world.backend.asked


def test_the_second_backend_hears_of_it_only_if_it_wants_to_know() -> None:
    world = World(AWAY, second=[answer()], agent=replace(AGENT, second_backend=SECOND))
    assert world.forward(status()) == Again(STATUS_DELAYS[0], "backend_unavailable")
    assert not world.second.asked


def test_the_second_backend_stands_in_if_it_wants_to_know() -> None:
    world = World(AWAY, second=[answer()], agent=replace(AGENT, second_backend=replace(SECOND, statuses=True)))
    assert world.forward(status()) == Done(LogEvent.TOLD)


def test_it_is_tried_less_often_than_a_text_and_then_parked_in_silence() -> None:
    world = World(AWAY)
    said = [world.forward(status(), receives=receives) for receives in (1, 2, 3)]
    assert said == [
        *(Again(delay, "backend_unavailable") for delay in STATUS_DELAYS),
        Done(LogEvent.PARKED, "backend_unavailable"),
    ]
    assert not world.queue.sent


@pytest.mark.parametrize(
    ("error", "reason"), [(NO, "backend_refused"), (Configuration("no such kind"), "configuration")]
)
def test_a_failure_is_never_the_persons_business(error: SmsReceiverError, reason: str) -> None:
    world = World(error)
    assert world.exhaust(status()) == Done(LogEvent.PARKED, reason)
    assert not world.queue.sent


def test_a_refusal_parks_it_at_once() -> None:
    world = World(NO)
    assert world.forward(status()) == Done(LogEvent.PARKED, "backend_refused")


@pytest.mark.parametrize("error", [Unavailable("no secrets today"), Configuration("the agent is broken")])
def test_it_waits_for_the_agent(error: SmsReceiverError) -> None:
    world = World(agents=FakeAgents({}, failing=error))
    assert isinstance(world.forward(status()), Again)
    assert world.exhaust(status()) == Done(LogEvent.PARKED, world.reasons[0])


def test_what_is_in_progress_elsewhere_is_never_parked() -> None:
    world = World(InProgress("somebody is at it"))
    world.claims.failing = InProgress("somebody is at it")
    assert [world.forward(status(), receives=receives) for receives in (1, 2, 9)] == [
        Again(7.0, "in_progress"),
        Again(9.0, "in_progress"),
        Again(9.0, "in_progress"),
    ]
    assert not world.reasons


def test_the_record_names_our_number_and_the_replys_own_group() -> None:
    world, event = World(NO), status("undelivered", error_code=30003)
    world.forward(event)
    parked = world.parking.kept["acme", f"{TEXT_ID}-1.undelivered.30003"]
    assert (parked.queue, parked.group) == ("inbound", f"acme.{TEXT_ID}-1")
    assert (parked.number, parked.parked_at, parked.event) == (OUR_NUMBER, NOW, event)
    assert PERSON not in repr(parked)


def test_while_it_cannot_be_parked_the_error_goes_up() -> None:
    world = World(NO)
    world.parking.failing = Unavailable("the event could not be parked")
    with pytest.raises(Unavailable):
        world.forward(status())


def test_a_text_and_the_status_of_its_reply_have_claims_of_their_own() -> None:
    world = World(answer("Hello."), answer())
    world.forward(text())
    world.forward(status())
    assert len(world.backend.asked) == 2


def test_a_parked_status_is_named_by_its_id_and_a_parked_text_needs_none() -> None:
    world = World(NO)
    parked = world.forward(status("undelivered", error_code=30003))
    assert isinstance(parked, Done)
    assert parked.ids == {"event_id": f"{TEXT_ID}-1.undelivered.30003"}
    assert world.parking.find("acme", parked.ids["event_id"])
    of_text = World(NO).forward(text())
    assert isinstance(of_text, Done)
    assert (of_text.outcome, of_text.ids) == (LogEvent.PARKED, {})
