"""An event of the outbound queue as checked values. Customers' backends may put events there: all is checked."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.messages import events
from shared.messages.event_fields import ADDRESS_MAX, REPLAY, EventFields, parking_id
from shared.messages.events import CONVERSATION_ID, REPLY_ID, Event
from shared.messages.limits import is_whole
from shared.messages.outbound import OutboundMessage, Reply
from shared.messages.splitting import utf16_length
from shared.tenants.tenant import is_tenant_id

if TYPE_CHECKING:
    from shared.provider_rules import ProviderRules

_FIELDS = EventFields("outbound")
_get, _require = _FIELDS.get, _FIELDS.require
_LINK = re.compile(r"https?://[!-~]{1,2000}")
_ADDRESS = re.compile(r"[^\x00-\x1f\x7f]+")
_TEXT_ID_MAX = 200


@dataclass(frozen=True)
class SendCommand:
    """A message to send, and whose it is.

    Attributes:
        reply: its record, as far as the event tells: without an agent.
        received_at: when the text that it answers was received; None when that is not known.
        earlier_part: the reply id of the part before it; None for the first.
        replayed: whether it was parked, and an operator replayed it.
        resends: how often the provider took it and it failed for now.
    """

    message: OutboundMessage
    reply: Reply
    received_at: datetime | None
    earlier_part: str | None
    replayed: bool
    event: Event = field(repr=False)
    resends: int = 0


def read_reply(event: Event) -> Reply:
    """The record with no more than a tenant and an id: what parking needs, whatever else is wrong with the event.

    Raises Malformed when the event names no tenant: then nobody can park it.
    """
    tenant = _get(event, "tenant", str, "", is_tenant_id)
    return Reply(tenant, parking_id(event), agent="", conversation="", in_reply_to=None)


def read(event: Event, *, now: datetime) -> SendCommand:
    """The whole event. Raises Malformed, which names the field, when something is missing or wrong.

    Args:
        event: the event.
        now: the time, with its zone: no text is from the future.
    """
    _require(event.get("type") == events.SEND, "type")
    reply, data = read_data(event)
    return SendCommand(
        message=_message(data, reply.reply_id),
        reply=reply,
        received_at=_received_at(data, now),
        earlier_part=_earlier_part(data, reply.reply_id),
        replayed=is_replayed(event),
        event=event,
    )


def read_data(event: Event) -> tuple[Reply, dict[str, Any]]:
    """The record, as far as the event tells, and the rest of the event's data. Raises Malformed."""
    reply = read_reply(event)
    _require(event.get("id") == reply.reply_id and REPLY_ID.fullmatch(reply.reply_id), "id")
    data: dict[str, Any] = _get(event, "data", dict)
    _require(data.get("reply_id") == reply.reply_id, "data.reply_id")
    conversation = _get(data, "conversation", str, "data.")
    _require(CONVERSATION_ID.fullmatch(conversation) and event.get("subject") == conversation, "subject")
    in_reply_to = data.get("in_reply_to")
    _require(in_reply_to is None or _is_text_id(in_reply_to), "data.in_reply_to")
    return replace(reply, conversation=conversation, in_reply_to=in_reply_to), data


def is_replayed(event: Event) -> bool:
    """Whether an operator brought the event back, after it was parked."""
    return _is_count(event.get(REPLAY))


def check_size(message: OutboundMessage, rules: "ProviderRules") -> None:
    """Raises Malformed, which names the field, when the message is more than its provider takes at once."""
    _require(utf16_length(message.text) <= rules.text_max, "data.text")
    _require(len(message.media_urls) <= rules.media_max, "data.media_urls")


def _message(data: dict[str, Any], reply_id: str) -> OutboundMessage:
    text = _get(data, "text", str, "data.")
    links: list[object] = _get(data, "media_urls", list, "data.")
    _require(is_whole(text), "data.text")
    _require(text or links, "data.media_urls")
    return OutboundMessage(
        reply_id=reply_id,
        account=_get(data, "account", str, "data."),
        sender=_get(data, "from", str, "data.", _is_address),
        recipient=_get(data, "to", str, "data.", _is_address),
        text=text,
        media_urls=tuple(_link(link) for link in links),
    )


def _earlier_part(data: dict[str, Any], reply_id: str) -> str | None:
    part, parts = _get(data, "part", int, "data.", _is_count), _get(data, "parts", int, "data.", _is_count)
    _require(part <= parts, "data.part")
    answer_id = _get(data, "answer_id", str, "data.")
    _require(reply_id == f"{answer_id}-{part}", "data.answer_id")
    return f"{answer_id}-{part - 1}" if part > 1 else None


def _link(link: object) -> str:
    _require(isinstance(link, str) and _LINK.fullmatch(link), "data.media_urls")
    return str(link)


def _received_at(data: dict[str, Any], now: datetime) -> datetime | None:
    """When the text was received; a message that answers none has none."""
    value = data.get("received_at")
    return None if value is None else _FIELDS.moment(value, "data.received_at", now=now)


def _is_text_id(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _TEXT_ID_MAX and is_whole(value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_address(value: str) -> bool:
    return len(value) <= ADDRESS_MAX and is_whole(value) and _ADDRESS.fullmatch(value) is not None
