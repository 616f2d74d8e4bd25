"""What the logs of both receivers have about a request that was refused: the reason, what it means, and what to do."""

from dataclasses import dataclass
from datetime import datetime

from operations.operator import Operator
from operations.signature.causes import CAUSES, Cause
from operations.tracing import log_lines
from operations.tracing.misdirections import MISDIRECTIONS
from shared.messages.inbound import Misdirection
from shared.telemetry import LogEvent

REASONS = {
    "invalid_key": Cause(
        "The API key in the URL is missing, mistyped, unknown or revoked. The signature was not checked.",
        "Paste the URL again, with a valid key: ./sms url --key-from-stdin",
    ),
    "forbidden_role": Cause(
        "The key's credential has the role Reader. The signature was not checked.",
        "Make one with a role that may text: ./sms credential create --name NAME --role Writer",
    ),
    "missing_signature": CAUSES["missing_signature"],
    "unknown_account": Cause(
        "The request names an account that this tenant does not have, or no account.",
        "Find out which account owns the number, then: ./sms twilio set-account AC…",
    ),
    "invalid_signature": Cause(
        "None of the account's auth tokens signed this request for this URL. The log does not hold what was signed.",
        "Open the error in Twilio's debugger, which shows the request, and check that request: "
        "./sms doctor signature --url URL --signature SIGNATURE",
    ),
    "ambiguous_signature": Cause(
        "The account's auth token made the signature, but the same signature would fit another message: a field came "
        "twice, or a text contains an id or an address exactly as Twilio writes its fields.",
        "If Twilio made the request, its debugger shows which text it was: ask the person to word it differently. "
        "If Twilio does not know the request, somebody has a recorded request and a key: ./sms credential rotate NAME",
    ),
    "malformed": Cause(
        "The key and the signature are valid, but this is not a text, or it is larger than the queue accepts.",
        "Make sure that the URL is used only as the number's webhook for incoming messages.",
    ),
}
"""Each reason for refusing a text, with what it means and what to do."""

_OTHER_REASON = Cause("It was refused for another reason.", "The reasons are explained in docs/operations.md.")
_ACCEPTED = Cause("It was accepted.", "Nothing. To see what became of it: ./sms trace SM…")
_FAILED = Cause(
    "It could not be queued, although nothing is wrong with it. Twilio tried again, or used the fallback URL.",
    "See what AWS said: ./sms tail --since 1h --once",
)
_RECEIVERS = {"receiver", "statuses"}
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
        cause = REASONS.get(self.reason, _OTHER_REASON)
        observed = "" if self.event is LogEvent.REFUSED else "It is only accepted because signatures are observed. "
        return Cause(observed + cause.happened, cause.cure)


def about(operator: Operator, id_in_log: str, since: datetime) -> list[RequestLine]:
    """The receivers' lines about a request, on the operator's stage, in order of time. Raises Unavailable.

    Args:
        operator: the stage.
        id_in_log: the id of the request, or of its message at the provider.
        since: how far to look back.
    """
    return [
        RequestLine(hop.time, hop.event, hop.reason or str(hop.details.get("would_refuse") or ""))
        for hop in log_lines.read(operator, since, stages=[operator.stage], containing=id_in_log)
        if hop.function in _RECEIVERS and hop.event in _REQUEST_EVENTS
    ]
