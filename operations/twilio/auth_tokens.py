"""Twilio's two auth tokens of an account: a secondary one is made, and promoted to be the primary one.

Source: Twilio docs, "REST API: Secondary Auth Token" and "REST API: Auth Token" (promotion). Both count for the API as
long as there are two; the primary one signs webhooks, and stops at once when the other is promoted. Which account is
meant, the credentials say: so it is asked with an auth token and never with an API key.
"""

from collections.abc import Callable

from twilio.rest import Client

from shared.errors import InDoubt
from shared.providers.twilio.rest_client import NONSENSE, Asking
from shared.providers.twilio.webhook import Twilio
from shared.tenants.tenant import Account


class TwilioTokens:
    """Changes the auth tokens of accounts.

    Args:
        url: what stands in for Twilio's hosts; None for these.
        timeout_seconds: how long a change may take.
    """

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._ask = Asking(url, timeout_seconds=timeout_seconds)

    def create(self, sid: str, auth_token: str) -> str:
        """A secondary token. Raises Unavailable, InDoubt, Refused: also when there is one already."""
        return self._token(
            sid, auth_token, lambda client: client.accounts.v1.secondary_auth_token().create().secondary_auth_token
        )

    def delete(self, sid: str, auth_token: str) -> None:
        """Takes the secondary token away. Raises Unavailable, InDoubt, Refused."""
        self._ask(_account(sid, auth_token), lambda client: client.accounts.v1.secondary_auth_token().delete())

    def promote(self, sid: str, auth_token: str) -> str:
        """The secondary token, which is the primary one from now on. Raises Unavailable, InDoubt, Refused."""
        return self._token(
            sid, auth_token, lambda client: client.accounts.v1.auth_token_promotion().update().auth_token
        )

    def _token(self, sid: str, auth_token: str, action: Callable[[Client], object]) -> str:
        try:
            token = self._ask(_account(sid, auth_token), action)
        except NONSENSE:
            token = None
        if not isinstance(token, str) or not token:
            sentence = "Twilio changed the auth tokens, but its answer cannot be read"
            raise InDoubt(sentence)
        return token


def _account(sid: str, auth_token: str) -> Account:
    return Account(sid, Twilio.name, (auth_token,))
