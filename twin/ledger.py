"""All messages, and the phones that show them."""

import threading
from collections import defaultdict

from twin.record import Message, StatusCallback


class Ledger:
    """The messages in the order of their creation, behind one lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, Message] = {}
        self._phones: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, message: Message) -> None:
        """Add a message, or replace the one with the same SID."""
        with self._lock:
            self._messages[message.sid] = message

    def set_status(self, sid: str, status: str, error_code: int | None = None) -> Message:
        """Give a message its next status. A delivered message is on its receiver's phone at the same moment."""
        with self._lock:
            message = self._messages[sid] = self._messages[sid].with_status(status, error_code)
            if status == "delivered":
                self._phones[message.receiver].append(sid)
        return message

    def add_callback(self, sid: str, callback: StatusCallback) -> None:
        """Record a status callback."""
        with self._lock:
            self._messages[sid] = self._messages[sid].with_callback(callback)

    def find(self, sid: str) -> Message | None:
        """The message, or None."""
        with self._lock:
            return self._messages.get(sid)

    def all(self) -> list[Message]:
        """Every message, the oldest first."""
        with self._lock:
            return list(self._messages.values())

    def phone(self, number: str) -> list[Message]:
        """What the phone with this number shows, in order of arrival."""
        with self._lock:
            return [self._messages[sid] for sid in self._phones.get(number, ())]
