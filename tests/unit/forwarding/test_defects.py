"""A defect anywhere in forwarding: tried again like any other failure, then parked as what it is."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from shared.errors import Malformed, Unavailable
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from tests.fakes import OUR_NUMBER, PERSON
from tests.forwarding_fakes import AGENT, BOTH, DELAYS, STATUS_DELAYS, TEXT_ID, World, answer, status, text

HUSH = f"{PERSON} wrote: Where is my order?"
BUG = ValueError(HUSH)
PARKED = Done(LogEvent.PARKED, "defect")
APOLOGY = [(f"{TEXT_ID}-f-1", AGENT.failure_reply)]


@dataclass
class Broken:
    """A port of which every method raises what nobody foresaw."""

    error: Exception = BUG

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of any port
        def fail(*_args: object, **_options: object) -> None:
            raise self.error

        return fail


def test_a_defect_counts_as_a_try_and_waits_as_every_try_does() -> None:
    world = World(BUG)
    said = [world.forward(text(), receives=receives) for receives in range(1, len(DELAYS) + 1)]
    assert said == [Again(delay, "defect") for delay in DELAYS]
    assert len(world.backend.asked) == len(DELAYS)
    assert not world.reasons
    assert not world.queue.sent


def test_at_last_it_is_parked_with_its_reason_and_the_person_hears_of_it() -> None:
    world = World(BUG)
    assert world.exhaust(text()) == PARKED
    assert world.replies == APOLOGY
    (parked,) = world.parking.kept.values()
    assert (parked.reason, parked.event, parked.number) == ("defect", text(), OUR_NUMBER)
    assert parked.detail.startswith("ValueError in shared.forwarding.backend_call, line ")
    assert HUSH not in parked.detail


def test_each_try_tells_what_it_was_for_the_log_and_nothing_of_what_it_said() -> None:
    world = World(BUG)
    for said in (world.forward(text()), world.forward(text(), receives=len(DELAYS) + 1)):
        assert said.defect
        assert str(said.defect).startswith("ValueError in shared.forwarding.backend_call, line ")
        assert HUSH not in str(said.defect)


def test_a_defect_that_passes_leaves_no_trace() -> None:
    world = World(BUG, BUG, answer("Here I am."))
    assert world.exhaust(text()) == Done(LogEvent.ANSWERED)
    assert world.replies == [(f"{TEXT_ID}-1", "Here I am.")]


def test_a_defect_of_the_first_backend_is_none_of_the_second() -> None:
    """It may be in what both have in common, and the first may have taken the text."""
    world = World(BUG, second=(answer("Me."),), agent=BOTH)
    assert world.forward(text()) == Again(DELAYS[0], "defect")
    assert not world.second.asked


def broken(**ports: Any) -> World:  # noqa: ANN401 - any port of the forwarder
    world = World()
    world.forwarder = replace(world.forwarder, **ports)
    return world


def test_a_defect_in_keeping_the_session_is_apologised_for() -> None:
    world = broken(sessions=Broken())
    assert world.exhaust(text()) == PARKED
    assert world.replies == APOLOGY


@pytest.mark.parametrize("port", ["outbound", "limits", "agents", "backends"])
def test_wherever_it_is_the_text_is_parked(port: str) -> None:
    """Also where the apology breaks for the same reason."""
    world = broken(**{port: Broken()})
    assert world.exhaust(text()) == PARKED
    assert world.reasons == ["defect"]


def test_a_status_has_fewer_tries_and_nobody_hears_of_it() -> None:
    world = World(BUG)
    said = [world.forward(status(), receives=receives) for receives in range(1, len(STATUS_DELAYS) + 2)]
    assert said == [*(Again(delay, "defect") for delay in STATUS_DELAYS), PARKED]
    assert not world.queue.sent


@pytest.mark.parametrize("words", ["STOP", "help"])
def test_opt_out_words_are_not_apologised_to(words: str) -> None:
    world = World(BUG)
    assert world.exhaust(text(words)) == PARKED
    assert not world.queue.sent


def test_a_defect_gives_the_claim_back_so_that_a_replay_asks_again() -> None:
    world = World(*[BUG] * (len(DELAYS) + 1), answer("Mended."))
    world.exhaust(text())
    assert world.forward(text() | {"replay": 1}) == Done(LogEvent.ANSWERED)


def test_what_not_even_parking_foresaw_is_for_whoever_called() -> None:
    world = broken(parking=Broken(), backends=Broken())
    with pytest.raises(ValueError, match="wrote"):
        world.exhaust(text())


def test_a_text_that_ended_the_function_each_time_is_parked_untried_and_the_person_hears_of_it() -> None:
    world = World()
    said = world.forwarder.crashed(text())
    assert (said, said.defect is not None) == (PARKED, True)
    assert not world.backend.asked
    assert world.replies == APOLOGY
    (parked,) = world.parking.kept.values()
    assert parked.detail == "each try ended the function: its time or its memory was used up"


@pytest.mark.parametrize("event", [status(), text(To="+12025550177"), text() | {"data": {}}, text("STOP")])
def test_nobody_hears_of_what_else_ended_it(event: dict[str, Any]) -> None:
    world = World()
    assert world.forwarder.crashed(event) == PARKED
    assert not world.queue.sent


def test_what_ended_it_and_has_no_tenant_cannot_even_be_parked() -> None:
    with pytest.raises(Malformed):
        World().forwarder.crashed(text() | {"tenant": None})


def test_what_ended_it_comes_again_when_it_cannot_be_parked_now() -> None:
    world = World()
    world.parking.failing = Unavailable("DynamoDB does not answer")
    with pytest.raises(Unavailable):
        world.forwarder.crashed(text())
