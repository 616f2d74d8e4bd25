"""The checks in tests/descriptions.py: they let real answers and events pass, and notice what is not described."""

import json
from typing import Any

import pytest

from shared.errors import Malformed, NotOurs, Unavailable
from shared.reasons import Reason
from tests.descriptions import check_answer, check_backend_answer, check_backend_request, check_event, check_queued
from tests.unit.messages.test_events_of_replies import CONVERSATION, MESSAGE_ID, for_backend, send, status

SEND, STATUS = "/sms.sender/SmsSend", f"/sms.receiver/SmsStatus/acme/{MESSAGE_ID}-1"
JSON = {"content-type": "application/json", "cache-control": "no-store"}
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
SUBMITTED = {"id": "AP" + "0" * 32, "reply_ids": ["AP" + "0" * 32 + "-1"]}
WEBHOOK = {
    "Content-Type": "application/cloudevents+json",
    "Webhook-Id": MESSAGE_ID,
    "Webhook-Timestamp": "1763899200",
    "Webhook-Signature": "v1,aGVsbG8= v1,d29ybGQ=",
}


def refusal(reason: str, **more: str) -> str:
    return json.dumps({"reason": reason, "message": "why", **more})


@pytest.mark.parametrize(
    ("path", "code", "headers", "body"),
    [
        (SEND, 202, JSON, json.dumps(SUBMITTED)),
        (
            SEND,
            202,
            {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"},
            json.dumps(SUBMITTED),
        ),
        (SEND, 400, JSON, refusal(Malformed.reason, field="to")),
        (SEND, 401, JSON | {"WWW-Authenticate": "Basic"}, refusal("UNAUTHORIZED")),
        (SEND, 503, JSON, refusal("in_progress")),
        ("/sms.receiver/SmsRecv", 200, {"Content-Type": "text/xml"}, TWIML),
        (STATUS, 204, {}, ""),
        (STATUS, 403, JSON, refusal("invalid_signature")),
    ],
)
def test_an_answer_that_is_described_passes(path: str, code: int, headers: dict[str, str], body: str) -> None:
    check_answer("POST", path, code, headers, body)


@pytest.mark.parametrize(
    ("path", "code", "headers", "body"),
    [
        ("/sms.sender/SmsSend/x", 202, JSON, json.dumps(SUBMITTED)),
        ("/sms.receiver/SmsStatus/acme", 204, {}, ""),
        (SEND, 200, JSON, json.dumps(SUBMITTED)),
        (SEND, 429, JSON, refusal("THROTTLED")),
        (SEND, 202, {"content-type": "application/json"}, json.dumps(SUBMITTED)),
        (SEND, 202, JSON | {"cache-control": "public"}, json.dumps(SUBMITTED)),
        (SEND, 202, JSON | {"content-type": "text/html"}, json.dumps(SUBMITTED)),
        (SEND, 202, {"cache-control": "no-store"}, json.dumps(SUBMITTED)),
        (SEND, 202, JSON, json.dumps(SUBMITTED | {"further": 1})),
        (SEND, 202, JSON, json.dumps({"id": "AP1", "reply_ids": []})),
        (SEND, 400, JSON, refusal("too_large")),
        (SEND, 403, JSON, refusal("invalid_signature")),
        (SEND, 503, JSON, refusal(Unavailable.__name__)),
        (SEND, 400, JSON, json.dumps({"reason": "malformed"})),
        (STATUS, 401, JSON, refusal("invalid_key")),
        (STATUS, 403, JSON, refusal("forbidden_role")),
        ("/sms.receiver/SmsRecv", 200, {"Content-Type": "text/xml"}, "<Response><Message>hi</Message></Response>"),
        ("/sms.receiver/SmsRecv", 403, JSON, refusal(NotOurs(Reason.NOT_OUR_NUMBER, "", field="from").reason)),
    ],
)
def test_an_answer_that_is_not_described_is_noticed(path: str, code: int, headers: dict[str, str], body: str) -> None:
    with pytest.raises(AssertionError):
        check_answer("POST", path, code, headers, body)


def test_another_method_is_noticed() -> None:
    with pytest.raises(AssertionError, match="GET"):
        check_answer("GET", SEND, 202, JSON, json.dumps(SUBMITTED))


def test_a_request_to_a_backend_passes_and_each_missing_header_is_noticed() -> None:
    body = json.dumps(for_backend())
    webhook = WEBHOOK | {"Webhook-Id": for_backend()["id"]}
    check_backend_request(webhook, body)
    check_backend_request(webhook | {"Webhook-Id": status()["id"]}, json.dumps(status()))
    for name in webhook:
        with pytest.raises(AssertionError):
            check_backend_request({known: value for known, value in webhook.items() if known != name}, body)


@pytest.mark.parametrize(
    "change", [{"Webhook-Signature": "v0,a"}, {"Webhook-Timestamp": "now"}, {"Webhook-Id": "other"}]
)
def test_a_wrong_header_of_a_request_to_a_backend_is_noticed(change: dict[str, str]) -> None:
    with pytest.raises(AssertionError):
        check_backend_request(WEBHOOK | {"Webhook-Id": for_backend()["id"]} | change, json.dumps(for_backend()))


@pytest.mark.parametrize("event", [send(), for_backend() | {"type": "x"}, {}])
def test_a_backend_is_never_asked_about_anything_else(event: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_backend_request(WEBHOOK | {"Webhook-Id": event.get("id", "")}, json.dumps(event))


@pytest.mark.parametrize(
    ("code", "said"), [(200, {"messages": [{"text": "Yes."}]}), (200, {}), (204, None), (502, None)]
)
def test_a_backends_answer_passes(code: int, said: object) -> None:
    check_backend_answer(code, {"Content-Type": "application/json"}, json.dumps(said))


@pytest.mark.parametrize(
    "said", [{"message": "Yes."}, {"messages": "Yes."}, {"messages": [{}]}, {"messages": [{"text": " "}]}]
)
def test_nonsense_of_a_backend_is_noticed(said: object) -> None:
    with pytest.raises(AssertionError):
        check_backend_answer(200, {"Content-Type": "application/json"}, json.dumps(said))


@pytest.mark.parametrize("event", [None, [], {}, {"type": None}, {"type": "tenant-access.v4"}, {"type": "../openapi"}])
def test_what_is_no_event_is_noticed(event: object) -> None:
    with pytest.raises(AssertionError):
        check_event(event)


@pytest.mark.parametrize(
    ("channel", "event", "group"),
    [
        ("inbound", send(), f"acme.{CONVERSATION}"),
        ("outbound", status(), f"acme.{CONVERSATION}"),
        ("outbound", for_backend(), f"acme.{CONVERSATION}"),
        ("outbound", send(), CONVERSATION),
        ("inbound", status(), f"acme.{CONVERSATION}"),
        ("outbound", send() | {"tenant": "other"}, f"acme.{CONVERSATION}"),
    ],
)
def test_an_event_on_the_wrong_queue_or_in_the_wrong_group_is_noticed(
    channel: str, event: dict[str, Any], group: str
) -> None:
    with pytest.raises(AssertionError):
        check_queued(channel, event, group=group, deduplication=event["id"])
