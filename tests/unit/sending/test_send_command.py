"""Events of the outbound queue, some of which a customer's backend wrote: what is believed, and what is refused."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed
from shared.retry import Done
from shared.sending.send_command import check_size, read
from shared.telemetry import LogEvent
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON
from tests.provider import ITS_RULES
from tests.unit.messages.outbound_events import CONVERSATION, outbound
from tests.unit.sending.fakes import World, parked

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = sorted(outbound()["data"])
ATTRIBUTES = sorted(outbound())


def check(event: dict[str, Any]) -> None:
    """Reads a command, and checks its size for the provider."""
    check_size(read(event, now=NOW).message, ITS_RULES)


def test_reads_what_the_forwarder_wrote() -> None:
    command = read(json.loads(json.dumps(outbound(part=2, parts=3, media_urls=["https://example.com/a.png"]))), now=NOW)
    assert (command.reply.tenant, command.reply.reply_id, command.reply.conversation) == (
        "acme",
        "SM42-2",
        CONVERSATION,
    )
    assert (command.earlier_part, command.reply.in_reply_to, command.replayed) == ("SM42-1", "SM42", False)
    message = command.message
    assert (message.reply_id, message.account, message.sender) == ("SM42-2", ACCOUNT, OUR_NUMBER)
    assert (message.recipient, message.text, message.media_urls) == (PERSON, "part 2", ("https://example.com/a.png",))


@pytest.mark.parametrize(
    "changes",
    [
        {"in_reply_to": None},
        {"text": "", "media_urls": ["http://127.0.0.1/a.png"]},
        {"text": "x" * ITS_RULES.text_max},
        {"text": "😀" * (ITS_RULES.text_max // 2)},
        {"media_urls": [f"https://example.com/{n}" for n in range(ITS_RULES.media_max)]},
        {"to": "whatsapp:+12025550123"},
        {"to": "12345"},
        {"unknown": "field"},
    ],
)
def test_takes_what_a_backend_may_write(changes: dict[str, Any]) -> None:
    event = outbound(**changes)
    check(event)
    assert read(event, now=NOW).reply.tenant == "acme"


@pytest.mark.parametrize(("replay", "replayed"), [(1, True), (7, True), (0, False), (True, False), ("1", False)])
def test_a_replay_is_marked_by_its_count(replay: object, *, replayed: bool) -> None:
    assert read(outbound() | {"replay": replay}, now=NOW).replayed is replayed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": None}, "data.text"),
        ({"text": "x" * (ITS_RULES.text_max + 1)}, "data.text"),
        ({"text": "😀" * (ITS_RULES.text_max // 2 + 1)}, "data.text"),
        ({"text": "\ud83d"}, "data.text"),
        ({"text": ""}, "data.media_urls"),
        ({"media_urls": None}, "data.media_urls"),
        ({"media_urls": "https://example.com"}, "data.media_urls"),
        ({"media_urls": [7]}, "data.media_urls"),
        ({"media_urls": ["ftp://example.com/a"]}, "data.media_urls"),
        ({"media_urls": ["https://example.com/a b"]}, "data.media_urls"),
        ({"media_urls": ["https://example.com/"] * (ITS_RULES.media_max + 1)}, "data.media_urls"),
        ({"from_": ""}, "data.from"),
        ({"from_": 12025550199}, "data.from"),
        ({"to": None}, "data.to"),
        ({"to": "+1202\n5550123"}, "data.to"),
        ({"to": "+" * 201}, "data.to"),
        ({"account": None}, "data.account"),
        ({"reply_id": "SM42-2"}, "data.reply_id"),
        ({"answer_id": None}, "data.answer_id"),
        ({"part": 0}, "data.part"),
        ({"part": 2}, "data.part"),
        ({"part": True}, "data.part"),
        ({"part": "1"}, "data.part"),
        ({"parts": None}, "data.parts"),
        ({"in_reply_to": 7}, "data.in_reply_to"),
        ({"in_reply_to": "\ud800"}, "data.in_reply_to"),
        ({"in_reply_to": "SM" * 101}, "data.in_reply_to"),
        ({"from_": "+" * 230_000}, "data.from"),
        ({"from_": "\ud800"}, "data.from"),
        ({"received_at": "0001-01-01T00:30:00+02:00"}, "data.received_at"),
        ({"received_at": "1999-12-31T23:59:59+00:00"}, "data.received_at"),
        ({"received_at": "9999-12-31T23:30:00-02:00"}, "data.received_at"),
        ({"received_at": (NOW + timedelta(days=2)).isoformat()}, "data.received_at"),
        ({"received_at": 7}, "data.received_at"),
        ({"conversation": "other"}, "subject"),
        ({"conversation": CONVERSATION[:-1]}, "subject"),
    ],
)
def test_names_the_field_that_is_wrong_and_nothing_that_is_in_it(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        check(outbound(**changes))
    assert str(refused.value) == (
        f"the event's field {field} is missing or wrong; see the description of the outbound queue"
    )


@pytest.mark.parametrize(
    "changes",
    [{"text": "x" * (ITS_RULES.text_max + 1)}, {"media_urls": ["https://example.com/"] * (ITS_RULES.media_max + 1)}],
)
def test_what_is_more_than_the_provider_takes_is_parked_and_never_sent(changes: dict[str, Any]) -> None:
    world = World()
    assert world.run(outbound(**changes)) == Done(LogEvent.PARKED, "malformed")
    assert world.api.accounts == []
    assert parked(world) == {"SM42-1": "malformed"}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": "x" * 81},
        {"id": "SM42.1"},
        {"type": "sms.message.received.v1"},
        {"type": None},
        {"subject": None},
        {"data": None},
        {"data": []},
    ],
)
def test_refuses_what_is_no_send_command(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read(outbound() | changes, now=NOW)


@pytest.mark.parametrize("name", FIELDS)
def test_says_when_a_needed_field_is_missing(name: str) -> None:
    event = outbound()
    del event["data"][name]
    if name in {"agent", "provider", "in_reply_to", "received_at"}:
        command = read(event, now=NOW)
        assert (command.reply.in_reply_to, command.received_at) == (
            event["data"].get("in_reply_to"),
            NOW if "received_at" in event["data"] else None,
        )
    else:
        with pytest.raises(Malformed):
            read(event, now=NOW)


@given(st.sampled_from(FIELDS), anything)
def test_nothing_in_a_field_does_more_than_park_the_event(name: str, value: object) -> None:
    world = World()
    event = outbound()
    event["data"][name] = value
    done = world.run(event)
    assert (done.outcome is LogEvent.PARKED) == bool(world.parking.kept)
    assert len(world.texts()) == (done.outcome is LogEvent.SENT)


@given(st.sampled_from(ATTRIBUTES), anything)
def test_nothing_in_an_attribute_does_more_than_park_the_event(name: str, value: object) -> None:
    world = World()
    try:
        done = world.run(outbound() | {name: value})
    except Malformed:
        assert name == "tenant"
        assert not world.parking.kept
    else:
        assert (done.outcome is LogEvent.PARKED) == bool(world.parking.kept)


@given(st.dictionaries(st.sampled_from(ATTRIBUTES) | st.text(max_size=5), anything, max_size=6))
def test_any_object_that_names_a_tenant_is_parked_under_a_name_that_can_be_stored(event: dict[str, Any]) -> None:
    world = World()
    assert world.run(event | {"tenant": "acme"}) == Done(LogEvent.PARKED, "malformed")
    (found,) = world.parking.kept.values()
    for value in (found.id, found.group, found.number, found.detail):
        assert len(value.encode()) < 1024
    assert len(found.group) <= 128


@pytest.mark.parametrize("event_id", [None, "", 7, "\ud800", "x" * 300, "a b"])
def test_an_event_without_an_id_is_parked_and_so_is_the_next(event_id: object) -> None:
    world = World()
    for text in ("one", "two", "two"):
        assert world.run(outbound(text=text) | {"id": event_id}) == Done(LogEvent.PARKED, "malformed")
    assert len(world.parking.kept) == 2
    assert world.api.accounts == []
