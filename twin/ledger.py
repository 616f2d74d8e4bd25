"""All messages, and what each phone shows."""

import threading
from collections import defaultdict

from twin.record import Message, StatusCallback


class Ledger:
    """The messages in the order in which they were made, behind one lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, Message] = {}
        self._phones: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, message: Message) -> None:
        """Write a message down; one of the same SID is replaced."""
        with self._lock:
            self._messages[message.sid] = message

    def move(self, sid: str, status: str, error_code: int | None = None) -> Message:
        """Give a message its next status; one that is delivered is on its receiver's phone at the same moment."""
        with self._lock:
            moved = self._messages[sid] = self._messages[sid].moved(status, error_code)
            if status == "delivered":
                self._phones[moved.receiver].append(sid)
        return moved

    def called_back(self, sid: str, callback: StatusCallback) -> None:
        """Write down a status callback."""
        with self._lock:
            self._messages[sid] = self._messages[sid].called_back(callback)

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
