"""Bringing back what was parked: which of it is meant, and sending it again without losing or doubling it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.messages.outbound import Parked

if TYPE_CHECKING:
    from shared.ports import MessageQueue, Parking

REPLAY = "replay"
"""The event's attribute that counts its replays."""


@dataclass(frozen=True)
class Choice:
    """Which parked events are meant: those that everything fits; None, and no id at all, fits every one.

    Attributes:
        ids: the events' ids.
        number: our number.
        before: they were parked earlier than this.
        since: they were parked then or later.
    """

    ids: frozenset[str] = frozenset()
    queue: str | None = None
    reason: str | None = None
    number: str | None = None
    before: datetime | None = None
    since: datetime | None = None

    def among(self, parked: Iterable[Parked]) -> list[Parked]:
        """The ones that are meant, in their order."""
        return [one for one in parked if self._fits(one)]

    def _fits(self, parked: Parked) -> bool:
        return (
            (not self.ids or parked.id in self.ids)
            and self.queue in (None, parked.queue)
            and self.reason in (None, parked.reason)
            and self.number in (None, parked.number)
            and (self.before is None or parked.parked_at < self.before)
            and (self.since is None or parked.parked_at >= self.since)
        )


def replay(parked: Parked, *, parking: Parking, queue: MessageQueue) -> bool:
    """Sends the event to its queue again, then forgets it; whether it was still there to be sent.

    A crash between the two leaves it parked: the next replay sends it once more, and the queue or the claim, whose key
    is the event's own id, swallows it. If it is parked again before it is forgotten, it stays.

    Raises Unavailable, Malformed: then it is still parked.
    """
    present = parking.find(parked.tenant, parked.id)
    if present is None:
        return False
    times = replays(present) + 1
    queue.send({**present.event, REPLAY: times}, group=present.group, deduplication=f"{present.id}.{times}")
    parking.remove(present)
    return True


def replays(parked: Parked) -> int:
    """How often the event was replayed before."""
    times = parked.event.get(REPLAY, 0)
    return times if isinstance(times, int) else 0
