"""What is logged and counted: every log event and every metric by name, and what an act measures on its way.

Handlers write one line a hop, in CloudWatch's embedded metric format; docs/operations.md tells what each means.
"""

from collections.abc import Mapping
from enum import StrEnum

NAMESPACE = "SmsReceiver"
CONVERSATION_DIGITS = 12
"""So many hexadecimal digits of a conversation's id are in a line."""


class LogEvent(StrEnum):
    """What a log line tells, in its `message`."""

    ACCEPTED = "Accepted"
    MISDIRECTED = "Misdirected"
    REFUSED = "Refused"
    FAILED = "Failed"
    SUBMITTED = "Submitted"
    ANSWERED = "Answered"
    UNANSWERED = "Unanswered"
    POSTPONED = "Postponed"
    PARKED = "Parked"
    SENT = "Sent"
    NOT_SENT = "NotSent"
    DELIVERED = "Delivered"
    NOT_DELIVERED = "NotDelivered"
    UNKNOWN_STATUS = "UnknownStatus"
    TOLD = "Told"


class Metric(StrEnum):
    """What a line counts or measures besides its event. `_MS` are milliseconds, everything else is a count."""

    WOULD_BE_REFUSED = "WouldBeRefused"
    DUPLICATE = "Duplicate"
    QUEUE_MS = "QueueMs"
    BACKEND_MS = "BackendMs"
    BACKEND_FAILED = "BackendFailed"
    REPLY_FAILED = "ReplyFailed"
    END_TO_END_MS = "EndToEndMs"
    COLD_START = "ColdStart"


BY: Mapping[str, str | None] = {
    LogEvent.ACCEPTED: None,
    LogEvent.MISDIRECTED: "reason",
    LogEvent.REFUSED: "reason",
    LogEvent.FAILED: "reason",
    LogEvent.SUBMITTED: None,
    LogEvent.ANSWERED: None,
    LogEvent.UNANSWERED: "reason",
    LogEvent.POSTPONED: "reason",
    LogEvent.PARKED: "reason",
    LogEvent.SENT: None,
    LogEvent.DELIVERED: None,
    Metric.WOULD_BE_REFUSED: "would_refuse",
    Metric.DUPLICATE: None,
    Metric.QUEUE_MS: None,
    Metric.BACKEND_MS: None,
    Metric.BACKEND_FAILED: None,
    Metric.REPLY_FAILED: "error_code",
    Metric.END_TO_END_MS: None,
    Metric.COLD_START: None,
}
"""Every metric by name. Each has the dimension `stage` alone, and those with a word here also `stage` and that one."""


class Measures:
    """What one act measured on its way, until its line is written. Keeps `shared.ports.Meter`."""

    def __init__(self) -> None:
        self._measured: dict[Metric, float] = {}

    def add(self, metric: Metric, value: float = 1) -> None:
        """Counts, or measures; several values of one act add up."""
        self._measured[metric] = self._measured.get(metric, 0) + value

    def take(self) -> dict[Metric, float]:
        """All that was measured since the last time."""
        measured, self._measured = self._measured, {}
        return measured
