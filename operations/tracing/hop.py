"""A hop: one line of the functions' logs, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.telemetry import LogEvent


@dataclass(frozen=True)
class Hop:
    """What happened to a text, a reply or a request, where and when.

    Attributes:
        line_id: distinguishes the line from others with the same text.
        time: when it happened, with its zone.
        stage: `east` or `south`.
        function: the Lambda's name, such as `receiver`.
        event: what happened.
        reason: why, for events that have a reason.
        details: the line's other fields by name: ids and measurements (docs/operations.md).
    """

    line_id: str
    time: datetime
    stage: str
    function: str
    event: LogEvent
    reason: str | None
    details: dict[str, Any]

    @property
    def record(self) -> Mapping[str, object]:
        """The hop as JSON values, with the names that `sms tail --json` prints."""
        return {
            "time": self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "stage": self.stage,
            "function": self.function,
            "outcome": self.event.value,
            "reason": self.reason,
            **self.details,
        }
