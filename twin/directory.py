"""What an operator has at Twilio, behind one lock: accounts, numbers, services, and where the twin connects to."""

import threading

from twin.accounts import Number, TwinAccount
from twin.exchange import Connections
from twin.services import Service, routed


class NotKnown(LookupError):
    """The twin does not know what the request names. The message is a sentence for the caller."""


class Directory:
    """Accounts, numbers, Messaging Services and the connections table."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accounts: dict[str, TwinAccount] = {}
        self._numbers: dict[str, Number] = {}
        self._services: dict[str, Service] = {}
        self._connections: Connections = {}

    def put_account(self, account: TwinAccount) -> None:
        """Add an account, or replace it."""
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

    def account(self, account_sid: str) -> TwinAccount:
        """The account.

        Raises:
            NotKnown: There is no such account.
        """
        with self._lock:
            return self._account(account_sid)

    def put_number(self, number: Number) -> None:
        """Add a number, or replace it.

        Raises:
            NotKnown: There is no such account, or it has no such service.
        """
        with self._lock:
            self._account(number.account_sid)
            if number.service_sid:
                self._service(number.account_sid, number.service_sid)
            self._numbers[number.number] = number

    def numbers(self) -> list[Number]:
        """All numbers, in the order of their addition."""
        with self._lock:
            return list(self._numbers.values())

    def delete_number(self, number: str) -> None:
        """Delete a number.

        Raises:
            NotKnown: There is no such number.
        """
        with self._lock:
            if self._numbers.pop(number, None) is None:
                message = f"number: there is no number {number}."
                raise NotKnown(message)

    def find_number(self, receiver: str) -> Number | None:
        """The number that a text to this address arrives at; None when there is none.

        That is the address itself, or the phone number that follows the channel, as in `whatsapp:+1…`.
        """
        _, _, plain = receiver.rpartition(":")
        with self._lock:
            return self._numbers.get(receiver) or (self._numbers.get(plain) if plain.startswith("+") else None)

    def number_for(self, receiver: str) -> Number:
        """The number that a text to this address arrives at.

        Raises:
            NotKnown: There is no such number.
        """
        number = self.find_number(receiver)
        if number is None:
            message = f"to: there is no number {receiver}."
            raise NotKnown(message)
        return number

    def routed(self, number: Number) -> Number | None:
        """The number with the webhooks that get its texts, as in `twin.services.routed`; None when they are dropped."""
        with self._lock:
            return routed(number, self._services.get(number.service_sid))

    def accounts(self) -> list[TwinAccount]:
        """All accounts."""
        with self._lock:
            return list(self._accounts.values())

    def put_service(self, service: Service) -> None:
        """Add a Messaging Service, or replace it.

        Raises:
            NotKnown: There is no such account.
        """
        with self._lock:
            self._account(service.account_sid)
            self._services[service.sid] = service

    def services(self) -> list[Service]:
        """All Messaging Services, in the order of their addition."""
        with self._lock:
            return list(self._services.values())

    def put_connections(self, connections: Connections) -> None:
        """Replace the connections table."""
        with self._lock:
            self._connections = dict(connections)

    def connections(self) -> Connections:
        """The connections table."""
        with self._lock:
            return self._connections

    def _account(self, account_sid: str) -> TwinAccount:
        account = self._accounts.get(account_sid)
        if account is None:
            message = f"account_sid: there is no account {account_sid}."
            raise NotKnown(message)
        return account

    def _service(self, account_sid: str, service_sid: str) -> Service:
        service = self._services.get(service_sid)
        if service is None or service.account_sid != account_sid:
            message = f"messaging_service_sid: the account {account_sid} has no service {service_sid}."
            raise NotKnown(message)
        return service
