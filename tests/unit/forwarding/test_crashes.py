"""The Lambda may end anywhere: whatever was done, the next delivery makes it whole, and nothing is done twice."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

import pytest

from shared.errors import UpstreamRefused
from shared.reasons import Reason
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from tests.fakes import Crash
from tests.forwarding_fakes import AGENT, TEXT_ID, World, answer, text

STEPS_MAX = 30


@dataclass
class Fuse:
    """Ends the Lambda before or after one of its calls to the world; each call counts twice."""

    left: int

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Crash

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the port says
            self.burn()
            given = call(*args, **kwargs)
            self.burn()
            return given

        return guarded


def wire(world: World, fuse: Fuse) -> None:
    """Puts the fuse around everything that the forwarder calls."""
    world.parking.usage = copy(world.usage)  # what fails is counted with its parking, in one step
    for port, name in (
        (world.agents, "agent_at"),
        (world.claims, "once"),
        (world.backend, "answer"),
        (world.sessions, "turn"),
        (world.sessions, "end"),
        (world.limits, "within"),
        (world.parking, "park"),
        (world.usage, "count"),
        (world.queue, "send"),
    ):
        setattr(port, name, fuse.around(getattr(port, name)))


def steps(make: Callable[[], World]) -> int:
    """How many places there are to crash at."""
    world, fuse = make(), Fuse(left=STEPS_MAX * 2)
    wire(world, fuse)
    world.forward(text())
    return STEPS_MAX * 2 - fuse.left


def crashed(make: Callable[[], World], step: int) -> World:
    """A world in which the first delivery crashed at this step."""
    world, fuse = make(), Fuse(left=step)
    wire(world, fuse)
    with pytest.raises(Crash):
        world.forward(text())
    return world


def answering() -> World:
    return World(answer("one", "two", end_session=True), answer("uno", "dos", end_session=True))


def refusing() -> World:
    return World(UpstreamRefused(Reason.BACKEND_REFUSED, "the backend answered 404"))


ANSWERING, REFUSING = range(1, steps(answering) + 1), range(1, steps(refusing) + 1)


def test_there_are_many_places_to_crash_at() -> None:
    assert len(ANSWERING) == 20
    assert len(REFUSING) >= 13


@pytest.mark.parametrize("step", ANSWERING)
def test_after_any_crash_the_next_delivery_answers_once(step: int) -> None:
    world = crashed(answering, step)
    world.claims.expire()
    assert world.forward(text(), receives=2) == Done(LogEvent.ANSWERED)
    first, second = world.replies
    assert (first[0], second[0]) == (f"{TEXT_ID}-1", f"{TEXT_ID}-2")
    assert (first[1], second[1]) in {("one", "two"), ("uno", "dos")}
    assert world.sessions.ended
    assert not world.reasons


@pytest.mark.parametrize("step", ANSWERING)
def test_the_backend_is_asked_again_only_when_its_answer_was_not_kept_yet(step: int) -> None:
    world = crashed(answering, step)
    kept = bool(world.claims.kept)
    asked = len(world.backend.asked)
    world.claims.expire()
    world.forward(text(), receives=2)
    assert len(world.backend.asked) == (asked if kept else asked + 1)
    assert all(again == world.backend.asked[0] for again in world.backend.asked), "with the very same event"


@pytest.mark.parametrize("step", ANSWERING)
def test_until_the_crashed_ones_time_is_over_nobody_asks(step: int) -> None:
    world = crashed(answering, step)
    asked = len(world.backend.asked)
    if world.claims.in_progress:
        assert isinstance(world.forward(text(), receives=2), Again)
        assert len(world.backend.asked) == asked


@pytest.mark.parametrize("step", REFUSING)
def test_after_any_crash_a_refused_text_is_parked_and_apologised_for_once(step: int) -> None:
    world = crashed(refusing, step)
    world.claims.expire()
    assert world.forward(text(), receives=2) == Done(LogEvent.PARKED, "backend_refused")
    assert world.reasons == ["backend_refused"]
    assert world.replies == [(f"{TEXT_ID}-f-1", AGENT.failure_reply)]


@pytest.mark.parametrize("step", REFUSING)
def test_the_person_is_told_before_a_refused_text_is_parked(step: int) -> None:
    """What is parked stays parked until somebody replays it: it must not come again because the telling failed."""
    world = crashed(refusing, step)
    assert world.queue.sent or not world.reasons
