"""Replaying or discarding several parked events; each change is in the audit log, even if a later one fails."""

from collections.abc import Sequence
from dataclasses import dataclass

from operations.audit.entries import Change, masked
from operations.operator import Operator
from operations.parked.replay import replay
from shared.errors import SmsReceiverError
from shared.messages.outbound import Parked


@dataclass(frozen=True)
class Replayed:
    """What a replay of several events did.

    Attributes:
        replayed: how many events went to their queues again.
        gone_meanwhile: how many were not parked any more when it was their turn.
    """

    replayed: int
    gone_meanwhile: int


def replay_all(operator: Operator, events: Sequence[Parked]) -> Replayed:
    """Sends parked events to their queues again, in this order.

    Raises Unavailable, Malformed: then the event that failed and all after it are still parked, and progress has heard
    how many were replayed.
    """
    queues = {name: operator.target.queue(name) for name in {event.queue for event in events}}
    changes: list[Change] = []
    try:
        for event in operator.progress.watched(events, "Replaying"):
            if replay(event, parking=operator.target.parking, queue=queues[event.queue]):
                changes.append(_change("replay", event))  # noqa: PERF401 - kept for when the next event fails
    except SmsReceiverError:
        operator.progress.note(f"{len(changes)} of {len(events)} were replayed; the others are still parked.")
        raise
    finally:
        operator.record(*changes)
    return Replayed(len(changes), len(events) - len(changes))


def discard_all(operator: Operator, events: Sequence[Parked]) -> int:
    """How many parked events were forgotten for good. Raises Unavailable: then the others are still parked."""
    changes: list[Change] = []
    try:
        for event in operator.progress.watched(events, "Discarding"):
            operator.target.parking.remove(event)
            changes.append(_change("discard", event))
    finally:
        operator.record(*changes)
    return len(changes)


def _change(verb: str, event: Parked) -> Change:
    which = {"id": event.id, "queue": event.queue, "reason": event.reason, "number": masked(event.number)}
    return Change(f"parked.{verb}", event.tenant, which)
