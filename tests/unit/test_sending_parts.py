"""The parts of an answer: in order, parked together, and replayed."""

import pytest

from shared.consuming import Done
from tests.unit.outbound_events import outbound
from tests.unit.sending_fakes import REFUSED, World, parked, record


@pytest.fixture
def world() -> World:
    return World()


def test_the_parts_behind_a_parked_one_are_parked_with_it(world: World) -> None:
    parts = [outbound(part=part, parts=3) for part in (1, 2, 3)]
    world.api.behaviours = [REFUSED]
    assert [world.deliver(part).outcome for part in parts] == ["parked"] * 3  # type: ignore[union-attr] # all are Done
    assert parked(world) == {
        "SM42-1": "provider_refused",
        "SM42-2": "earlier_part_parked",
        "SM42-3": "earlier_part_parked",
    }
    assert world.texts() == []


def test_the_parts_behind_one_that_was_sent_are_sent(world: World) -> None:
    assert [world.deliver(outbound(part=part, parts=3)) for part in (1, 2, 3)] == [Done("sent")] * 3
    assert world.texts() == ["part 1", "part 2", "part 3"]
    assert parked(world) == {}


def test_a_part_that_nobody_replayed_does_not_go_on_without_a_discarded_one(world: World) -> None:
    world.api.behaviours = [REFUSED]
    world.deliver(outbound(part=1, parts=2))
    world.discard("SM42-1")
    assert world.deliver(outbound(part=2, parts=2)) == Done("parked", "earlier_part_parked")


def test_the_parts_behind_a_malformed_one_are_parked_with_it(world: World) -> None:
    world.deliver(outbound(part=1, parts=2, text="x" * 1601))
    assert world.deliver(outbound(part=2, parts=2)) == Done("parked", "earlier_part_parked")


def test_replayed_parts_are_sent_in_their_order(world: World) -> None:
    parts = [outbound(part=part, parts=3) for part in (1, 2, 3)]
    world.api.behaviours = [REFUSED]
    for part in parts:
        world.deliver(part)
    for part in parts:
        assert world.deliver(part | {"replay": 1}) == Done("sent")
        world.discard(str(part["id"]))
    assert world.texts() == ["part 1", "part 2", "part 3"]
    assert [record(world, f"SM42-{n}").status for n in (1, 2, 3)] == ["queued"] * 3


def test_a_replayed_part_waits_for_the_one_before_it_unless_that_was_discarded(world: World) -> None:
    world.api.behaviours = [REFUSED]
    for part in (1, 2):
        world.deliver(outbound(part=part, parts=2))
    again = outbound(part=2, parts=2) | {"replay": 1}
    assert world.deliver(again) == Done("parked", "earlier_part_parked")
    world.discard("SM42-1")
    assert world.deliver(again) == Done("sent")


@pytest.mark.parametrize("replays", [1, 3])
def test_a_replay_of_what_was_sent_sends_nothing(replays: int, world: World) -> None:
    world.deliver(outbound())
    for replay in range(1, replays + 1):
        assert world.deliver(outbound() | {"replay": replay}) == Done("sent")
    assert world.texts() == ["part 1"]
