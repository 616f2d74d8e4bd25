"""What the functions' lines of a text tell, as hops, one call a hop."""

from datetime import timedelta

from operations.tracing.hop import Hop
from shared.telemetry import LogEvent
from tests.fakes import NOW


def hop(function: str, event: str, reply: str = "", *, at: float = 0, stage: str = "east", **said: str) -> Hop:
    reason = said.pop("reason", None)
    told = {"tenant": "acme", **({"reply": reply} if reply else {}), **said}
    line_id = f"{function} {event} {reply} {at} {stage} {reason} {said}"
    return Hop(line_id, NOW + timedelta(seconds=at), stage, function, LogEvent(event), reason, told)


def accepted(at: float = 0, stage: str = "east") -> Hop:
    return hop("receiver", "Accepted", at=at, stage=stage)


def answered(at: float = 1, stage: str = "east") -> Hop:
    return hop("forwarder", "Answered", at=at, stage=stage)


def parked(at: float = 1, stage: str = "east", reason: str = "backend_refused") -> Hop:
    return hop("forwarder", "Parked", at=at, stage=stage, reason=reason)


def postponed(at: float = 1, reply: str = "") -> Hop:
    return hop("forwarder", "Postponed", reply, at=at, reason="backend_unavailable")


def sent(reply: str = "1", at: float = 2, stage: str = "east") -> Hop:
    return hop("sender", "Sent", reply, at=at, stage=stage)


def delivered(reply: str = "1", at: float = 4) -> Hop:
    return hop("statuses", "Delivered", reply, at=at)


def undelivered(reply: str = "1", at: float = 4, **said: str) -> Hop:
    return hop("statuses", "NotDelivered", reply, at=at, **said)


def reply_parked(reply: str = "1", at: float = 2, reason: str = "provider_refused", **said: str) -> Hop:
    return hop("sender", "Parked", reply, at=at, reason=reason, **said)


def told(reply: str = "1", at: float = 5) -> Hop:
    return hop("forwarder", "Told", reply, at=at)


def status_parked(reply: str = "1", at: float = 5, stage: str = "east") -> Hop:
    return hop("forwarder", "Parked", reply, at=at, stage=stage, reason="backend_refused")


def refused(reason: str = "invalid_signature", at: float = 0, stage: str = "east") -> Hop:
    return hop("receiver", "Refused", at=at, stage=stage, reason=reason)
