"""The events about replies, and a text as a backend gets it: held to the schemas that are published."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages import events
from shared.messages.outbound import OptOut, OutboundMessage, Reply
from shared.messages.sessions import Turn
from shared.messages.status import DeliveryOutcome, ProviderStatus, StatusReport
from tests.descriptions import check_event, check_queued
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, PROVIDER, REST_SECRET, SALT, TOKEN, inbound, tenant
from tests.provider import PROVIDERS, webhook

MESSAGE_ID = "SM" + "5" * 32
CONVERSATION = events.conversation_id(tenant().salt, ours=OUR_NUMBER, person=PERSON)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=1600)


def through_json(event: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(event))
    return read


def received() -> dict[str, Any]:
    return events.received(tenant(), PROVIDERS[0].parse(webhook(inbound())), stage="east", now=NOW)


def for_backend(number: int = 1, opt_out: OptOut | None = None) -> dict[str, Any]:
    turn = Turn("s" * 32, number, NOW, NOW + timedelta(seconds=1) if number > 1 else None)
    return through_json(events.for_backend(received(), agent="desk", turn=turn, opt_out=opt_out))


def send(text: str = "Yes.", *, answer_id: str = MESSAGE_ID, in_reply_to: str | None = MESSAGE_ID) -> dict[str, Any]:
    envelope = events.AnswerEnvelope(
        source=f"/sms-receiver/east/{PROVIDER}",
        tenant="acme",
        agent="desk",
        provider=PROVIDER,
        account=ACCOUNT,
        conversation=CONVERSATION,
        sender=OUR_NUMBER,
        recipient=PERSON,
        answer_id=answer_id,
        in_reply_to=in_reply_to,
    )
    message = OutboundMessage(f"{answer_id}-2", ACCOUNT, OUR_NUMBER, PERSON, text, ("https://files.example.com/a.jpg",))
    return through_json(events.send(envelope, message, part=2, parts=3, now=NOW))


def resend() -> dict[str, Any]:
    reply = Reply("acme", f"{MESSAGE_ID}-2", "desk", CONVERSATION, None)
    failed = ProviderStatus("failed", 1, is_final=False)
    report = StatusReport(
        "SM1", ACCOUNT, OUR_NUMBER, PERSON, failed, is_known=True, outcome=DeliveryOutcome.RETRYABLE, error_code=30001
    )
    event = events.resend(reply, report, source=f"/sms-receiver/east/{PROVIDER}", provider=PROVIDER, now=NOW)
    return through_json(event)


def status(word: str = "delivered", error_code: int | None = None, *, message_id: str = "SM1") -> dict[str, Any]:
    reply = Reply("acme", f"{MESSAGE_ID}-2", "desk", CONVERSATION, None)
    report = StatusReport(
        message_id,
        ACCOUNT,
        OUR_NUMBER,
        PERSON,
        ProviderStatus(word, 1, is_final=False),
        is_known=True,
        outcome=None,
        error_code=error_code,
    )
    event = events.status(reply, report, source=f"/sms-receiver/east/{PROVIDER}", provider=PROVIDER, now=NOW)
    return through_json(event)


EVENTS = {"backend": for_backend(), "send": send(), "resend": resend(), "status": status()}


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("opt_out", [None, *OptOut])
def test_a_backend_gets_the_text_with_agent_session_and_opt_out(number: int, opt_out: OptOut | None) -> None:
    event = for_backend(number, opt_out)
    check_event(event)
    check_queued("backend", event, group=f"acme.{CONVERSATION}", deduplication=event["id"])
    assert event["data"]["session"]["turn"] == number
    assert (event["data"]["agent"], event["data"]["opt_out"]) == ("desk", opt_out)


@given(any_text)
def test_a_message_matches_the_published_schema_whatever_its_text(text: str) -> None:
    event = send(text)
    check_event(event)
    assert (event["id"], event["data"]["text"]) == (f"{MESSAGE_ID}-2", text)


@pytest.mark.parametrize("answer_id", [MESSAGE_ID, f"{MESSAGE_ID}-f", "AP" + "0" * 32])
def test_each_kind_of_answer_matches_the_published_schema(answer_id: str) -> None:
    event = send(answer_id=answer_id, in_reply_to=None)
    check_queued("outbound", event, group=f"acme.{CONVERSATION}", deduplication=f"{answer_id}-2")


@pytest.mark.parametrize(
    ("word", "code"), [("sent", None), ("failed", 30003), ("parked", None), ("undelivered", 21610)]
)
def test_a_status_matches_the_published_schema_and_has_its_own_group(word: str, code: int | None) -> None:
    event = status(word, code)
    check_queued("inbound", event, group=events.status_group(event), deduplication=event["id"])
    assert event["id"] == f"{MESSAGE_ID}-2.{word}" + (f".{code}" if code else "")
    assert status("parked", message_id="")["data"]["message_id"] is None


def test_a_resend_matches_the_published_schema_and_names_the_message_that_failed() -> None:
    event = resend()
    check_queued("outbound", event, group=f"acme.{CONVERSATION}", deduplication=f"{MESSAGE_ID}-2.SM1")


@pytest.mark.parametrize(
    "event",
    [
        {"id": "SM42-1", "type": "sms.message.resend.v1"},
        {"id": "SM42-1", "type": "sms.message.resend.v1", "data": []},
        *({"id": "SM42-1", "type": "sms.message.resend.v1", "data": {"message_id": id_}} for id_ in (7, "", "x" * 41)),
        {"id": "SM42-1", "type": "sms.message.status.v1", "data": {"message_id": "SM1"}},
        {"id": "SM42-1"},
    ],
)
def test_every_event_has_a_deduplication_id_that_the_queue_takes(event: dict[str, Any]) -> None:
    assert events.deduplication(event) == "SM42-1"


def test_the_groups_of_texts_and_statuses_differ() -> None:
    assert events.status_group(status()) != events.conversation_group(status())
    assert events.conversation_group(send()) == events.conversation_group(received())


@pytest.mark.parametrize("kind", EVENTS)
def test_a_replay_is_counted_in_the_event_and_in_its_deduplication_id(kind: str) -> None:
    channel = {"backend": "inbound", "send": "outbound", "resend": "outbound", "status": "inbound"}[kind]
    event = EVENTS[kind] | {"replay": 2}
    group = events.status_group(event) if kind == "status" else events.conversation_group(event)
    check_queued(channel, event, group=group, deduplication=f"{events.deduplication(event)}.2")
    with pytest.raises(AssertionError):
        check_queued(channel, event, group=group, deduplication=event["id"])


@pytest.mark.parametrize("kind", EVENTS)
def test_nothing_secret_is_in_an_event(kind: str) -> None:
    for secret in (TOKEN, REST_SECRET, SALT):
        assert secret not in json.dumps(EVENTS[kind])


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in EVENTS for name in EVENTS[kind]])
def test_the_schema_requires_every_attribute(kind: str, name: str) -> None:
    event = {known: value for known, value in EVENTS[kind].items() if known != name}
    with pytest.raises(AssertionError):
        check_event(event)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in ("send", "resend", "status") for name in EVENTS[kind]["data"] if name != "received_at"],
)
def test_the_schema_requires_every_field_of_the_data(kind: str, name: str) -> None:
    data = {known: value for known, value in EVENTS[kind]["data"].items() if known != name}
    with pytest.raises(AssertionError):
        check_event(EVENTS[kind] | {"data": data})


@pytest.mark.parametrize("name", ["agent", "session", "opt_out"])
def test_a_backends_queue_has_no_text_without_what_only_backends_get(name: str) -> None:
    data = {known: value for known, value in for_backend()["data"].items() if known != name}
    event = for_backend() | {"data": data}
    check_event(event)
    with pytest.raises(AssertionError):
        check_queued("backend", event, group=f"acme.{CONVERSATION}", deduplication=event["id"])


ATTRIBUTES: list[dict[str, object]] = [
    {"further": 1},
    {"replay": 0},
    {"replay": "1"},
    {"replay": True},
    {"id": ""},
    {"id": "a b"},
]
ATTRIBUTES += [{"time": "2026-11-23T12:00:00"}, {"subject": PERSON}, {"tenant": "A"}, {"source": "east"}, {"data": {}}]
DATA: dict[str, list[dict[str, object]]] = {
    "backend": [{"agent": ""}, {"opt_out": "stop"}, {"session": None}, {"session": {}}],
    "send": [{"text": "x" * 1601}, {"text": None}, {"part": 0}, {"media_urls": [""]}, {"reply_id": "a.b"}],
    "status": [{"status": ""}, {"status": "Sent"}, {"error_code": 0}, {"error_code": "1"}],
}
EVERYWHERE: list[dict[str, object]] = [{"further": 1}, {"from": ""}]
FIELDS = [(kind, change) for kind, changes in DATA.items() for change in changes + EVERYWHERE]


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("change", [*ATTRIBUTES, {"type": "sms.message.send.v2"}, {"type": None}], ids=str)
def test_the_schema_refuses_attributes_that_we_never_send(kind: str, change: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        check_event(EVENTS[kind] | change)


@pytest.mark.parametrize(("kind", "change"), FIELDS, ids=str)
def test_the_schema_refuses_data_that_we_never_send(kind: str, change: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        check_event(EVENTS[kind] | {"data": EVENTS[kind]["data"] | change})
