"""What an event of the inbound queue must be so that it can be worked on. Nothing but ours should write there."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.messages import events
from shared.messages.event_fields import Fields
from shared.messages.events import REPLY_ID, Event
from shared.messages.limits import is_whole
from shared.tenants.tenant import is_tenant_id

_FIELDS = Fields("inbound")
_get, _require = _FIELDS.get, _FIELDS.require
_ID = re.compile(r"[0-9A-Za-z._-]{1,192}")
_CONVERSATION = re.compile(r"[0-9a-f]{64}")


def check_address(event: Event) -> None:
    """Raises Malformed unless the event has a tenant and an id: without them it cannot even be parked."""
    _get(event, "tenant", str, "", is_tenant_id)
    _get(event, "id", str, "", _ID.fullmatch)


def check(event: Event) -> None:
    """Raises Malformed, which names the field, unless it is a text or a status with all that is needed of it."""
    kind = _get(event, "type", str, "", {events.RECEIVED, events.STATUS}.__contains__)
    data: dict[str, Any] = _get(event, "data", dict)
    for name in ("from", "to"):
        _get(data, name, str, "data.", is_whole)
    if kind == events.STATUS:
        _get(data, "reply_id", str, "data.", REPLY_ID.fullmatch)
        return
    _get(event, "source", str, "", is_whole)
    _get(event, "time", str, "", _is_moment)
    _require(_conversation(event) == data.get("conversation"), "subject")
    for name in ("provider", "account", "text"):
        _get(data, name, str, "data.", is_whole)
    fields: dict[str, object] = _get(data, "fields", dict, "data.")
    _require(all(map(_is_values, fields.values())), "data.fields")


def group(event: Event) -> str:
    """The event's group on the queue; one of its own for an event that names none."""
    data = event.get("data")
    reply_id = data.get("reply_id") if isinstance(data, Mapping) and event.get("type") == events.STATUS else None
    if isinstance(reply_id, str) and REPLY_ID.fullmatch(reply_id):
        return events.status_group(event)
    return events.conversation_group(event) if _conversation(event) else f"{event['tenant']}.{event['id']}"


def _conversation(event: Event) -> str | None:
    subject = event.get("subject")
    return subject if isinstance(subject, str) and _CONVERSATION.fullmatch(subject) else None


def _is_moment(value: str) -> bool:
    """A time with its zone."""
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_values(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
