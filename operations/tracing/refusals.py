"""What the receiver's log tells of a request that was refused: the reason, and what that alone says."""

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
        "The API key in the URL is missing, mistyped, unknown or revoked. The signature was not looked at.",
        "Paste the URL again, with a good key: ./sms url --key-from-stdin",
    ),
    "forbidden_role": Cause(
        "The key's credential is a Reader. The signature was not looked at.",
        "Make one that may text: ./sms credential create --name NAME --role Writer",
    ),
    "missing_signature": CAUSES["missing_signature"],
    "unknown_account": Cause(
        "The request names an account that this tenant does not have, or none.",
        "See which account owns the number, then: ./sms twilio set-account AC…",
    ),
    "invalid_signature": Cause(
        "None of the account's auth tokens signed this request for this URL. The log does not hold what was signed.",
        "Open the error in Twilio's debugger, which shows the request, and explain that: "
        "./sms doctor signature --url URL --signature SIGNATURE",
    ),
    "ambiguous_signature": Cause(
        "The account's auth token made the signature, but what it signs may be another message: a field came twice, or "
        "a text has an id or an address in it exactly as Twilio writes its fields.",
        "If Twilio made the request, its debugger shows which text it was: ask the person to write it in another way. "
        "If Twilio knows nothing of it, somebody has a recorded request and a key: ./sms credential rotate NAME",
    ),
    "malformed": Cause(
        "Key and signature are good, but this is no text, or larger than the queue takes.",
        "See that the URL is pasted as the number's message webhook, and nowhere else.",
    ),
}
"""Each reason for refusing a text, with what it means and what to do."""

_OTHER_REASON = Cause("It was refused for another reason.", "The reasons are explained in docs/operations.md.")
_ACCEPTED = Cause("It was accepted.", "Nothing. What became of it then: ./sms trace SM…")
_FAILED = Cause(
    "It could not be queued, though nothing is wrong with it. Twilio tried again, or turned to the fallback.",
    "See what AWS said: ./sms tail --since 1h --once",
)
_OF_REQUESTS = {LogEvent.MISDIRECTED, LogEvent.REFUSED, LogEvent.ACCEPTED, LogEvent.FAILED}


@dataclass(frozen=True)
class RequestLine:
    """A line of the receiver's log about one request."""

    time: datetime
    event: LogEvent
    reason: str

    @property
    def accepted(self) -> bool:
        """Whether the request was accepted as a text, also when a stricter mode would refuse it."""
        return self.event is LogEvent.ACCEPTED

    @property
    def explained(self) -> Cause:
        """What it means, and what to do."""
        if self.event is LogEvent.MISDIRECTED:
            return MISDIRECTIONS[Misdirection(self.reason)]
        if self.event is LogEvent.FAILED:
            return _FAILED
        if self.event is LogEvent.ACCEPTED and not self.reason:
            return _ACCEPTED
        cause = REASONS.get(self.reason, _OTHER_REASON)
        only = "" if self.event is LogEvent.REFUSED else "It is only taken because signatures are observed. "
        return Cause(only + cause.happened, cause.cure)


def about(operator: Operator, wanted: str, since: datetime) -> list[RequestLine]:
    """What the log tells of a request, by the id of its message or its own, in order. Raises Unavailable."""
    return [
        RequestLine(hop.time, hop.event, hop.reason or str(hop.told.get("would_refuse") or ""))
        for hop in log_lines.read(operator, since, stages=[operator.stage], containing=wanted)
        if hop.function == "receiver" and hop.event in _OF_REQUESTS
    ]
