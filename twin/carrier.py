"""A message's way to a phone: queued, sending, sent, delivered; or a failure instead.

How long each step takes is not documented; these times are the twin's. Between two numbers, messages arrive in the
order of their creation, as they would from a long code, which sends one segment a second. Twilio promises no order.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from twin.lanes import Lanes
from twin.ledger import Ledger
from twin.record import Message

_SECONDS = {"sending": 0.1, "sent": 0.1, "delivered": 0.3, "undelivered": 0.3, "failed": 0.1}
_STATUSES = {
    "delivered": ("sending", "sent", "delivered"),
    "undelivered": ("sending", "sent", "undelivered"),
    "failed": ("sending", "failed"),
}


@dataclass(frozen=True)
class Ending:
    """A message's last status, `delivered`, `undelivered` or `failed`, and its error code."""

    status: str = "delivered"
    error_code: int | None = None


DELIVERED = Ending()
"""The usual ending."""


class Carrier:
    """Carries messages to phones, one after another between any two numbers.

    Args:
        ledger: Where the statuses are recorded.
        announce: Called with the message after every change of its status.
        time_scale: Multiplies every wait.
    """

    def __init__(self, ledger: Ledger, report: Callable[[Message], None], time_scale: float) -> None:
        self._ledger = ledger
        self._report = report
        self._time_scale = time_scale
        self._lanes = Lanes()

    def carry(self, message: Message, ending: Ending = DELIVERED) -> None:
        """Record a new message and send it on its way."""
        self._ledger.add(message)
        self._lanes.add((message.sender, message.receiver), partial(self._carry, message.sid, ending))

    @property
    def idle(self) -> bool:
        """Whether every message has arrived, or failed."""
        return self._lanes.idle

    def _carry(self, sid: str, ending: Ending) -> None:
        for status in _STATUSES[ending.status]:
            time.sleep(_SECONDS[status] * self._time_scale)
            self._report(self._ledger.set_status(sid, status, ending.error_code if status == ending.status else None))
