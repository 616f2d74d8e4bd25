"""The events on the queues: CloudEvents 1.0 in its JSON format, described by the schemas in docs/schemas/."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.messages.inbound import InboundMessage, StatusReport
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from shared.messages.outbound import OptOut, OutboundMessage, Reply, Turn

RECEIVED = "sms.message.received.v1"
SEND = "sms.message.send.v1"
STATUS = "sms.message.status.v1"

REPLY_ID = re.compile(r"[0-9A-Za-z-]{1,80}")

Event = Mapping[str, Any]


def conversation_id(tenant: Tenant, *, ours: str, person: str) -> str:
    """Names everything between one of our numbers and one person, without naming either: 64 hexadecimal digits."""
    parties = f"{ours}\n{person}".encode()
    return hmac.new(bytes.fromhex(tenant.salt), parties, hashlib.sha256).hexdigest()


def correlation_id(event: Event) -> object:
    """What the log lines of a text, of its answer and of that one's statuses have in common.

    The id of the text, or of an answer that nobody asked for. Customers' backends may put events on the outbound queue:
    it may be anything there.
    """
    found = event.get("data")
    data = found if isinstance(found, Mapping) else {}
    return data.get("in_reply_to") or data.get("answer_id") or answer_id(data.get("reply_id")) or event.get("id")


def answer_id(reply_id: object) -> str | None:
    """What a reply's id has before the number of its part."""
    return reply_id.rpartition("-")[0] if isinstance(reply_id, str) else None


def conversation_group(event: Event) -> str:
    """The message group of a text, inbound or outbound: texts of one conversation keep their order."""
    return f"{event['tenant']}.{event['subject']}"


def received(tenant: Tenant, message: InboundMessage, *, stage: str, now: datetime) -> dict[str, object]:
    """A text that was received, as it stands on the inbound queue."""
    data = {
        "message_id": message.message_id,
        "provider": message.provider,
        "account": message.account,
        "conversation": conversation_id(tenant, ours=message.recipient, person=message.sender),
        "from": message.sender,
        "to": message.recipient,
        "text": message.text,
        "media": [{"url": media.url, "content_type": media.content_type} for media in message.media],
        "fields": {name: list(values) for name, values in message.fields.items()},
    }
    source = f"/sms-receiver/{stage}/{message.provider}"
    return _event(RECEIVED, data, now, source=source, id=message.message_id, tenant=tenant.id)


def is_probe(event: Event) -> bool:
    """Whether a text is one that `./sms doctor` sent to see that texts arrive: from a number to that same number.

    No person does that, and Twilio lets no number text itself (error 21266).
    """
    same: bool = event["data"]["from"] == event["data"]["to"]
    return same


def for_backend(event: Event, *, agent: str, turn: Turn, opt_out: OptOut | None) -> dict[str, object]:
    """A text that was received, as a backend gets it: with its agent, its place in its session, and its opt-out."""
    session = {
        "id": turn.session_id,
        "turn": turn.number,
        "first_text_at": _time(turn.first_text_at),
        "last_text_at": turn.last_text_at and _time(turn.last_text_at),
    }
    return {**event, "data": {**event["data"], "agent": agent, "session": session, "opt_out": opt_out}}


@dataclass(frozen=True)
class Outgoing:
    """What the messages of one answer have in common.

    Attributes:
        source: the `source` of its events, as `/sms-receiver/east/twilio`.
        provider: the provider's name in the registry.
        answer_id: what the reply ids begin with.
        in_reply_to: the text that is answered; None for a message that nobody asked for.
        received_at: when that text was received, as its event says; None where that is not known.
        account: the provider's account that owns `sender`.
        sender: our number.
        recipient: the person's address.
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


def send(outgoing: Outgoing, message: OutboundMessage, *, part: int, parts: int, now: datetime) -> dict[str, object]:
    """One message of an answer, as it stands on the outbound queue."""
    data = {
        "reply_id": message.reply_id,
        "answer_id": outgoing.answer_id,
        "part": part,
        "parts": parts,
        "in_reply_to": outgoing.in_reply_to,
        "received_at": outgoing.received_at,
        "agent": outgoing.agent,
        "provider": outgoing.provider,
        "account": outgoing.account,
        "conversation": outgoing.conversation,
        "from": message.sender,
        "to": message.recipient,
        "text": message.text,
        "media_urls": list(message.media_urls),
    }
    return _event(SEND, data, now, source=outgoing.source, id=message.reply_id, tenant=outgoing.tenant)


def status(reply: Reply, report: StatusReport, *, source: str, provider: str, now: datetime) -> dict[str, object]:
    """What became of a reply, as it stands on the inbound queue and as a backend gets it."""
    data = {
        "reply_id": reply.reply_id,
        "in_reply_to": reply.in_reply_to,
        "agent": reply.agent,
        "provider": provider,
        "account": report.account,
        "conversation": reply.conversation,
        "message_id": report.message_id or None,
        "from": report.sender,
        "to": report.recipient,
        "status": report.status,
        "error_code": report.error_code,
    }
    event_id = f"{reply.reply_id}.{report.status}" + (f".{report.error_code}" if report.error_code else "")
    return _event(STATUS, data, now, source=source, id=event_id, tenant=reply.tenant)


def status_group(event: Event) -> str:
    """The message group of a status: the reply's own, so that a failing status never holds up a text."""
    return f"{event['tenant']}.{event['data']['reply_id']}"


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
