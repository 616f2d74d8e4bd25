"""Replacing an account's auth token. The stored tokens, and which of them the provider accepts, tell the next step.

Tokens are stored in the order in which they were added. The provider accepts two while the new one waits to be
promoted, and one before and after that. So nothing else needs to be stored.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from operations.tenants.edits import Edit, account_named, replaced
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined
from shared.tenants.account import Account


class Step(Enum):
    """The next step: make a secondary token, promote it, or drop the old one."""

    MAKE = auto()
    PROMOTE = auto()
    DROP = auto()


@dataclass(frozen=True)
class Tokens:
    """An account's stored tokens in their order: those that the provider accepts (`alive`), and the others (`dead`)."""

    alive: tuple[str, ...] = field(repr=False)
    dead: tuple[str, ...] = field(repr=False)
    step: Step


def tokens(account: Account, accepted: Collection[str]) -> Tokens:
    """The account's stored tokens and the next step. Raises CommandDeclined when the provider accepts none of them."""
    alive = tuple(token for token in account.auth_tokens if token in accepted)
    dead = tuple(token for token in account.auth_tokens if token not in accepted)
    if not alive:
        message = (
            f"Twilio accepts none of the auth tokens of account {account.sid}; set it again: sms twilio set-account"
        )
        raise CommandDeclined(message)
    if len(alive) > 1:
        step = Step.PROMOTE
    elif dead and alive == account.auth_tokens[-1:]:
        step = Step.DROP
    else:
        step = Step.MAKE
    return Tokens(alive, dead, step)


def exchange(sid: str, *, add: str | None = None, drop: Collection[str] = ()) -> Edit:
    """The edit that adds a token to an account, after its others, and drops some. Raises NotFound."""

    def edit(tenant: ManagedTenant) -> ManagedTenant:
        account = account_named(tenant, sid)
        remaining = tuple(token for token in account.auth_tokens if token not in drop and token != add)
        changed = replace(account, auth_tokens=(*remaining, add) if add else remaining)
        return replace(tenant, accounts=replaced(tenant.accounts, changed, instead_of=account))

    return edit
