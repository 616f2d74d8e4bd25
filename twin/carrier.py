"""The way of a message to a phone: queued, sending, sent, delivered, or a failure in its place.

How long each step takes is not documented; these times are the twin's. Between two numbers the order of creation is the
order of arrival, which is what a long code with its one segment a second comes to; Twilio promises no order.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from twin.lanes import Lanes
from twin.ledger import Ledger
from twin.record import Message

_SECONDS = {"sending": 0.1, "sent": 0.1, "delivered": 0.3, "undelivered": 0.3, "failed": 0.1}
_WAYS = {
    "delivered": ("sending", "sent", "delivered"),
    "undelivered": ("sending", "sent", "undelivered"),
    "failed": ("sending", "failed"),
}


@dataclass(frozen=True)
class Ending:
    """How a message ends: `delivered`, `undelivered` or `failed`, and with which error code."""

    status: str = "delivered"
    error_code: int | None = None


DELIVERED = Ending()
"""The usual one."""


class Carrier:
    """Takes messages along, one after another between any two numbers.

    Args:
        ledger: Where the statuses are written down.
        announce: Called with the message after every change of its status.
        time_scale: What every wait is multiplied by.
    """

    def __init__(self, ledger: Ledger, announce: Callable[[Message], None], time_scale: float) -> None:
        self._ledger = ledger
        self._announce = announce
        self._time_scale = time_scale
        self._lanes = Lanes()

    def carry(self, message: Message, ending: Ending = DELIVERED) -> None:
        """Write a new message down and send it on its way."""
        self._ledger.add(message)
        self._lanes.add((message.sender, message.receiver), partial(self._carry, message.sid, ending))

    @property
    def idle(self) -> bool:
        """Whether every message has arrived, or failed."""
        return self._lanes.idle

    def _carry(self, sid: str, ending: Ending) -> None:
        for status in _WAYS[ending.status]:
            time.sleep(_SECONDS[status] * self._time_scale)
            self._announce(self._ledger.move(sid, status, ending.error_code if status == ending.status else None))
