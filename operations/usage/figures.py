"""The stored usage figures, as operators read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from shared.messages.usage import UsageOwner


@dataclass(frozen=True)
class DayFigures:
    """What was counted for an agent and a number on a day, or a part of it: those of the same day add up.

    Attributes:
        owner: the agent, by the name that it had last, and the number.
        day: in UTC.
        figures: by their names (`shared/messages/usage.py`).
    """

    owner: UsageOwner
    day: date
    figures: Mapping[str, int]


class UsageFigures(Protocol):
    """The figures of one stage."""

    def read(self, tenant_id: str, first: date, last: date) -> Iterable[DayFigures]:
        """The tenant's figures from the first day to the last, both included. Raises Unavailable."""
