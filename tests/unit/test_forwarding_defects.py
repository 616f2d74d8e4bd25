"""A defect anywhere in forwarding: tried again like any other failure, then parked as what it is."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.answer import Parked
from shared.consuming import Again, Done
from shared.errors import Malformed
from shared.telemetry import LogEvent
from tests.fakes import NOW, OUR_NUMBER, PERSON
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
    assert parked.detail.startswith("ValueError in shared.asking, line ")
    assert HUSH not in parked.detail


def test_each_try_tells_what_it_was_for_the_log_and_nothing_of_what_it_said() -> None:
    world = World(BUG)
    for said in (world.forward(text()), world.forward(text(), receives=len(DELAYS) + 1)):
        assert said.defect
        assert str(said.defect).startswith("ValueError in shared.asking, line ")
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


@pytest.mark.parametrize("port", ["outbound", "limits", "tenants", "asking"])
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
    world = broken(parking=Broken(), asking=Broken())
    with pytest.raises(ValueError, match="wrote"):
        world.exhaust(text())


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
EVENTS = {"text": text(), "status": status()}


def parked_or_unnamed(world: World, event: dict[str, Any]) -> None:
    """Whatever it was: nothing is raised but what no tenant could see, and what is parked can be."""
    try:
        said = world.exhaust(event)
    except Malformed:
        assert not world.parking.kept
        return
    assert isinstance(said, Done)
    assert (said.outcome is LogEvent.PARKED) == bool(world.parking.kept)
    assert said.reason != "defect", world.parking.kept
    for parked in world.parking.kept.values():
        storable(parked)


def storable(parked: Parked) -> None:
    """As DynamoDB takes it, and SQS on a replay."""
    for value in (parked.tenant, parked.id, parked.group, parked.number, parked.detail):
        assert len(value.encode()) < 1024
    assert 0 < len(parked.group) <= 128


@given(st.sampled_from(sorted(EVENTS)), st.sampled_from(sorted(text() | status())), ANYTHING)
def test_nothing_in_an_attribute_does_more_than_park_the_event(kind: str, name: str, value: object) -> None:
    parked_or_unnamed(World(), EVENTS[kind] | {name: value})


@given(
    st.sampled_from(sorted(EVENTS)),
    st.sampled_from(sorted(text()["data"] | status()["data"])),
    ANYTHING,
)
def test_nothing_in_a_field_does_more_than_park_the_event(kind: str, name: str, value: object) -> None:
    parked_or_unnamed(World(), EVENTS[kind] | {"data": EVENTS[kind]["data"] | {name: value}})


def changed(data: dict[str, object] | None = None, *, without: str = "", **attributes: object) -> dict[str, Any]:
    event = text() | attributes | {"data": text()["data"] | (data or {})}
    event["data"].pop(without, None)
    event.pop(without, None)
    return event


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (changed(without="fields"), "data.fields"),
        (changed({"fields": {"OptOutType": 5}}), "data.fields"),
        (changed({"fields": {"OptOutType": [5]}}), "data.fields"),
        (changed(without="account"), "data.account"),
        (changed(without="from"), "data.from"),
        (changed({"to": 5}), "data.to"),
        (changed({"to": "\ud800"}), "data.to"),
        (changed({"text": None}), "data.text"),
        (changed(time="yesterday"), "time"),
        (changed(time="2026-11-28T12:00:00"), "time"),
        (changed(time=5), "time"),
        (changed(subject="x" * 200_000), "subject"),
        (changed({"conversation": "other"}), "subject"),
        (changed(without="source"), "source"),
        (changed(without="type"), "type"),
        (changed(type="sms.message.send.v1"), "type"),
        (changed(type=[]), "type"),
        (text() | {"data": None}, "data"),
        (text() | {"data": []}, "data"),
        (status() | {"data": status()["data"] | {"reply_id": "x" * 200}}, "data.reply_id"),
        (status() | {"data": status()["data"] | {"from": None}}, "data.from"),
    ],
)
def test_what_cannot_be_understood_is_parked_at_once_and_the_field_is_named(event: dict[str, Any], field: str) -> None:
    world = World()
    assert world.forward(event) == Done(LogEvent.PARKED, "malformed")
    (parked,) = world.parking.kept.values()
    assert parked.detail == f"the event's field {field} is missing or wrong; see the description of the inbound queue"
    assert parked.parked_at == NOW
    assert not world.backend.asked
    assert not world.queue.sent, "who knows whether a person wrote this"
    storable(parked)


@pytest.mark.parametrize(
    "names",
    [
        {"tenant": []},
        {"tenant": None},
        {"tenant": "No Tenant"},
        {"id": None},
        {"id": ""},
        {"id": "\ud800"},
        {"id": "x" * 200},
    ],
)
def test_what_names_no_tenant_or_has_no_id_cannot_even_be_parked(names: dict[str, object]) -> None:
    world = World()
    with pytest.raises(Malformed, match=r"^the event's field (tenant|id) is missing or wrong"):
        world.forward(text() | names)
    assert not world.backend.asked
    assert not world.reasons
