"""The state of an account at Twilio, and whether Twilio accepts our secrets for it.

Source: Twilio docs, "Account resource", and "Create API keys in the Twilio Console": a standard API key gives access to
everything except accounts and keys, so it is tested on the account's numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from twilio.rest import Client

from shared.errors import UpstreamRefused
from shared.providers.twilio import NAME
from shared.providers.twilio.http_client import UNAUTHORIZED
from shared.providers.twilio.rest_client import TwilioClient
from shared.tenants.account import Account, RestKey

T = TypeVar("T")


@dataclass(frozen=True)
class AccountState:
    """The state of an account: `status` is active, suspended or closed, `type` is Trial or Full."""

    status: str
    type: str


class TwilioAccounts:
    """Twilio's API for accounts.

    Args:
        url: a replacement for Twilio's hosts; None for Twilio's own.
        timeout_seconds: how long a request may take.
    """

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._rest = TwilioClient(url, timeout_seconds=timeout_seconds)

    def state(self, sid: str, auth_token: str, *, region: str = "") -> AccountState | None:
        """The account's state; None when this is not one of its auth tokens in the region.

        Raises Unavailable, UpstreamRefused.
        """

        def fetch(client: Client) -> AccountState:
            resource: Any = client.api.accounts(sid).fetch()
            if not isinstance(resource.status, str) or not isinstance(resource.type, str):
                raise TypeError
            return AccountState(resource.status, resource.type)

        return self._request(Account(sid, NAME, (auth_token,), region=region), fetch)

    def opens(self, sid: str, key: RestKey, *, region: str = "") -> bool:
        """Whether this API key gives access to the account in the region. Raises Unavailable, UpstreamRefused."""

        def list_numbers(client: Client) -> bool:
            client.incoming_phone_numbers.list(limit=1)
            return True

        # An account must have an auth token; it is not used when there is a key.
        account = Account(sid, NAME, (key.secret,), key, region)
        return self._request(account, list_numbers) is not None

    def _request(self, account: Account, action: Callable[[Client], T]) -> T | None:
        try:
            return self._rest.look(account, action, "word on the account")
        except UpstreamRefused as error:
            if error.code == UNAUTHORIZED:
                return None
            raise
