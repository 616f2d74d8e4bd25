"""What became of a text, in a sentence, from the hops of its way."""

from collections.abc import Sequence

from cli.logged import Hop
from shared.telemetry import LogEvent

_UNDELIVERED = {LogEvent.NOT_DELIVERED, LogEvent.NOT_SENT}


def verdict(text: str, hops: Sequence[Hop]) -> str:
    """Where the text is, or its reply, and what to do about it. `hops` are in the order of time."""
    latest = {str(hop.told.get("reply")): hop for hop in hops}  # of each reply, and of the text itself
    return _trouble(text, list(latest.values()), hops[-1]) or _outcome(hops, len(latest.keys() - {"None"}))


def _trouble(text: str, latest: Sequence[Hop], last: Hop) -> str | None:
    """The failure reply may have arrived although the text itself is parked."""
    for hop in latest:
        if hop.event is LogEvent.PARKED:
            reply = hop.told.get("reply")
            what, name = (f"A reply ({reply})", f"{text}-{reply}") if reply else ("The text", text)
            return f"{what} is parked: {hop.reason}. See docs/parking.md, and: sms parked show {name}"
        if hop.event in _UNDELIVERED:
            code = hop.told.get("error_code")
            why = f"error {code}, see https://www.twilio.com/docs/api/errors/{code}" if code else "it did not say why"
            return f"The provider could not deliver a reply: {why}."
    if last.event is LogEvent.REFUSED:
        return f"It was refused: {last.reason}. See: sms doctor signature"
    if last.event in {LogEvent.POSTPONED, LogEvent.FAILED}:
        return f"It is tried again: {last.reason}."
    return None


def _outcome(hops: Sequence[Hop], replies: int) -> str:
    seen = [hop.event for hop in hops]
    unanswered = next((hop for hop in hops if hop.event is LogEvent.UNANSWERED), None)
    if unanswered:
        return f"It was deliberately not answered: {unanswered.reason}."
    if replies and seen.count(LogEvent.DELIVERED) >= replies:
        return "It was answered, and the answer arrived."
    if LogEvent.SENT in seen:
        return "It was answered; the provider has the answer and has not said yet that it arrived."
    waits_for = "sender" if {LogEvent.ANSWERED, LogEvent.SUBMITTED} & set(seen) else "forwarder"
    return f"It waits for the {waits_for}; see: sms doctor"
