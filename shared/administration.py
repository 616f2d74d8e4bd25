"""What operators change: tenants, credentials, provider accounts, agents and their numbers.

A change is an edit, a pure function from one tenant to the next, which raises a Declined that says what to do instead.
`Administration.change` applies it to the stored document and writes what came out only if nobody else wrote meanwhile;
otherwise it looks again. So of two operators who work at once, neither loses a change.
"""

import random
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeVar

from shared.agent import Agent, AgentKind
from shared.errors import Conflict, Declined, NotFound
from shared.ports import TenantStore
from shared.tenant import Account, Credential, RestKey, Role, SignatureMode, Tenant

Edit = Callable[[Tenant], Tenant]
T = TypeVar("T")

_TRIES = 10
_PAUSE_SECONDS = 0.1
_PAUSE_SECONDS_MAX = 2.0


@dataclass(frozen=True)
class Administration:
    """Changes tenants in a store.

    Args:
        store: where the tenants are.
        sleep: waits so many seconds.
    """

    store: TenantStore
    sleep: Callable[[float], None]

    def create(self, tenant_id: str, *, primary_region: str, edits: Iterable[Edit] = ()) -> Tenant:
        """A new tenant with a salt of its own, stored at once with everything that the edits give it.

        Raises Declined, Unavailable: then nothing is stored.
        """
        new = Tenant(id=tenant_id, primary_region=primary_region, salt=secrets.token_hex(32))
        tenant = reduce(lambda tenant, edit: edit(tenant), edits, new)
        self.store.create(tenant)
        return tenant

    def change(self, tenant_id: str, edit: Edit) -> Tenant:
        """The tenant as it is stored after the edit.

        Nothing is written when the edit changes nothing. An answer of the store that was lost looks like a conflict,
        with our own change in the document: that is success.

        Raises Declined, of it Conflict when others keep changing the tenant, Unavailable, Configuration.
        """
        wanted = None
        for attempt in range(_TRIES):
            tenant, version = self.store.read(tenant_id)
            if tenant == wanted:
                return tenant
            wanted = edit(tenant)
            if tenant == wanted:
                return tenant
            try:
                self.store.replace(wanted, version)
            except Conflict:
                self.sleep(random.uniform(0, min(_PAUSE_SECONDS * 2**attempt, _PAUSE_SECONDS_MAX)))  # noqa: S311 -- jitter
            else:
                return wanted
        message = f"tenant {tenant_id!r} is being changed by others all the time; try again in a minute"
        raise Conflict(message)


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
        tenant, credentials=_with(tenant.credentials, instead_of=credential_named(tenant, name))
    )


def add_agent(agent: Agent) -> Edit:
    """Adds an agent. Declines a name that is taken."""
    return lambda tenant: replace(tenant, agents=(*tenant.agents, agent))


def update_agent(
    name: str, *, new_name: str | None = None, kind: AgentKind | None = None, region: str | None = None
) -> Edit:
    """Renames an agent, or changes its kind or region; None leaves them.

    Declines a name that does not exist or is taken, and a kind that takes no texts while the agent holds numbers.
    """

    def edit(tenant: Tenant) -> Tenant:
        agent = agent_named(tenant, name)
        if agent.numbers and kind and not kind.takes_texts:
            message = f"an agent of kind {kind} takes no texts, but agent {name!r} holds numbers: release them first"
            raise Declined(message)
        changed = replace(
            agent,
            name=name if new_name is None else new_name,
            kind=kind or agent.kind,
            region=region or agent.region,
        )
        return replace(tenant, agents=_with(tenant.agents, changed, instead_of=agent))

    return edit


def delete_agent(name: str) -> Edit:
    """Takes an agent away and releases its numbers. Declines a name that does not exist."""
    return lambda tenant: replace(tenant, agents=_with(tenant.agents, instead_of=agent_named(tenant, name)))


def assign_number(number: str, agent_name: str) -> Edit:
    """Gives an agent a number in E.164 form. Declines a number that another agent holds, and an agent for voice."""

    def edit(tenant: Tenant) -> Tenant:
        agent, holder = agent_named(tenant, agent_name), _holder(tenant, number)
        if holder is agent:
            return tenant
        if holder:
            message = f"agent {holder.name!r} holds this number; release it there first, with: sms number release"
            raise Conflict(message)
        assigned = replace(agent, numbers=(*agent.numbers, number))
        return replace(tenant, agents=_with(tenant.agents, assigned, instead_of=agent))

    return edit


def release_number(number: str) -> Edit:
    """Takes a number from the agent that holds it. Declines a number that none holds."""

    def edit(tenant: Tenant) -> Tenant:
        sentence = f"no agent of tenant {tenant.id!r} holds this number; see: sms number list"
        holder = _found(_holder(tenant, number), sentence)
        released = replace(holder, numbers=_with(holder.numbers, instead_of=number))
        return replace(tenant, agents=_with(tenant.agents, released, instead_of=holder))

    return edit


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
            tokens = _with(tokens, instead_of=_token(account, drop_token))
        if add_token:
            tokens = (*tokens, add_token)
        if not tokens:
            message = f"this is the only auth token of account {sid}: add the new one first, or in the same command"
            raise Declined(message)
        changed = replace(account, auth_tokens=tokens, rest_key=rest_key or account.rest_key)
        return replace(tenant, accounts=_with(tenant.accounts, changed, instead_of=account))

    return edit


def agent_named(tenant: Tenant, name: str) -> Agent:
    """The agent with this name. Raises NotFound."""
    agent = next((agent for agent in tenant.agents if agent.name == name), None)
    return _found(agent, f"tenant {tenant.id!r} has no agent {name!r}; see: sms agent list")


def credential_named(tenant: Tenant, name: str) -> Credential:
    """The credential with this name. Raises NotFound."""
    credential = next((credential for credential in tenant.credentials if credential.name == name), None)
    return _found(credential, f"tenant {tenant.id!r} has no credential {name!r}; see: sms credential list")


def account_named(tenant: Tenant, sid: str) -> Account:
    """The provider's account with this SID. Raises NotFound."""
    return _found(tenant.account(sid), f"tenant {tenant.id!r} has no account {sid}; see: sms twilio show-accounts")


def last_four(secret: str) -> str:
    """What is shown of a secret, to tell it from others."""
    return secret[-4:]


def _token(account: Account, ending: str) -> str:
    tokens = [token for token in account.auth_tokens if last_four(token) == ending]
    if len(tokens) > 1:
        message = f"two auth tokens of account {account.sid} end like this, so it is not clear which one to drop"
        raise Declined(message)
    sentence = f"account {account.sid} has no auth token that ends like this; see: sms twilio show-accounts"
    return _found(next(iter(tokens), None), sentence)


def _holder(tenant: Tenant, number: str) -> Agent | None:
    return next((agent for agent in tenant.agents if number in agent.numbers), None)


def _found(thing: T | None, otherwise: str) -> T:
    if thing is None:
        raise NotFound(otherwise)
    return thing


def _with(things: tuple[T, ...], *new: T, instead_of: T) -> tuple[T, ...]:
    place = things.index(instead_of)
    return (*things[:place], *new, *things[place + 1 :])
