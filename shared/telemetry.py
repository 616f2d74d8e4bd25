"""The names of all log events and metrics, and the collector of measurements.

Handlers write one log line per hop, in CloudWatch's embedded metric format; docs/operations.md explains each event and
metric.
"""

from collections.abc import Mapping
from enum import StrEnum

NAMESPACE = "SmsReceiver"
CONVERSATION_DIGITS = 12
"""The number of digits of a conversation's id in a log line."""


class LogEvent(StrEnum):
    """The event of a log line, in its field `message`."""

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
    """The metrics of a log line besides its event. Those that end with `Ms` are milliseconds, all others are counts."""

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
"""All metrics. Each has the dimension `stage`; one with a field here also has the dimensions `stage` and that field."""


class Measurements:
    """A collector of the measurements for one log line. Implements `shared.ports.Meter`."""

    def __init__(self) -> None:
        self._measured: dict[Metric, float] = {}

    def add(self, metric: Metric, value: float = 1) -> None:
        """Adds a count or a measurement. Values of the same metric add up."""
        self._measured[metric] = self._measured.get(metric, 0) + value

    def take(self) -> dict[Metric, float]:
        """All measurements since the last call."""
        measured, self._measured = self._measured, {}
        return measured
