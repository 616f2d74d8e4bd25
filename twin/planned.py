"""Failures on demand, for the next messages that are created with the REST API."""

import threading
from dataclasses import dataclass, replace

from twin.carrier import DELIVERED, Ending


@dataclass(frozen=True)
class PlannedFailure:
    """A failure that was ordered in advance.

    Attributes:
        kind: `status` for an error instead of the message; `lost_answer` for a message whose sender never gets the
            response; `fails_later` for a message that does not arrive.
        to: For messages to this number only; None for any.
        sender: For messages from this number only; None for any.
        count: How many more times; 0 for always.
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

    def applies_to(self, sender: str, receiver: str) -> bool:
        """Whether it is meant for a message between these two numbers."""
        return self.to in {None, receiver} and self.sender in {None, sender}


class PlannedFailures:
    """The failures to come, the oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[PlannedFailure] = []

    def add(self, planned: PlannedFailure) -> None:
        """Add a failure."""
        with self._lock:
            self._planned.append(planned)

    def clear(self) -> None:
        """Remove all failures."""
        with self._lock:
            self._planned.clear()

    def all(self) -> list[PlannedFailure]:
        """The failures that are still to come."""
        with self._lock:
            return list(self._planned)

    def take(self, sender: str, receiver: str) -> PlannedFailure | None:
        """The first failure that applies to a message, or None. Taking it lowers its count by one."""
        with self._lock:
            for index, planned in enumerate(self._planned):
                if planned.applies_to(sender, receiver):
                    if planned.count == 1:
                        del self._planned[index]
                    elif planned.count:
                        self._planned[index] = replace(planned, count=planned.count - 1)
                    return planned
        return None
