"""An account at an SMS provider, with its secrets."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.tenants.validation import require


class AccountName(NamedTuple):
    """What is no secret about an account: its SID, and the provider's name in the registry."""

    sid: str
    provider: str


@dataclass(frozen=True)
class RestKey:
    """A provider's REST API key, for sending without the account's auth token."""

    sid: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(self.sid and self.secret, "REST key: it needs both a SID and a secret")


@dataclass(frozen=True)
class Account:
    """An account at a provider, with all auth tokens that currently sign webhooks.

    Attributes:
        region: the provider's region that its messages are sent from; empty for the provider's usual one.
    """

    sid: str
    provider: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    rest_key: RestKey | None = None
    region: str = ""

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(re.fullmatch(r"[a-z0-9]{0,16}", self.region), f"account {self.sid}: its region is not one")
        require(re.fullmatch(r"[0-9A-Za-z]{1,64}", self.sid), "account SID: it must be letters and digits")
        require(self.auth_tokens and all(self.auth_tokens), f"account {self.sid}: it needs at least one auth token")

    @property
    def name(self) -> AccountName:
        """The account without its secrets."""
        return AccountName(self.sid, self.provider)


Accounts = tuple[Account, ...]
"""All accounts of a tenant."""


@dataclass(frozen=True)
class ProviderSecrets:
    """What webhooks of a tenant are verified with, and what its messages are sent with.

    Attributes:
        salt: the tenant's, which conversation ids are computed with.
        accounts: its accounts at providers.
    """

    salt: str = field(repr=False)
    accounts: Accounts = ()

    def account(self, sid: str) -> Account | None:
        """The account with this SID, or None."""
        return account_with(sid, self.accounts)


def account_with(sid: str, accounts: Accounts) -> Account | None:
    """The account with this SID, or None."""
    return next((account for account in accounts if account.sid == sid), None)
