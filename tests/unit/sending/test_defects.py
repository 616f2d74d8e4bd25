"""A defect anywhere in sending: tried again like any other failure, then parked as what it is."""

from dataclasses import dataclass
from typing import Any

import pytest

from shared.errors import Defect, Malformed
from shared.retry import Again, Done
from shared.telemetry import LogEvent, Metric
from tests.fakes import OUR_NUMBER, PERSON
from tests.unit.messages.outbound_events import outbound
from tests.unit.sending.fakes import TAKEN, TAKEN_BUT_LOST, World, parked, record

HUSH = f"{PERSON} reads: part 1"
BUG = ValueError(HUSH)
DELAYS = (5, 20, 80, 120)


@dataclass
class Buggy:
    """A port of which one method raises what nobody foresaw, the first `times` times."""

    port: Any
    method: str
    times: int = 1000

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of any port
        if name != self.method or self.times == 0:
            return getattr(self.port, name)

        def fail(*_args: object, **_options: object) -> None:
            self.times -= 1
            raise BUG

        return fail


def world_with(port: str, method: str, times: int = 1000) -> World:
    world = World()
    setattr(world, port, Buggy(getattr(world, port), method, times))
    return world


BUGS = [("accounts", "find"), ("agents", "agent_at"), ("claims", "once"), ("replies", "attempt")]


@pytest.mark.parametrize(("port", "method"), BUGS)
def test_what_certainly_was_not_sent_is_parked_as_a_defect(port: str, method: str) -> None:
    world = world_with(port, method)
    said = [world.deliver(outbound(), receives=receives) for receives in range(1, len(DELAYS) + 2)]
    assert said == [*(Again(delay, "defect") for delay in DELAYS), Done(LogEvent.PARKED, "defect")]
    (one,) = world.parking.kept.values()
    assert (one.number, one.group) == (OUR_NUMBER, f"acme.{outbound()['subject']}")
    assert one.detail.startswith("ValueError in shared.")
    assert HUSH not in one.detail
    assert world.texts() == []


def test_each_try_tells_what_it_was_for_the_log() -> None:
    said = world_with("claims", "once").deliver(outbound())
    assert isinstance(said.defect, Defect)
    assert str(said.defect).startswith("ValueError in shared.sending.sender, line ")


def test_what_may_have_been_sent_is_parked_as_perhaps_sent_and_never_sent_blindly() -> None:
    world = world_with("api", "send")
    setattr(world, "api", Buggy(world.api, "find"))  # noqa: B010 - it stands for the API
    done = world.run(outbound())
    assert (done, done.defect is not None) == (Done(LogEvent.PARKED, "perhaps_sent"), True)
    assert record(world).attempted_at
    assert world.texts() == []


def test_a_defect_after_the_provider_took_it_sends_nothing_twice() -> None:
    world = world_with("replies", "advance", times=1)
    world.api.behaviours = [TAKEN]
    assert world.run(outbound()) == Done(LogEvent.SENT)
    assert world.texts() == ["part 1"]


def test_a_defect_that_passes_leaves_no_trace() -> None:
    world = world_with("accounts", "find", times=3)
    assert world.run(outbound()) == Done(LogEvent.SENT)
    assert parked(world) == {}


@pytest.mark.parametrize("changes", [{"in_reply_to": "\ud800"}, {"in_reply_to": "x" * 201}, {"from_": "+" * 230_000}])
def test_what_dynamodb_could_not_keep_is_parked_without_it(changes: dict[str, Any]) -> None:
    world = World()
    assert world.run(outbound(**changes)) == Done(LogEvent.PARKED, "malformed")
    (one,) = world.parking.kept.values()
    assert len(one.number) <= 100
    assert record(world).in_reply_to in {None, "SM42"}


@pytest.mark.parametrize("year", ["0001", "9999"])
@pytest.mark.parametrize("zone", ["+00:00", "+23:59", "-23:59"])
def test_a_time_that_cannot_be_is_not_measured(year: str, zone: str) -> None:
    world = World()
    done = world.run(outbound(received_at=f"{year}-{'01-01' if year == '0001' else '12-31'}T23:30:00{zone}"))
    assert done in {Done(LogEvent.SENT), Done(LogEvent.PARKED, "malformed")}
    assert Metric.END_TO_END_MS not in world.measurements.take()


def test_a_reply_that_ended_the_function_each_time_is_parked_untried() -> None:
    world = World()
    said = world.sender().crashed(outbound())
    assert (said, said.defect is not None) == (Done(LogEvent.PARKED, "defect"), True)
    assert world.texts() == []
    (one,) = world.parking.kept.values()
    assert one.group == f"acme.{outbound()['subject']}"


def test_one_that_may_have_gone_out_before_it_ended_is_perhaps_sent() -> None:
    world = World()
    world.api.behaviours = [TAKEN_BUT_LOST]
    world.deliver(outbound())
    assert world.sender().crashed(outbound()) == Done(LogEvent.PARKED, "perhaps_sent")


def test_one_that_certainly_went_out_is_sent() -> None:
    world = World()
    world.run(outbound())
    assert world.sender().crashed(outbound()) == Done(LogEvent.SENT)
    assert parked(world) == {}


def test_one_that_cannot_be_understood_is_parked_all_the_same() -> None:
    assert World().sender().crashed(outbound(text=5)) == Done(LogEvent.PARKED, "defect")
    with pytest.raises(Malformed):
        World().sender().crashed(outbound() | {"tenant": None})
