"""An event of the inbound queue as checked values: nobody relies on it that only our functions write there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.messages import events
from shared.messages.event_fields import EventFields, parking_id, shown_address
from shared.messages.events import CONVERSATION_ID, GROUP_MAX, REPLY_ID, Event
from shared.messages.limits import is_whole
from shared.tenants.tenant import is_tenant_id

_FIELDS = EventFields("inbound")
_get, _require = _FIELDS.get, _FIELDS.require


@dataclass(frozen=True)
class Envelope:
    """What an event needs to be parked, whatever else is wrong with it.

    Attributes:
        tenant: whose it is.
        id: the id of the text, or of the status; a digest where the event has none that can be used.
        is_status: whether it says what became of a reply; a text otherwise.
        group: its group on the queue; an event that names none is alone in its group.
        number: our number, or an empty string where the event holds none that can be shown.
        event: the whole event, as a backend or an operator gets it.
    """

    tenant: str
    id: str
    is_status: bool
    group: str
    number: str = field(repr=False)
    event: Event = field(repr=False)


@dataclass(frozen=True)
class InboundText(Envelope):
    """A text that a person sent.

    Attributes:
        source: who made the event: `/sms-receiver/<stage>/<provider>`.
        time: when the text was received, as the event writes it: ISO 8601 with a zone.
        received_at: the same, in UTC.
        conversation: the conversation's id, 64 hexadecimal digits.
        account: the provider's account that owns our number.
        sender: the person's address.
        recipient: our number.
        data: the event's data, of which `shared/opt_out.py` reads the words.
        is_probe: whether `./sms doctor` sent it to see that texts arrive.
    """

    source: str
    time: str
    received_at: datetime
    provider: str
    account: str
    conversation: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    is_probe: bool


@dataclass(frozen=True)
class StatusUpdate(Envelope):
    """What became of a reply, for a backend that wants to know.

    Attributes:
        sender: our number, which the reply was sent from.
    """

    sender: str = field(repr=False)


def read_envelope(event: Event) -> Envelope:
    """The part that parking needs. Raises Malformed when the event names no tenant: then nobody can park it."""
    return Envelope(
        tenant=_get(event, "tenant", str, "", is_tenant_id),
        id=parking_id(event),
        is_status=event.get("type") == events.STATUS,
        group=_group(event),
        number=shown_address(event, "to" if event.get("type") == events.RECEIVED else "from"),
        event=event,
    )


def read(envelope: Envelope, *, now: datetime) -> InboundText | StatusUpdate:
    """The whole event. Raises Malformed, which names the field, when something that is needed is missing or wrong.

    Args:
        envelope: the event.
        now: the time, with its zone: no event is from the future.
    """
    event = envelope.event
    _require(event.get("id") == envelope.id, "id")
    _get(event, "type", str, "", {events.RECEIVED, events.STATUS}.__contains__)
    data: dict[str, Any] = _get(event, "data", dict)
    sender, recipient = (_get(data, name, str, "data.", is_whole) for name in ("from", "to"))
    if envelope.is_status:
        _get(data, "reply_id", str, "data.", REPLY_ID.fullmatch)
        return StatusUpdate(**vars(envelope), sender=sender)
    source = _get(event, "source", str, "", is_whole)
    received_at = _FIELDS.moment(event.get("time"), "time", now=now)
    _require(_conversation(event) == data.get("conversation"), "subject")
    provider, account, _ = (_get(data, name, str, "data.", is_whole) for name in ("provider", "account", "text"))
    fields: dict[str, object] = _get(data, "fields", dict, "data.")
    _require(all(map(_is_values, fields.values())), "data.fields")
    return InboundText(
        **vars(envelope),
        source=source,
        time=event["time"],
        received_at=received_at,
        provider=provider,
        account=account,
        conversation=data["conversation"],
        sender=sender,
        recipient=recipient,
        data=data,
        is_probe=events.is_probe(event),
    )


def _group(event: Event) -> str:
    data = event.get("data")
    reply_id = data.get("reply_id") if isinstance(data, Mapping) and event.get("type") == events.STATUS else None
    if isinstance(reply_id, str) and REPLY_ID.fullmatch(reply_id):
        return events.status_group(event)
    if _conversation(event):
        return events.conversation_group(event)
    return f"{event['tenant']}.{parking_id(event)}"[:GROUP_MAX]


def _conversation(event: Event) -> str | None:
    subject = event.get("subject")
    return subject if isinstance(subject, str) and CONVERSATION_ID.fullmatch(subject) else None


def _is_values(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
