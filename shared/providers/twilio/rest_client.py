"""Requests to Twilio for an account: in time, and with each key of the account until one is accepted."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from shared.deadline import STEP_FACTOR, DeadlineExceeded, OpenConnections, run_within, tls_context
from shared.errors import InDoubt, Unavailable, UpstreamRefused
from shared.providers.twilio import ACCOUNT_COMMAND
from shared.providers.twilio.hosts import edge
from shared.providers.twilio.http_client import UNAUTHORIZED, TwilioHttp, Unauthorized
from shared.reasons import Reason
from shared.tenants.account import Account

T = TypeVar("T")

NONSENSE = (TwilioException, ValueError, TypeError, AttributeError, KeyError, RecursionError)
"""What the library raises at a yes that it cannot read."""

_NO_ENVIRONMENT = {"TWILIO_ENVIRONMENT": "is not ours"}  # an empty one would make the library read the real one


class TwilioClient:
    """Twilio's library, with our keys, our time limit and our errors.

    Args:
        url: what stands in for Twilio's hosts; None for these.
        timeout_seconds: how long an action may take, from connecting to the end of the answer, with all its keys.
    """

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._url = url
        self._timeout_seconds = timeout_seconds
        tls_context()  # loads the certificates now, before a message waits for them

    def __call__(self, account: Account, action: Callable[[Client], T]) -> T:
        """What the action gives. Raises InDoubt, Unavailable, UpstreamRefused, Configuration, and one of NONSENSE."""
        try:
            return run_within(
                self._timeout_seconds, lambda connections: self._with_each_key(account, action, connections)
            )
        except DeadlineExceeded as error:
            sentence = f"Twilio took longer than {self._timeout_seconds:g} seconds"
            raise (InDoubt(sentence) if error.connected else Unavailable(sentence)) from None

    def look(self, account: Account, action: Callable[[Client], T], what: str) -> T:
        """What a question gives that changes nothing, so that nothing is in doubt.

        Args:
            account: whom it is asked for.
            action: asks.
            what: what it asks for, for the error.

        Raises Unavailable, UpstreamRefused, Configuration.
        """
        try:
            return self(account, action)
        except InDoubt as error:
            raise Unavailable(str(error)) from None
        except NONSENSE:
            sentence = f"Twilio's {what} cannot be read"
            raise Unavailable(sentence) from None

    def _with_each_key(self, account: Account, action: Callable[[Client], T], connections: OpenConnections) -> T:
        http = TwilioHttp(self._url, connections, STEP_FACTOR * self._timeout_seconds)
        for username, password in _keys(account):
            client = Client(
                username,
                password,
                account.sid,
                region=account.region or None,
                edge=edge(account.region),
                http_client=http,
                environment=_NO_ENVIRONMENT,
            )
            try:
                return action(client)
            except Unauthorized:
                continue
        which = "REST key" if account.rest_key else "auth tokens"
        sentence = f"Twilio does not accept the {which} of account {account.sid}; set them anew: {ACCOUNT_COMMAND}"
        reason = Reason.PROVIDER_UNAUTHORIZED
        raise UpstreamRefused(reason, sentence, code=UNAUTHORIZED)


def _keys(account: Account) -> Iterator[tuple[str, str]]:
    if account.rest_key:
        yield account.rest_key.sid, account.rest_key.secret
    else:
        yield from ((account.sid, token) for token in account.auth_tokens)
