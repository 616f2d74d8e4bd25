"""How long one webhook may still take: the overrides' times, running."""

import time
from dataclasses import dataclass

from twin.failures import Failure
from twin.overrides import Overrides

_MOST_TOTAL_MILLISECONDS = 15_000


@dataclass(frozen=True)
class Limits:
    """The waits for one webhook, all its tries together, in real seconds.

    Attributes:
        connect_seconds: The longest wait for a connection.
        read_seconds: The longest wait for each packet of the answer.
        ends_at: When everything must be over, on the clock of `time.monotonic`.
        total_was_set: Whether the URL set the total itself: then running out of it has an error code of its own
            (Twilio docs: "11203: HTTP communication total time out triggered").
    """

    connect_seconds: float
    read_seconds: float
    ends_at: float
    total_was_set: bool

    @classmethod
    def start(cls, overrides: Overrides, time_scale: float) -> "Limits":
        """Start the clock. A time scale of 0.1 makes every wait ten times shorter."""
        total_milliseconds = overrides.total_milliseconds or _MOST_TOTAL_MILLISECONDS
        return cls(
            connect_seconds=overrides.connect_milliseconds / 1000 * time_scale,
            read_seconds=overrides.read_milliseconds / 1000 * time_scale,
            ends_at=time.monotonic() + total_milliseconds / 1000 * time_scale,
            total_was_set=overrides.total_milliseconds is not None,
        )

    @property
    def remaining_seconds(self) -> float:
        """What is left of the total, never less than nothing."""
        return max(0.0, self.ends_at - time.monotonic())

    def named(self, timeout: Failure) -> Failure:
        """The name of a time-out that just happened: the total's when the URL set one and it is used up."""
        return Failure.TOTAL_TIMEOUT if self.total_was_set and not self.remaining_seconds else timeout
