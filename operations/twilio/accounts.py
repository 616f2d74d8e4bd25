"""What Twilio says of an account and of the secrets that we have of it.

Source: Twilio docs, "Account resource", and "Create API keys in the Twilio Console": a standard API key opens
everything but accounts and keys, so it is tried on the account's numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from twilio.rest import Client

from shared.errors import Refused
from shared.providers.twilio.http import UNAUTHORIZED
from shared.providers.twilio.rest_client import Asking
from shared.providers.twilio.webhook import Twilio
from shared.tenants.tenant import Account, RestKey

T = TypeVar("T")


@dataclass(frozen=True)
class AccountState:
    """An account at Twilio: `status` is active, suspended or closed, `type` Trial or Full."""

    status: str
    type: str


class TwilioAccounts:
    """Asks Twilio about accounts.

    Args:
        url: what stands in for Twilio's hosts; None for these.
        timeout_seconds: how long a question may take.
    """

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._asking = Asking(url, timeout_seconds=timeout_seconds)

    def state(self, sid: str, auth_token: str) -> AccountState | None:
        """The account's state; None when this is none of its auth tokens. Raises Unavailable, Refused."""

        def fetch(client: Client) -> AccountState:
            found: Any = client.api.accounts(sid).fetch()
            if not isinstance(found.status, str) or not isinstance(found.type, str):
                raise TypeError
            return AccountState(found.status, found.type)

        return self._ask(Account(sid, Twilio.name, (auth_token,)), fetch)

    def opens(self, sid: str, key: RestKey) -> bool:
        """Whether this API key opens the account. Raises Unavailable, Refused."""

        def look(client: Client) -> bool:
            client.incoming_phone_numbers.list(limit=1)
            return True

        only_the_key = Account(
            sid, Twilio.name, (key.secret,), key
        )  # an account has a token; with a key it is not used
        return self._ask(only_the_key, look) is not None

    def _ask(self, account: Account, action: Callable[[Client], T]) -> T | None:
        try:
            return self._asking.look(account, action, "word on the account")
        except Refused as error:
            if error.code == UNAUTHORIZED:
                return None
            raise
