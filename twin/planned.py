"""Failures on demand: what the next messages of the REST API come to."""

import threading
from dataclasses import dataclass, replace

from twin.carrier import DELIVERED, Ending


@dataclass(frozen=True)
class PlannedFailure:
    """What is to go wrong.

    Attributes:
        kind: `status` for an error in the place of the message; `lost_answer` for a message whose sender never gets
            the answer; `fails_later` for one that does not arrive.
        to: For messages to this number only; None for any.
        sender: For messages from this number only; None for any.
        count: How many more times; 0 for ever.
        status: The HTTP status of `status`.
        code: Twilio's error code of `status`.
        seconds: How long `lost_answer` keeps the connection open, in real seconds.
        ending: How the message of `fails_later` ends.
    """

    kind: str
    to: str | None = None
    sender: str | None = None
    count: int = 1
    status: int = 0
    code: int = 0
    seconds: float = 0
    ending: Ending = DELIVERED

    def fits(self, sender: str, receiver: str) -> bool:
        """Whether it is meant for a message between these two."""
        return self.to in {None, receiver} and self.sender in {None, sender}


class PlannedFailures:
    """The failures to come, the oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[PlannedFailure] = []

    def add(self, planned: PlannedFailure) -> None:
        """Plan one more."""
        with self._lock:
            self._planned.append(planned)

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._planned.clear()

    def all(self) -> list[PlannedFailure]:
        """What is left."""
        with self._lock:
            return list(self._planned)

    def take(self, sender: str, receiver: str) -> PlannedFailure | None:
        """The first one that fits a message, used up by one; or None."""
        with self._lock:
            for index, planned in enumerate(self._planned):
                if planned.fits(sender, receiver):
                    if planned.count == 1:
                        del self._planned[index]
                    elif planned.count:
                        self._planned[index] = replace(planned, count=planned.count - 1)
                    return planned
        return None
