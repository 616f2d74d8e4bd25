"""Reading the fields of queued events, which are unverified: whoever can write to a queue can put any value there."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from shared.errors import Malformed
from shared.messages.limits import is_whole

T = TypeVar("T")

ADDRESS_MAX = 200
"""The most characters of an address: longer than those that providers' webhooks may have, so that each can be answered.

The ids of people on WhatsApp alone have up to 131 (WhatsApp docs, "Business-scoped user IDs").
"""
REPLAY = "replay"
"""The attribute that counts how often an operator replayed the event."""

_PARKING_ID = re.compile(r"[0-9A-Za-z._-]{1,120}")
"""With a tenant or the number of a replay behind it, SQS takes it as a deduplication id: 128 characters at most."""
_FIRST_YEAR = 2000
_CLOCK_DIFFERENCE = timedelta(days=1)


@dataclass(frozen=True)
class EventFields:
    """A reader for the fields of one queue's events.

    Args:
        queue: `inbound` or `outbound`, for the error message.
    """

    queue: str

    def get(
        self,
        fields: Mapping[str, Any],
        name: str,
        kind: type[T],
        place: str = "",
        holds: Callable[[T], object] = lambda _value: True,
    ) -> T:
        """The value of a field. Raises Malformed when it has another type or breaks a rule.

        Args:
            fields: the object that has the field.
            name: the field's name.
            kind: its type.
            place: the path of the object in the event, such as `data.`, for the error message.
            holds: the rule for its value.
        """
        value = fields.get(name)
        if not isinstance(value, kind) or not holds(value):
            raise self._error(place + name)
        return value

    def require(self, holds: object, name: str) -> None:
        """Raises Malformed, which names the field, when `holds` is false."""
        if not holds:
            raise self._error(name)

    def moment(self, value: object, name: str, *, now: datetime) -> datetime:
        """The time in a field, in UTC. Raises Malformed when it has no zone, or nobody can have written it so far.

        A time in the future would keep a session open, or outweigh each later STOP and START.
        """
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
            in_utc = moment.astimezone(UTC) if moment and moment.tzinfo else None
        except (ValueError, OverflowError):  # such as the first hour of the year 1, east of Greenwich
            in_utc = None
        if in_utc is None or in_utc.year < _FIRST_YEAR or in_utc > now + _CLOCK_DIFFERENCE:
            raise self._error(name)
        return in_utc

    def _error(self, name: str) -> Malformed:
        return Malformed(f"the event's field {name} is missing or wrong; see the description of the {self.queue} queue")


def shown_address(event: Mapping[str, Any], name: str) -> str:
    """The address in a field of the event's data; an empty string when the field has no printable address."""
    data = event.get("data")
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, str) and len(value) <= ADDRESS_MAX and is_whole(value) else ""


def parking_id(event: Mapping[str, Any]) -> str:
    """The event's id if it can name a parked event; else `unnamed-` and a digest, which is the same for a replay."""
    event_id = event.get("id")
    if isinstance(event_id, str) and _PARKING_ID.fullmatch(event_id):
        return event_id
    content = {name: value for name, value in event.items() if name != REPLAY}
    try:
        text = json.dumps(content, sort_keys=True)
    except RecursionError:
        text = json.dumps(sorted(content))
    return f"unnamed-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
