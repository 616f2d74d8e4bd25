"""What operators change of tenants, credentials and provider accounts: edits, which store nothing themselves.

An edit is a pure function from one tenant to the next. It raises a Declined that says what to do instead.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from typing import TypeVar

from shared.errors import Conflict, Declined, NotFound
from shared.tenants.tenant import Account, Credential, RestKey, Role, SignatureMode, Tenant

Edit = Callable[[Tenant], Tenant]
T = TypeVar("T")


def in_turn(*edits: Edit) -> Edit:
    """One edit after the other, all of them or none."""
    return lambda tenant: reduce(lambda tenant, edit: edit(tenant), edits, tenant)


def update(*, roles_active: Iterable[Role] | None = None, signature_mode: SignatureMode | None = None) -> Edit:
    """Gives the tenant other active roles or another signature mode; None leaves them. Declines a role in use."""
    return lambda tenant: replace(
        tenant,
        roles_active=tenant.roles_active if roles_active is None else tuple(dict.fromkeys(roles_active)),
        signature_mode=signature_mode or tenant.signature_mode,
    )


def add_credential(credential: Credential) -> Edit:
    """Adds a credential. Declines a role that is not active and a name that is taken."""

    def edit(tenant: Tenant) -> Tenant:
        active, role = tenant.roles_active, credential.role
        if role not in active:
            message = (
                f"credentials can be made only for active roles, which are {', '.join(active)}; "
                f"someone who may write this tenant's document can activate {role}, "
                f"with: sms tenant update --roles {','.join((*active, role))}"
            )
            raise Declined(message)
        return replace(tenant, credentials=(*tenant.credentials, credential))

    return edit


def revoke_credential(name: str) -> Edit:
    """Takes a credential away, and with it the good of its key. Declines a name that does not exist."""
    return lambda tenant: replace(
        tenant, credentials=exchanged(tenant.credentials, instead_of=credential_named(tenant, name))
    )


def add_account(account: Account) -> Edit:
    """Adds a provider's account. Declines one that the tenant has already."""
    return lambda tenant: replace(tenant, accounts=(*tenant.accounts, account))


def update_account(
    sid: str, *, add_token: str | None = None, drop_token: str | None = None, rest_key: RestKey | None = None
) -> Edit:
    """Lets another auth token of the account sign, or one no longer, or sets its REST key; None leaves them.

    `drop_token` is the last four characters of the token to drop; the one that is added stays. Declines an account that
    does not exist, a token that is there already, and dropping one that is not there, that is the only one, or that
    four characters do not single out.
    """

    def edit(tenant: Tenant) -> Tenant:
        account = account_named(tenant, sid)
        tokens = account.auth_tokens
        if add_token in tokens:
            message = f"account {sid} has this auth token already"
            raise Conflict(message)
        if drop_token is not None:
            dropped = the_one_ending(
                tokens, drop_token, "auth token", of=f"account {sid}", see="sms twilio show-accounts"
            )
            tokens = exchanged(tokens, instead_of=dropped)
        if add_token:
            tokens = (*tokens, add_token)
        if not tokens:
            message = f"this is the only auth token of account {sid}: add the new one first, or in the same command"
            raise Declined(message)
        changed = replace(account, auth_tokens=tokens, rest_key=rest_key or account.rest_key)
        return replace(tenant, accounts=exchanged(tenant.accounts, changed, instead_of=account))

    return edit


def credential_named(tenant: Tenant, name: str) -> Credential:
    """The credential with this name. Raises NotFound."""
    credential = next((credential for credential in tenant.credentials if credential.name == name), None)
    return found(credential, f"tenant {tenant.id!r} has no credential {name!r}; see: sms credential list")


def account_named(tenant: Tenant, sid: str) -> Account:
    """The provider's account with this SID. Raises NotFound."""
    return found(tenant.account(sid), f"tenant {tenant.id!r} has no account {sid}; see: sms twilio show-accounts")


def last_four(secret: str) -> str:
    """What is shown of a secret, to tell it from others."""
    return secret[-4:]


def the_one_ending(kept: tuple[str, ...], ending: str, what: str, *, of: str, see: str) -> str:
    """The secret with these last four characters. Raises NotFound, and Declined when they do not single one out."""
    fitting = [secret for secret in kept if last_four(secret) == ending]
    if len(fitting) > 1:
        message = f"two {what}s of {of} end like this, so it is not clear which one to drop"
        raise Declined(message)
    return found(next(iter(fitting), None), f"{of} has no {what} that ends like this; see: {see}")


def found(thing: T | None, otherwise: str) -> T:
    """The thing, or raises NotFound with the sentence when there is none."""
    if thing is None:
        raise NotFound(otherwise)
    return thing


def exchanged(things: tuple[T, ...], *new: T, instead_of: T) -> tuple[T, ...]:
    """The things with one of them exchanged for others, or taken out."""
    place = things.index(instead_of)
    return (*things[:place], *new, *things[place + 1 :])
