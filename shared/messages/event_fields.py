"""Fields of an event on a queue, of which anybody who may write there may have made anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.errors import Malformed
from shared.messages.limits import is_whole

T = TypeVar("T")

ADDRESS_MAX = 100
"""Characters of a phone number, or of another address of a person or of ours."""


@dataclass(frozen=True)
class Fields:
    """Reads the fields of the events of one queue.

    Args:
        queue: `inbound` or `outbound`.
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
        """The field, which is of this kind and for which `holds` does. Raises Malformed, which names it."""
        value = fields.get(name)
        if not isinstance(value, kind) or not holds(value):
            raise self._wrong(place + name)
        return value

    def require(self, holds: object, name: str) -> None:
        """Raises Malformed, which names the field, unless it holds."""
        if not holds:
            raise self._wrong(name)

    def _wrong(self, name: str) -> Malformed:
        return Malformed(f"the event's field {name} is missing or wrong; see the description of the {self.queue} queue")


def shown_address(event: Mapping[str, Any], name: str) -> str:
    """The address in a field of the event's data; an empty string where it holds none that can be shown."""
    data = event.get("data")
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, str) and len(value) <= ADDRESS_MAX and is_whole(value) else ""
