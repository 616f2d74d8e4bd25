"""Webhooks that come to the URL for texts and are none are acknowledged, never queued. No text is taken for one."""

import dataclasses

import pytest

from shared.errors import InvalidSignature, Malformed
from shared.messages.inbound import Misdirection, WebhookRequest
from shared.providers.twilio import statuses
from shared.providers.twilio.webhook import Twilio
from shared.providers.webhooks import PROVIDERS
from shared.receiving.receiver import Receipt, Receiver
from shared.tenants.tenant import SignatureMode
from tests.fakes import (
    ACCOUNT,
    ACCOUNTS,
    NOW,
    OUR_NUMBER,
    PERSON,
    FakeAccounts,
    FakeQueue,
    FakeTenants,
    credential,
    inbound,
    sample,
    status,
    webhook,
)
from tests.fakes import tenant as tenant_of

WRITER, KEY = credential()
ACME = tenant_of(WRITER)
CALL = [
    ("CallSid", "CA" + "0" * 32),
    ("AccountSid", ACCOUNT),
    ("From", PERSON),
    ("To", OUR_NUMBER),
    ("CallStatus", "ringing"),
]
CONVERSATION = [
    ("EventType", "onMessageAdded"),
    ("AccountSid", ACCOUNT),
    ("MessageSid", "IM" + "0" * 32),
    ("Body", "Hello"),
]
DEBUGGER = [
    *(("Sid", "NO" + "0" * 32), ("AccountSid", ACCOUNT), ("ParentAccountSid", "AC" + "9" * 32), ("Level", "ERROR")),
    *(("PayloadType", "application/json"), ("Payload", '{"resource_sid":"SM1"}')),
]
OTHERS = [
    (status(), Misdirection.STATUS),
    (status(SmsStatus=""), Misdirection.STATUS),
    ([field for field in status() if field[0] != "MessageStatus"], Misdirection.STATUS),
    (status(MessageStatus="partially_delivered", SmsStatus="partially_delivered"), Misdirection.STATUS),
    ([*status(), ("EventType", "READ"), ("ChannelPrefix", "whatsapp")], Misdirection.STATUS),
    (CALL, Misdirection.VOICE),
    (CONVERSATION, Misdirection.OTHER),
    (DEBUGGER, Misdirection.OTHER),
    *((status(MessageStatus=word, SmsStatus=word), Misdirection.STATUS) for word in statuses.RANKS),
]


def received(request: WebhookRequest, queue: FakeQueue, mode: SignatureMode = SignatureMode.ENFORCE) -> Receipt:
    tenants = FakeTenants(dataclasses.replace(ACME, signature_mode=mode))
    accounts = FakeAccounts(*ACCOUNTS)
    return Receiver(tenants, accounts, PROVIDERS, queue, "east", lambda: NOW).receive(KEY, request)


@pytest.mark.parametrize(("form", "kind"), OTHERS)
def test_another_webhook_is_acknowledged_under_its_name_and_never_queued(
    form: list[tuple[str, str]], kind: Misdirection
) -> None:
    queue = FakeQueue()
    receipt = received(webhook(form), queue)
    assert (receipt.misdirection, receipt.conversation, queue.sent) == (kind, None, [])
    assert receipt.acknowledgement == Twilio.acknowledgement
    assert (receipt.tenant_id, receipt.credential_id) == ("acme", WRITER.id)


def test_a_status_is_logged_with_the_id_of_its_message() -> None:
    assert received(webhook(status()), FakeQueue()).message_id == "SM" + "5" * 32
    assert received(webhook(CALL), FakeQueue()).message_id is None
    assert received(webhook(CONVERSATION), FakeQueue()).message_id is None


@pytest.mark.parametrize("form", [form for form, _ in OTHERS[:8]])
def test_an_unsigned_webhook_is_refused_first(form: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidSignature):
        received(webhook(form, token="wrong"), FakeQueue())


def test_observing_reports_the_signature_of_other_webhooks_too() -> None:
    queue = FakeQueue()
    receipt = received(webhook(status(), token="wrong"), queue, SignatureMode.OBSERVE)
    assert (receipt.misdirection, receipt.would_refuse) == (Misdirection.STATUS, "invalid_signature")
    assert queue.sent == []


@pytest.mark.parametrize(
    "changes",
    [
        *({}, {"SmsStatus": ""}, {"SmsStatus": "receiving"}, {"MessageStatus": ""}, {"MessageStatus": "received"}),
        *({"MessageStatus": "delivered"}, {"EventType": "X"}, {"CallSid": "CA" + "0" * 32}, {"ConversationSid": "CH0"}),
        *({"SmsStatus": "brand_new"}, {"SmsStatus": "brand_new", "Body": ""}, {"PayloadType": "text", "Payload": "x"}),
    ],
)
def test_a_genuine_text_is_queued_whatever_else_it_has(changes: dict[str, str]) -> None:
    queue = FakeQueue()
    assert received(webhook(inbound(**changes)), queue).misdirection is None
    assert len(queue.sent) == 1


def test_a_text_without_a_status_and_without_a_body_is_a_text() -> None:
    queue = FakeQueue()
    bare = [field for field in inbound() if field[0] in {"MessageSid", "AccountSid", "From", "To"}]
    assert received(webhook(bare), queue).misdirection is None
    assert len(queue.sent) == 1


@pytest.mark.parametrize("kind", ["sms", "mms", "whatsapp"])
def test_every_recorded_text_is_queued_as_a_text(kind: str) -> None:
    assert Twilio().misdirection(webhook(sample(f"twilio_inbound_{kind}.json")["fields"].items())) is None


@pytest.mark.parametrize("form", [[("AccountSid", ACCOUNT)], inbound(MessageSid=""), inbound(From="")])
def test_what_has_no_sign_of_another_webhook_is_malformed(form: list[tuple[str, str]]) -> None:
    with pytest.raises(Malformed):
        received(webhook(form), FakeQueue())
