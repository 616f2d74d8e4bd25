"""The events on the queues: CloudEvents 1.0 in the JSON format. docs/schemas/ has their schemas."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.address import Address
from shared.messages.identity import identity
from shared.messages.inbound import InboundMessage
from shared.messages.status import StatusReport
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from shared.messages.outbound import OptOut, OutboundMessage, Reply
    from shared.messages.sessions import Turn

RECEIVED = "sms.message.received.v1"
SEND = "sms.message.send.v1"
RESEND = "sms.message.resend.v1"
STATUS = "sms.message.status.v1"

REPLY_ID = re.compile(r"[0-9A-Za-z-]{1,80}")
CONVERSATION_ID = re.compile(r"[0-9a-f]{64}")
MESSAGE_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
"""A message's id at its provider: short enough for a deduplication id, together with a reply id."""

GROUP_MAX = 128
"""The longest message group (SQS API, SendMessage, MessageGroupId)."""

Event = Mapping[str, Any]


def source_of(stage: str, provider: str) -> str:
    """The `source` of the events that a stage makes of a provider's messages."""
    return f"/sms-receiver/{stage}/{provider}"


def conversation_id(salt: str, *, ours: str, person: str) -> str:
    """The id of the conversation between one of our addresses and a person: 64 hexadecimal digits.

    It is an HMAC with the tenant's salt, in hexadecimal, so it reveals neither of them. It is the same for all of one
    person's addresses on a channel; see `shared/messages/identity.py`. The length of our part stands before both, so
    that no character in an address can move the border between them.
    """
    us, them = (identity(Address.parse(address)) for address in (ours, person))
    parties = f"{len(us)}\n{us}{them}".encode()
    return hmac.new(bytes.fromhex(salt), parties, hashlib.sha256).hexdigest()


def correlation_id(event: Event) -> object:
    """The id that the log lines of a text, of its answer and of the answer's statuses share.

    It is the id of the text; for a message that answers no text, it is the answer id. On the outbound queue it may have
    any type, because customers' backends can put events there.
    """
    value = event.get("data")
    data = value if isinstance(value, Mapping) else {}
    return data.get("in_reply_to") or data.get("answer_id") or answer_id(data.get("reply_id")) or event.get("id")


def answer_id(reply_id: object) -> str | None:
    """The answer id in a reply id, which ends with the number of the part; None when it is not a string."""
    return reply_id.rpartition("-")[0] if isinstance(reply_id, str) else None


def conversation_group(event: Event) -> str:
    """The message group of a text, inbound or outbound. The texts of one conversation keep their order."""
    return f"{event['tenant']}.{event['subject']}"


def deduplication(event: Event) -> str:
    """The deduplication id of an event: its id, and for a resend also the id of the message that failed.

    The event may have been written by a customer's backend.
    """
    data = event.get("data")
    message_id = data.get("message_id") if event.get("type") == RESEND and isinstance(data, Mapping) else None
    is_id = isinstance(message_id, str) and MESSAGE_ID.fullmatch(message_id)
    return f"{event['id']}.{message_id}" if is_id else str(event["id"])


def received(tenant: Tenant, message: InboundMessage, *, stage: str, now: datetime) -> dict[str, object]:
    """The event of a received text, for the inbound queue."""
    data = {
        "message_id": message.message_id,
        "provider": message.provider,
        "account": message.account,
        "conversation": conversation_id(tenant.salt, ours=message.recipient, person=message.sender),
        "from": message.sender,
        "to": message.recipient,
        "text": message.text,
        "media": [{"url": media.url, "content_type": media.content_type} for media in message.media],
        "fields": {name: list(values) for name, values in message.fields.items()},
    }
    return _event(
        RECEIVED, data, now, source=source_of(stage, message.provider), id=message.message_id, tenant=tenant.id
    )


def is_probe(event: Event) -> bool:
    """Whether `./sms doctor` sent this text to check that texts arrive: its sender is its recipient.

    A person cannot send such a text: Twilio does not let a number text itself (error 21266).
    """
    is_to_itself: bool = event["data"]["from"] == event["data"]["to"]
    return is_to_itself


def for_backend(event: Event, *, agent: str, turn: Turn, opt_out: OptOut | None) -> dict[str, object]:
    """The event of a received text, for a backend: with the agent, the turn in the session, and the opt-out."""
    session = {
        "id": turn.session_id,
        "turn": turn.number,
        "first_text_at": _time(turn.first_text_at),
        "last_text_at": turn.last_text_at and _time(turn.last_text_at),
        "context": turn.context,
    }
    return {**event, "data": {**event["data"], "agent": agent, "session": session, "opt_out": opt_out}}


@dataclass(frozen=True)
class AnswerEnvelope:
    """The fields that all messages of one answer share.

    Attributes:
        source: the `source` of its events, such as `/sms-receiver/east/twilio`.
        provider: the provider's name in the registry.
        account: the provider's account that owns `sender`.
        sender: our number.
        recipient: the person's address.
        answer_id: the beginning of its reply ids.
        in_reply_to: the id of the text that it answers; None for a message that answers no text.
        received_at: when that text was received, as in its event; None when that is unknown.
    """

    source: str
    tenant: str
    agent: str
    provider: str
    account: str
    conversation: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    answer_id: str
    in_reply_to: str | None
    received_at: str | None = None


def send(
    envelope: AnswerEnvelope, message: OutboundMessage, *, part: int, parts: int, now: datetime
) -> dict[str, object]:
    """The event of one message of an answer, for the outbound queue.

    Args:
        envelope: the fields of the answer.
        message: the message.
        part: its number in the answer, from 1.
        parts: how many messages the answer has.
        now: the time of the event.
    """
    data = {
        "reply_id": message.reply_id,
        "answer_id": envelope.answer_id,
        "part": part,
        "parts": parts,
        "in_reply_to": envelope.in_reply_to,
        "received_at": envelope.received_at,
        "agent": envelope.agent,
        "provider": envelope.provider,
        "account": envelope.account,
        "conversation": envelope.conversation,
        "from": message.sender,
        "to": message.recipient,
        "text": message.text,
        "media_urls": list(message.media_urls),
    }
    return _event(SEND, data, now, source=envelope.source, id=message.reply_id, tenant=envelope.tenant)


def resend(reply: Reply, report: StatusReport, *, source: str, provider: str, now: datetime) -> dict[str, object]:
    """The event of a reply that failed for now, for the outbound queue: it is to be sent again."""
    data = _report_data(reply, report, provider)
    return _event(RESEND, data, now, source=source, id=reply.reply_id, tenant=reply.tenant)


def status(reply: Reply, report: StatusReport, *, source: str, provider: str, now: datetime) -> dict[str, object]:
    """The event of a reply's delivery status, for the inbound queue and for a backend."""
    data = {**_report_data(reply, report, provider), "status": report.status.word}
    event_id = f"{reply.reply_id}.{report.status.word}" + (f".{report.error_code}" if report.error_code else "")
    return _event(STATUS, data, now, source=source, id=event_id, tenant=reply.tenant)


def status_group(event: Event) -> str:
    """The message group of a status. Each reply has its own, so that a failing status never delays a text."""
    return f"{event['tenant']}.{event['data']['reply_id']}"


def _report_data(reply: Reply, report: StatusReport, provider: str) -> dict[str, object]:
    return {
        "reply_id": reply.reply_id,
        "in_reply_to": reply.in_reply_to,
        "agent": reply.agent,
        "provider": provider,
        "account": report.account,
        "conversation": reply.conversation,
        "message_id": report.message_id or None,
        "from": report.sender,
        "to": report.recipient,
        "error_code": report.error_code,
    }


def _event(kind: str, data: Mapping[str, object], now: datetime, **attributes: str) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "type": kind,
        **attributes,
        "time": _time(now),
        "subject": data["conversation"],
        "datacontenttype": "application/json",
        "data": data,
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
