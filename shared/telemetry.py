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
    SESSION_BEGUN = "SessionBegun"
    SESSION_ENDED = "SessionEnded"
    ANSWERED = "Answered"
    UNANSWERED = "Unanswered"
    OVERDUE = "Overdue"
    TIMED_OUT = "TimedOut"
    POSTPONED = "Postponed"
    PARKED = "Parked"
    SENT = "Sent"
    NOT_SENT = "NotSent"
    DELIVERED = "Delivered"
    NOT_DELIVERED = "NotDelivered"
    UNKNOWN_STATUS = "UnknownStatus"
    NEW_STATUS = "NewStatus"
    TOLD = "Told"


class Metric(StrEnum):
    """The metrics of a log line besides its event. Those that end with `Ms` are milliseconds, all others are counts."""

    WOULD_BE_REFUSED = "WouldBeRefused"
    DUPLICATE = "Duplicate"
    FORGED = "Forged"
    QUEUE_MS = "QueueMs"
    WAITED_MS = "WaitedMs"
    LAST_TRY = "LastTry"
    BACKEND_MS = "BackendMs"
    BACKEND_FAILED = "BackendFailed"
    REPLY_FAILED = "ReplyFailed"
    REPLY_UNREACHABLE = "ReplyUnreachable"
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
    LogEvent.OVERDUE: None,
    LogEvent.POSTPONED: "reason",
    LogEvent.PARKED: "reason",
    LogEvent.SENT: None,
    LogEvent.DELIVERED: None,
    Metric.WOULD_BE_REFUSED: "would_refuse",
    Metric.DUPLICATE: None,
    Metric.FORGED: "reason",
    Metric.QUEUE_MS: None,
    Metric.WAITED_MS: "queue",
    Metric.LAST_TRY: "queue",
    Metric.BACKEND_MS: None,
    Metric.BACKEND_FAILED: None,
    Metric.REPLY_FAILED: "error_code",
    Metric.REPLY_UNREACHABLE: "error_code",
    Metric.END_TO_END_MS: None,
    Metric.COLD_START: None,
}
"""All metrics. Each has the dimension `stage`; one with a field here also has the dimensions `stage` and that field."""

BY_AGENT: frozenset[str] = frozenset(
    {
        LogEvent.ANSWERED,
        LogEvent.PARKED,
        LogEvent.SENT,
        LogEvent.DELIVERED,
        Metric.BACKEND_FAILED,
        Metric.REPLY_FAILED,
    }
)
"""The metrics that also have the dimensions `stage` and `agent`, for the agents that `metricsAgents` names."""


class Measurements:
    """A collector of what one log line says besides its event. Implements `shared.ports.Meter`.

    Attributes:
        agent_id: the id of the agent that the line is about; None while it is not known.
    """

    def __init__(self) -> None:
        self._measured: dict[Metric, float] = {}
        self.agent_id: str | None = None

    def add(self, metric: Metric, value: float = 1) -> None:
        """Adds a count or a measurement. Values of the same metric add up."""
        self._measured[metric] = self._measured.get(metric, 0) + value

    def names_agent(self, agent_id: str) -> None:
        """Says which agent the line is about."""
        self.agent_id = agent_id

    def take(self) -> dict[Metric, float]:
        """All measurements since the last call. Forgets the agent, too."""
        measured, self._measured = self._measured, {}
        self.agent_id = None
        return measured
