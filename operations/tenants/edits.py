"""Edits of tenants, credentials and provider accounts.

An edit is a pure function: it gets a tenant and returns the changed one, and stores nothing. It raises a
CommandDeclined that says what to do instead.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from typing import TypeVar

from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, Conflict, NotFound
from shared.tenants.account import Account, RestKey
from shared.tenants.tenant import Credential, Role, SignatureMode, Tenant

Edit = Callable[[ManagedTenant], ManagedTenant]
T = TypeVar("T")


def in_turn(*edits: Edit) -> Edit:
    """An edit that applies these edits in order, all of them or none."""
    return lambda tenant: reduce(lambda tenant, edit: edit(tenant), edits, tenant)


def update(*, roles_active: Iterable[Role] | None = None, signature_mode: SignatureMode | None = None) -> Edit:
    """Changes the tenant's active roles or signature mode; None leaves them. Declines to deactivate a role in use."""
    return lambda tenant: replace(
        tenant,
        roles_active=tenant.roles_active if roles_active is None else tuple(dict.fromkeys(roles_active)),
        signature_mode=signature_mode or tenant.signature_mode,
    )


def add_credential(credential: Credential) -> Edit:
    """Adds a credential. Declines a role that is not active and a name that is taken."""

    def edit(tenant: ManagedTenant) -> ManagedTenant:
        active, role = tenant.roles_active, credential.role
        if role not in active:
            message = (
                f"credentials can be made only for active roles, which are {', '.join(active)}; "
                f"to activate {role} as well: sms tenant update --roles {','.join((*active, role))}"
            )
            raise CommandDeclined(message)
        return replace(tenant, credentials=(*tenant.credentials, credential))

    return edit


def revoke_credential(name: str) -> Edit:
    """Removes a credential, so that its key stops working. Declines a name that does not exist."""
    return lambda tenant: replace(
        tenant, credentials=replaced(tenant.credentials, instead_of=credential_named(tenant, name))
    )


def add_account(account: Account) -> Edit:
    """Adds a provider's account. Declines an account that the tenant has already."""
    return lambda tenant: replace(tenant, accounts=(*tenant.accounts, account))


def update_account(
    sid: str,
    *,
    add_token: str | None = None,
    drop_token: str | None = None,
    rest_key: RestKey | None = None,
    region: str | None = None,
) -> Edit:
    """Adds an auth token of the account or removes one, and sets its REST key and its region; None leaves them.

    `drop_token` is the last four characters of the token to remove; it never means the token that is added. Declines an
    account that does not exist, adding a token that the account has already, and removing a token that does not exist,
    that is the only one, or whose last four characters another token has too.
    """

    def edit(tenant: ManagedTenant) -> ManagedTenant:
        account = account_named(tenant, sid)
        tokens = account.auth_tokens
        if add_token in tokens:
            message = f"account {sid} has this auth token already"
            raise Conflict(message)
        if drop_token is not None:
            dropped = secret_ending_with(
                drop_token, tokens, "auth token", of=f"account {sid}", see="sms twilio show-accounts"
            )
            tokens = replaced(tokens, instead_of=dropped)
        if add_token:
            tokens = (*tokens, add_token)
        if not tokens:
            message = f"this is the only auth token of account {sid}: add the new one first, or in the same command"
            raise CommandDeclined(message)
        changed = replace(
            account,
            auth_tokens=tokens,
            rest_key=rest_key or account.rest_key,
            region=account.region if region is None else region,
        )
        return replace(tenant, accounts=replaced(tenant.accounts, changed, instead_of=account))

    return edit


def credential_named(tenant: Tenant, name: str) -> Credential:
    """The credential with this name. Raises NotFound."""
    credential = next((credential for credential in tenant.credentials if credential.name == name), None)
    return existing(credential, f"tenant {tenant.id!r} has no credential {name!r}; see: sms credential list")


def account_named(tenant: ManagedTenant, sid: str) -> Account:
    """The provider's account with this SID. Raises NotFound."""
    return existing(tenant.account(sid), f"tenant {tenant.id!r} has no account {sid}; see: sms twilio show-accounts")


def last_four(secret: str) -> str:
    """The last four characters of a secret: the only ones that are shown, to tell it from others."""
    return secret[-4:]


def secret_ending_with(ending: str, secrets: tuple[str, ...], what: str, *, of: str, see: str) -> str:
    """The secret with these last four characters.

    Args:
        ending: the last four characters.
        secrets: the secrets to choose from.
        what: what they are, for the message, such as "auth token".
        of: whose they are, for the message.
        see: the command that lists them, for the message.

    Raises NotFound, and CommandDeclined when more than one secret ends with them.
    """
    matching = [secret for secret in secrets if last_four(secret) == ending]
    if len(matching) > 1:
        message = f"two {what}s of {of} end like this, so it is not clear which one to drop"
        raise CommandDeclined(message)
    return existing(next(iter(matching), None), f"{of} has no {what} that ends like this; see: {see}")


def existing(item: T | None, otherwise: str) -> T:
    """The item. Raises NotFound with the sentence `otherwise` when it is None."""
    if item is None:
        raise NotFound(otherwise)
    return item


def replaced(items: tuple[T, ...], *new: T, instead_of: T) -> tuple[T, ...]:
    """The items with one of them replaced by new ones; without new ones it is removed."""
    index = items.index(instead_of)
    return (*items[:index], *new, *items[index + 1 :])
