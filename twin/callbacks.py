"""Status callbacks: each change of an outbound message's status, posted to the URL that came with the message.

The first status, `queued`, causes none (Twilio docs: "Outbound Message Status in Status Callbacks"). They are signed
like any webhook and may come out of order (Twilio docs: "Track the Message Status of Outbound Messages") and, since a
request may be repeated, twice. The twin makes them difficult on purpose and by rule, which is not Twilio's: every other
message's `sent` comes only after its last status, and the last status comes twice.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from twin.attempts import HookOutcome
from twin.lanes import Lanes
from twin.ledger import Ledger
from twin.message import API_VERSION
from twin.record import FINAL, Message, StatusCallback
from twin.signing import Fields


@dataclass(frozen=True)
class CallbackOptions:
    """How difficult the callbacks are.

    Attributes:
        shuffle: Whether every other message's `sent` comes last.
        repeat: Whether a message's last status comes twice.
        off: Whether callbacks are off altogether.
    """

    shuffle: bool = True
    repeat: bool = True
    off: bool = False


class Callbacks:
    """Makes the callbacks of each message one after another.

    Args:
        ledger: Where they are recorded.
        post: Posts a form to a message's status callback URL and returns the result.
    """

    def __init__(self, ledger: Ledger, post: Callable[[Message, Fields], HookOutcome]) -> None:
        self._ledger = ledger
        self._post = post
        self._lanes = Lanes()
        self._lock = threading.Lock()
        self._options = CallbackOptions()
        self._messages = 0
        self._held: dict[str, Message | None] = {}

    def configure(self, options: CallbackOptions) -> None:
        """Set the options for all following messages."""
        with self._lock:
            self._options = options
            self._messages = 0

    @property
    def idle(self) -> bool:
        """Whether no callback is waiting or under way."""
        return self._lanes.idle

    def report(self, message: Message) -> None:
        """Report a message's status to its status callback URL, if it has one."""
        if message.status_callback is not None:
            for snapshot in self._in_order(message):
                self._lanes.add(message.sid, partial(self._call, snapshot))

    def _in_order(self, message: Message) -> list[Message]:
        with self._lock:
            if self._options.off:
                return []
            if message.status == "sending":
                self._messages += 1
                if self._options.shuffle and self._messages % 2:
                    self._held[message.sid] = None
            if message.status == "sent" and message.sid in self._held:
                self._held[message.sid] = message
                return []
            if message.status not in FINAL:
                return [message]
            held = self._held.pop(message.sid, None)
            late = [] if held is None else [held]
            return [message, *late, message] if self._options.repeat else [message, *late]

    def _call(self, message: Message) -> None:
        outcome = self._post(message, callback_fields(message))
        error = None if outcome.failure is None else str(outcome.failure)
        self._ledger.add_callback(message.sid, StatusCallback(message.status, outcome.status, error))


def callback_fields(message: Message) -> Fields:
    """The form of a status callback (Twilio docs: "Track the Message Status of Outbound Messages")."""
    fields = [
        ("SmsSid", message.sid),
        ("SmsStatus", message.status),
        ("MessageStatus", message.status),
        ("To", message.receiver),
        ("MessageSid", message.sid),
        ("AccountSid", message.account_sid),
        ("From", message.sender),
        ("ApiVersion", API_VERSION),
    ]
    return fields if message.error_code is None else [*fields, ("ErrorCode", str(message.error_code))]
