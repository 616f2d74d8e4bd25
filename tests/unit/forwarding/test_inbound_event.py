"""Events of the inbound queue, of which somebody may have made anything: worked on, or parked with what is wrong."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed
from shared.forwarding.inbound_event import InboundText, StatusUpdate, read, read_envelope
from shared.messages.outbound import Parked
from shared.retry import Done
from shared.telemetry import LogEvent
from shared.tenants.tenant import is_tenant_id
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, PROVIDER
from tests.forwarding_fakes import TEXT_ID, World, status, text

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
        tenant = event["tenant"]
        assert not (isinstance(tenant, str) and is_tenant_id(tenant))
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
    assert 0 < len(f"{parked.id}.{99_999}") <= 128


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
        (changed({"fields": {"anything": 5}}), "data.fields"),
        (changed({"fields": {"anything": [5]}}), "data.fields"),
        (changed(without="account"), "data.account"),
        (changed(without="from"), "data.from"),
        (changed({"to": 5}), "data.to"),
        (changed({"to": "\ud800"}), "data.to"),
        (changed({"text": None}), "data.text"),
        (changed(time="yesterday"), "time"),
        (changed(time="2026-11-28T12:00:00"), "time"),
        (changed(time=5), "time"),
        (changed(time="0001-01-01T00:30:00+02:00"), "time"),
        (changed(time="1999-12-31T23:59:59+00:00"), "time"),
        (changed(time="9999-12-31T23:30:00-02:00"), "time"),
        (changed(time=(NOW + timedelta(days=2)).isoformat()), "time"),
        (changed(id=None), "id"),
        (changed(id=""), "id"),
        (changed(id="\ud800"), "id"),
        (changed(id="x" * 121), "id"),
        (changed(id="SM1\n"), "id"),
        (changed(id=7, subject=None), "id"),
        (changed(without="id"), "id"),
        (status() | {"id": "SM1 .delivered"}, "id"),
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
        {"tenant": "acme\n"},
        {"tenant": "a" * 33},
    ],
)
def test_what_names_no_tenant_cannot_even_be_parked(names: dict[str, object]) -> None:
    world = World()
    with pytest.raises(Malformed, match=r"^the event's field tenant is missing or wrong"):
        world.forward(text() | names)
    assert not world.backend.asked
    assert not world.reasons


@given(st.dictionaries(st.sampled_from(sorted(text() | status())) | st.text(max_size=5), ANYTHING, max_size=6))
def test_any_object_that_names_a_tenant_is_parked_or_handled(event: dict[str, Any]) -> None:
    parked_or_unnamed(World(), event | {"tenant": "acme"})


def test_two_events_without_an_id_are_parked_apart_and_a_replay_of_one_is_the_same() -> None:
    world = World()
    for event in (changed(id=None), changed({"text": "Another."}, id=None), changed(id=None, replay=3)):
        assert world.forward(event) == Done(LogEvent.PARKED, "malformed")
    assert len(world.parking.kept) == 2
    assert all(re.fullmatch(r"unnamed-[0-9a-f]{32}", parked.id) for parked in world.parking.kept.values())


def test_an_event_that_is_nested_too_deeply_to_be_written_gets_an_id_all_the_same() -> None:
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    assert read_envelope({"tenant": "acme", "data": deep}).id.startswith("unnamed-")


def test_a_text_becomes_checked_values_and_keeps_its_event() -> None:
    event = text()
    content = read(read_envelope(event), now=NOW)
    assert isinstance(content, InboundText)
    assert (content.tenant, content.id, content.group) == ("acme", TEXT_ID, f"acme.{event['subject']}")
    assert (content.sender, content.recipient, content.number) == (PERSON, OUR_NUMBER, OUR_NUMBER)
    assert (content.source, content.provider, content.account) == (f"/sms-receiver/east/{PROVIDER}", PROVIDER, ACCOUNT)
    assert (content.time, content.received_at, content.conversation) == (event["time"], NOW, event["subject"])
    assert (content.is_probe, content.is_status) == (False, False)
    assert content.event is event
    assert content.data is event["data"]


def test_a_status_becomes_checked_values_and_keeps_its_event() -> None:
    event = status()
    content = read(read_envelope(event), now=NOW)
    assert isinstance(content, StatusUpdate)
    assert (content.tenant, content.id, content.group) == ("acme", f"{TEXT_ID}-1.delivered", f"acme.{TEXT_ID}-1")
    assert (content.sender, content.number, content.is_status) == (OUR_NUMBER, OUR_NUMBER, True)
    assert content.event is event


@pytest.mark.parametrize("event", [text(), status()])
def test_nothing_personal_is_in_a_repr(event: dict[str, Any]) -> None:
    envelope = read_envelope(event)
    for value in (repr(envelope), repr(read(envelope, now=NOW))):
        assert not [secret for secret in (PERSON, OUR_NUMBER, "Where is my order?") if secret in value]
