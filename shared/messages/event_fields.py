"""Reading the fields of queued events, which are unverified: whoever can write to a queue can put any value there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.errors import Malformed
from shared.messages.limits import is_whole

T = TypeVar("T")

ADDRESS_MAX = 100
"""The most characters of an address: a phone number or the id of a channel."""


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

    def _error(self, name: str) -> Malformed:
        return Malformed(f"the event's field {name} is missing or wrong; see the description of the {self.queue} queue")


def shown_address(event: Mapping[str, Any], name: str) -> str:
    """The address in a field of the event's data; an empty string when the field has no printable address."""
    data = event.get("data")
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, str) and len(value) <= ADDRESS_MAX and is_whole(value) else ""
