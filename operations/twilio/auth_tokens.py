"""The two auth tokens of an account at Twilio: creating, deleting and promoting the secondary one.

Source: Twilio docs, "REST API: Secondary Auth Token" and "REST API: Auth Token" (promotion). The API accepts both while
there are two. The primary one signs webhooks, and becomes invalid as soon as the secondary one is promoted. The
credentials determine the account, so the requests are made with an auth token and never with an API key.
"""

from collections.abc import Callable

from twilio.rest import Client

from shared.errors import InDoubt
from shared.providers.twilio import NAME
from shared.providers.twilio.rest_client import NONSENSE, TwilioClient
from shared.tenants.account import Account


class TwilioTokens:
    """Changes the auth tokens of accounts.

    Args:
        url: a replacement for Twilio's hosts; None for Twilio's own.
        timeout_seconds: how long a change may take.
    """

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._request = TwilioClient(url, timeout_seconds=timeout_seconds)

    def create(self, sid: str, auth_token: str, *, region: str = "") -> str:
        """A new secondary token.

        Raises Unavailable, InDoubt, UpstreamRefused; UpstreamRefused also when there already is one.
        """
        return self._token(
            _account(sid, auth_token, region),
            lambda client: client.accounts.v1.secondary_auth_token().create().secondary_auth_token,
        )

    def delete(self, sid: str, auth_token: str, *, region: str = "") -> None:
        """Deletes the secondary token. Raises Unavailable, InDoubt, UpstreamRefused."""
        self._request(
            _account(sid, auth_token, region), lambda client: client.accounts.v1.secondary_auth_token().delete()
        )

    def promote(self, sid: str, auth_token: str, *, region: str = "") -> str:
        """The secondary token, which is now the primary one. Raises Unavailable, InDoubt, UpstreamRefused."""
        return self._token(
            _account(sid, auth_token, region),
            lambda client: client.accounts.v1.auth_token_promotion().update().auth_token,
        )

    def _token(self, account: Account, action: Callable[[Client], object]) -> str:
        try:
            token = self._request(account, action)
        except NONSENSE:
            token = None
        if not isinstance(token, str) or not token:
            sentence = "Twilio changed the auth tokens, but its answer cannot be read"
            raise InDoubt(sentence)
        return token


def _account(sid: str, auth_token: str, region: str) -> Account:
    return Account(sid, NAME, (auth_token,), region=region)
