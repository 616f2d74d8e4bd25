"""What the logs of both receivers have about a request that was refused: the reason, what it means, and what to do."""

from dataclasses import dataclass
from datetime import datetime

from operations.operator import Operator
from operations.signature.causes import Cause
from operations.tracing import log_lines
from operations.tracing.misdirections import MISDIRECTIONS
from operations.tracing.refusal_causes import refusal_cause
from shared.messages.inbound import Misdirection
from shared.telemetry import LogEvent

_ACCEPTED = Cause("It was accepted.", "Nothing. To see what became of it: ./sms why SM…")
_FAILED = Cause(
    "It could not be queued, although nothing is wrong with it. Twilio tried again, or used the fallback URL.",
    "See what AWS said: ./sms tail --since 1h --once",
)
_RECEIVERS = ("receiver", "statuses")
_REQUEST_EVENTS = {LogEvent.MISDIRECTED, LogEvent.REFUSED, LogEvent.ACCEPTED, LogEvent.FAILED}


@dataclass(frozen=True)
class RequestLine:
    """A line of a receiver's log about one request.

    Attributes:
        time: when it happened, with its zone.
        event: what the receiver did.
        reason: why it refused the request, or would have refused it; empty for none.
    """

    time: datetime
    event: LogEvent
    reason: str

    @property
    def accepted(self) -> bool:
        """Whether the request was accepted as a text, also when a stricter mode would refuse it."""
        return self.event is LogEvent.ACCEPTED

    @property
    def explained(self) -> Cause:
        """What the line means, and what to do."""
        if self.event is LogEvent.MISDIRECTED:
            return MISDIRECTIONS[Misdirection(self.reason)]
        if self.event is LogEvent.FAILED:
            return _FAILED
        if self.event is LogEvent.ACCEPTED and not self.reason:
            return _ACCEPTED
        cause = refusal_cause(self.reason)
        observed = "" if self.event is LogEvent.REFUSED else "It is only accepted because signatures are observed. "
        return Cause(observed + cause.happened, cause.cure)


def about(operator: Operator, id_in_log: str, since: datetime) -> list[RequestLine]:
    """The receivers' lines about a request, on the operator's stage, in order of time.

    Raises InvalidValue for what cannot be an id, and Unavailable.

    Args:
        operator: the stage.
        id_in_log: the id of the request, or of its message at the provider.
        since: how far to look back.
    """
    return [
        RequestLine(hop.time, hop.event, hop.reason or str(hop.details.get("would_refuse") or ""))
        for hop in log_lines.search(operator, [id_in_log], since, stages=[operator.stage], functions=_RECEIVERS).hops
        if hop.event in _REQUEST_EVENTS
    ]
