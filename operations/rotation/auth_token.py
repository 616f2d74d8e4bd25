"""Exchanging an account's auth token: how far it is, told by the stored tokens and by which of them the provider knows.

The stored ones are in the order in which they came. The provider knows two as long as one of them is to be promoted,
and one before and after that: so nothing else needs to be kept.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from operations.tenants.edits import Edit, account_named, exchanged
from shared.errors import Declined
from shared.tenants.tenant import Account, Tenant


class Step(Enum):
    """What comes next."""

    MAKE = auto()
    PROMOTE = auto()
    DROP = auto()


@dataclass(frozen=True)
class Tokens:
    """An account's stored tokens: those that the provider knows, and those that it does not, in their order."""

    alive: tuple[str, ...] = field(repr=False)
    dead: tuple[str, ...] = field(repr=False)
    step: Step


def tokens(account: Account, known: Collection[str]) -> Tokens:
    """How far an account is. Raises Declined when the provider knows none of its tokens."""
    alive = tuple(token for token in account.auth_tokens if token in known)
    dead = tuple(token for token in account.auth_tokens if token not in known)
    if not alive:
        message = f"Twilio knows none of the auth tokens of account {account.sid}; set it anew: sms twilio set-account"
        raise Declined(message)
    if len(alive) > 1:
        step = Step.PROMOTE
    elif dead and alive == account.auth_tokens[-1:]:
        step = Step.DROP
    else:
        step = Step.MAKE
    return Tokens(alive, dead, step)


def exchange(sid: str, *, add: str | None = None, drop: Collection[str] = ()) -> Edit:
    """Lets one more token of an account sign, after the others, and some no longer."""

    def edit(tenant: Tenant) -> Tenant:
        account = account_named(tenant, sid)
        kept = tuple(token for token in account.auth_tokens if token not in drop and token != add)
        changed = replace(account, auth_tokens=(*kept, add) if add else kept)
        return replace(tenant, accounts=exchanged(tenant.accounts, changed, instead_of=account))

    return edit
