"""A hop: one line of the functions' logs, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.telemetry import LogEvent


@dataclass(frozen=True)
class Hop:
    """One line: what happened to a text, a reply or a request, where and when.

    Attributes:
        line_id: tells the line from others with the same words.
        told: its ids and what was measured, by name.
    """

    line_id: str
    time: datetime
    stage: str
    function: str
    event: LogEvent
    reason: str | None
    told: dict[str, Any]

    @property
    def record(self) -> Mapping[str, object]:
        """The hop for the operator."""
        return {
            "time": self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "stage": self.stage,
            "function": self.function,
            "outcome": self.event.value,
            "reason": self.reason,
            **self.told,
        }
