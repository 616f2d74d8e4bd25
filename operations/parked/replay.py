"""Replaying parked events: selecting them, and sending them again without losing or doubling one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.messages import events
from shared.messages.event_fields import REPLAY
from shared.messages.outbound import Parked

if TYPE_CHECKING:
    from shared.ports import MessageQueue, Parking

_REPLAYS_MAX = 100_000  # more were made up, and would not fit into a deduplication id


@dataclass(frozen=True)
class Choice:
    """A selection of parked events: those that match every condition. None and an empty `ids` are no condition.

    Attributes:
        ids: the events' ids.
        number: our number.
        before: they were parked before this moment.
        since: they were parked at this moment or later.
    """

    ids: frozenset[str] = frozenset()
    queue: str | None = None
    reason: str | None = None
    number: str | None = None
    before: datetime | None = None
    since: datetime | None = None

    def among(self, parked: Iterable[Parked]) -> list[Parked]:
        """The selected ones, in their order."""
        return [event for event in parked if self._matches(event)]

    def _matches(self, parked: Parked) -> bool:
        return (
            (not self.ids or parked.id in self.ids)
            and self.queue in (None, parked.queue)
            and self.reason in (None, parked.reason)
            and self.number in (None, parked.number)
            and (self.before is None or parked.parked_at < self.before)
            and (self.since is None or parked.parked_at >= self.since)
        )


def replay(parked: Parked, *, parking: Parking, queue: MessageQueue) -> bool:
    """Sends the event to its queue again, then removes it from the parking.

    After a crash between the two it is still parked. The next replay sends it once more, and the duplicate is dropped
    by the queue or by the claim, whose key is the event's id. An event that is parked again before it is removed stays.

    Returns:
        Whether it was still parked.

    Raises Unavailable, Malformed: then it is still parked.
    """
    stored = parking.find(parked.tenant, parked.id)
    if stored is None:
        return False
    times = replays(stored) + 1
    queue.send(
        {**stored.event, REPLAY: times},
        group=stored.group,
        deduplication=f"{events.deduplication(stored.event)}.{times}",
    )
    parking.remove(stored)
    return True


def replays(parked: Parked) -> int:
    """How often the event has been replayed."""
    times = parked.event.get(REPLAY)
    return times if isinstance(times, int) and 0 <= times < _REPLAYS_MAX else 0
