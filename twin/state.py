"""Everything that the twin knows, behind one lock. It lives as long as the process."""

import threading
from dataclasses import replace

from twin.accounts import Account, Number
from twin.connection import Connections
from twin.debugger import Alert
from twin.delivery import Delivery, deliver
from twin.message import Signing, Text
from twin.tries import Sender


class NotKnown(LookupError):
    """Something was named that the twin does not know. The message is a sentence for the caller."""


class Twilio:
    """Accounts, numbers, the connections table, the texts sent so far and the debugger.

    Args:
        time_scale: What every wait of Twilio's is multiplied by; 1.0 for Twilio's own times.
    """

    def __init__(self, time_scale: float = 1.0) -> None:
        self._time_scale = time_scale
        self._lock = threading.Lock()
        self._accounts: dict[str, Account] = {}
        self._numbers: dict[str, Number] = {}
        self._connections: Connections = {}
        self._texts: dict[str, Text] = {}
        self._alerts: list[Alert] = []

    def put_account(self, account: Account) -> None:
        """Add an account, or change its tokens."""
        with self._lock:
            self._accounts[account.sid] = account

    def promote(self, account_sid: str) -> None:
        """Make an account's secondary auth token the primary one.

        Raises:
            NotKnown: There is no such account, or it has no secondary token.
        """
        with self._lock:
            promoted = self._account(account_sid).promoted()
            if promoted is None:
                message = f"secondary_auth_token: the account {account_sid} has none to promote."
                raise NotKnown(message)
            self._accounts[account_sid] = promoted

    def put_number(self, number: Number) -> None:
        """Add a number, or change it.

        Raises:
            NotKnown: There is no such account.
        """
        with self._lock:
            self._account(number.account_sid)
            self._numbers[number.number] = number

    def numbers(self) -> list[Number]:
        """All numbers, in the order in which they were added."""
        with self._lock:
            return list(self._numbers.values())

    def delete_number(self, number: str) -> None:
        """Give a number back.

        Raises:
            NotKnown: There is no such number.
        """
        with self._lock:
            if self._numbers.pop(number, None) is None:
                message = f"number: there is no number {number}."
                raise NotKnown(message)

    def put_connections(self, connections: Connections) -> None:
        """Replace the connections table."""
        with self._lock:
            self._connections = dict(connections)

    def number_for(self, receiver: str) -> Number:
        """The number that a text to this address arrives at: itself, or what follows the channel, as in `whatsapp:+1…`.

        Raises:
            NotKnown: There is no such number.
        """
        with self._lock:
            number = self._numbers.get(receiver) or self._numbers.get(receiver.rpartition(":")[2])
        if number is None:
            message = f"to: there is no number {receiver}."
            raise NotKnown(message)
        return number

    def alerts(self) -> list[Alert]:
        """The debugger's entries, the newest last."""
        with self._lock:
            return list(self._alerts)

    def send(self, text: Text) -> Delivery:
        """Deliver a text and remember it.

        Raises:
            NotKnown: Its number or that number's account is gone.
        """
        with self._lock:
            number = self._numbers.get(text.number)
            if number is None:
                message = f"to: there is no number {text.number}."
                raise NotKnown(message)
            token = text.signing.sign_with or self._account(number.account_sid).auth_token
            sender = Sender(token, text.signing.signature, text.idempotency_token, self._connections)
            self._texts[text.message_sid] = text
        delivery, alerts = deliver(text, number, sender, time_scale=self._time_scale)
        with self._lock:
            self._alerts += alerts
        return delivery

    def send_again(self, message_sid: str, signing: Signing | None) -> Delivery:
        """Deliver a text's form again, byte for byte.

        Args:
            message_sid: The text.
            signing: How it is signed this time; None for the way it was signed first.

        Raises:
            NotKnown: There was no such text, or its number is gone.
        """
        with self._lock:
            text = self._texts.get(message_sid)
        if text is None:
            message = f"message_sid: there was no text {message_sid}."
            raise NotKnown(message)
        return self.send(text if signing is None else replace(text, signing=signing))

    def _account(self, account_sid: str) -> Account:
        account = self._accounts.get(account_sid)
        if account is None:
            message = f"account_sid: there is no account {account_sid}."
            raise NotKnown(message)
        return account
