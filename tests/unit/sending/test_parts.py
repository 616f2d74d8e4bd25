"""The parts of an answer: in order, parked together, and replayed."""

import pytest

from shared.errors import UpstreamRefused
from shared.retry import Done
from shared.telemetry import LogEvent, Metric
from tests.fakes import DESK, OUR_NUMBER, FakeAgents
from tests.provider import ITS_RULES
from tests.unit.messages.outbound_events import outbound
from tests.unit.sending.fakes import LANDLINE, OPTED_OUT, REFUSED, World, parked, record


@pytest.fixture
def world() -> World:
    return World()


def test_the_parts_behind_a_parked_one_are_parked_with_it(world: World) -> None:
    parts = [outbound(part=part, parts=3) for part in (1, 2, 3)]
    world.api.behaviours = [REFUSED]
    assert [world.deliver(part).outcome for part in parts] == [LogEvent.PARKED] * 3  # type: ignore[union-attr] # all are Done
    assert parked(world) == {
        "SM42-1": "provider_refused",
        "SM42-2": "earlier_part_parked",
        "SM42-3": "earlier_part_parked",
    }
    assert world.texts() == []


def test_the_parts_behind_one_that_was_sent_are_sent(world: World) -> None:
    assert [world.deliver(outbound(part=part, parts=3)) for part in (1, 2, 3)] == [Done(LogEvent.SENT)] * 3
    assert world.texts() == ["part 1", "part 2", "part 3"]
    assert parked(world) == {}


def test_a_part_that_nobody_replayed_does_not_go_on_without_a_discarded_one(world: World) -> None:
    world.api.behaviours = [REFUSED]
    world.deliver(outbound(part=1, parts=2))
    world.discard("SM42-1")
    assert world.deliver(outbound(part=2, parts=2)) == Done(LogEvent.PARKED, "earlier_part_parked")


def test_the_parts_behind_a_malformed_one_are_parked_with_it(world: World) -> None:
    world.deliver(outbound(part=1, parts=2, text="x" * (ITS_RULES.text_max + 1)))
    assert world.deliver(outbound(part=2, parts=2)) == Done(LogEvent.PARKED, "earlier_part_parked")


def test_replayed_parts_are_sent_in_their_order(world: World) -> None:
    parts = [outbound(part=part, parts=3) for part in (1, 2, 3)]
    world.api.behaviours = [REFUSED]
    for part in parts:
        world.deliver(part)
    for part in parts:
        assert world.deliver(part | {"replay": 1}) == Done(LogEvent.SENT)
        world.discard(str(part["id"]))
    assert world.texts() == ["part 1", "part 2", "part 3"]
    assert [record(world, f"SM42-{n}").status for n in (1, 2, 3)] == ["queued"] * 3


def test_a_replayed_part_waits_for_the_one_before_it_unless_that_was_discarded(world: World) -> None:
    world.api.behaviours = [REFUSED]
    for part in (1, 2):
        world.deliver(outbound(part=part, parts=2))
    again = outbound(part=2, parts=2) | {"replay": 1}
    assert world.deliver(again) == Done(LogEvent.PARKED, "earlier_part_parked")
    world.discard("SM42-1")
    assert world.deliver(again) == Done(LogEvent.SENT)


@pytest.mark.parametrize("replays", [1, 3])
def test_a_replay_of_what_was_sent_sends_nothing(replays: int, world: World) -> None:
    world.deliver(outbound())
    for replay in range(1, replays + 1):
        assert world.deliver(outbound() | {"replay": replay}) == Done(LogEvent.SENT)
    assert world.texts() == ["part 1"]


def test_measures_the_time_from_the_text_to_the_first_part_and_names_the_providers_id(world: World) -> None:
    world.seconds = 2
    first, second = (world.deliver(outbound(part=part, parts=2)) for part in (1, 2))
    assert isinstance(first, Done)
    assert first.ids == {"message_id": world.api.got[0].message_id}
    assert isinstance(second, Done)
    assert world.measurements.take() == {Metric.END_TO_END_MS: 2000}


@pytest.mark.parametrize("received_at", [None, "yesterday", "2026-11-23T12:00:00", 7])
def test_measures_no_time_where_that_of_the_text_is_not_known(received_at: object, world: World) -> None:
    done = world.deliver(outbound(received_at=received_at))
    assert done == (Done(LogEvent.SENT) if received_at is None else Done(LogEvent.PARKED, "malformed"))
    assert world.measurements.take() == {}


@pytest.mark.parametrize(
    ("refusal", "metric"),
    [(REFUSED, Metric.REPLY_FAILED), (OPTED_OUT, Metric.REPLY_UNREACHABLE), (LANDLINE, Metric.REPLY_UNREACHABLE)],
)
def test_counts_what_the_provider_refused_by_its_code(refusal: UpstreamRefused, metric: Metric, world: World) -> None:
    world.api.behaviours = [refusal]
    done = world.deliver(outbound())
    assert isinstance(done, Done)
    assert done.ids == {"error_code": str(refusal.code)}
    assert world.measurements.take() == {metric: 1}


def test_tells_nobody_of_a_refusal_who_does_not_want_to_hear(world: World) -> None:
    world.agents = FakeAgents({OUR_NUMBER: DESK})
    world.api.behaviours = [REFUSED]
    assert world.deliver(outbound()) == Done(LogEvent.PARKED, REFUSED.reason)
    assert world.inbound.sent == []
