"""How long one webhook may still take: its overrides' times, counting down."""

import time
from dataclasses import dataclass

from twin.failures import Failure
from twin.overrides import Overrides

_MAX_TOTAL_MILLISECONDS = 15_000


@dataclass(frozen=True)
class HookLimits:
    """The waits for one webhook, all its tries together, in real seconds.

    Attributes:
        connect_seconds: The longest wait for a connection.
        read_seconds: The longest wait for each packet of the answer.
        ends_at: When everything must be over, on the clock of `time.monotonic`.
        total_was_set: Whether the URL set the total itself: then exceeding it has its own error code
            (Twilio docs: "11203: HTTP communication total time out triggered").
    """

    connect_seconds: float
    read_seconds: float
    ends_at: float
    total_was_set: bool

    @classmethod
    def start(cls, overrides: Overrides, time_scale: float) -> "HookLimits":
        """Start the clock. A time scale of 0.1 makes every wait ten times shorter."""
        total_milliseconds = overrides.total_milliseconds or _MAX_TOTAL_MILLISECONDS
        return cls(
            connect_seconds=overrides.connect_milliseconds / 1000 * time_scale,
            read_seconds=overrides.read_milliseconds / 1000 * time_scale,
            ends_at=time.monotonic() + total_milliseconds / 1000 * time_scale,
            total_was_set=overrides.total_milliseconds is not None,
        )

    @property
    def remaining_seconds(self) -> float:
        """What remains of the total time, never below zero."""
        return max(0.0, self.ends_at - time.monotonic())

    def timeout_failure(self, timeout: Failure) -> Failure:
        """The failure that a time-out counts as: the total's when the URL set a total and it is used up."""
        return Failure.TOTAL_TIMEOUT if self.total_was_set and not self.remaining_seconds else timeout
