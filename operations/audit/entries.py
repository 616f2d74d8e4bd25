"""What operators changed, as the audit log records it: what, which, and the names of fields, never a field's value.

Changes of a tenant are the difference between the tenant before and after, so no command can forget to record one, and
new fields are recorded without further work. Numbers and connections are recorded by those who change them; of a phone
number only the last four digits are.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

from operations.tenants.edits import last_four
from operations.tenants.managed_tenant import ManagedTenant
from shared.messages.outbound import StoppedConversation
from shared.tenants.account import Account
from shared.tenants.agent import Agent, BackendSettings
from shared.tenants.connection import Connection
from shared.tenants.tenant import Credential

T = TypeVar("T")

REVEAL = "page.reveal"

_OF_TENANT = {"credentials", "accounts", "agents"}
_OF_AGENT = {"backend", "second_backend"}
_DOCUMENT_NAMES = {"stage": "region"}
"""Fields that the audit log names differently, as the stored tenant does."""


@dataclass(frozen=True)
class Change:
    """One thing that was changed.

    Attributes:
        what: a subject and what was done to it, such as `credential.revoke`.
        tenant: the tenant that was changed; None when it was no single one.
        which: the names and ids that identify the subject; nothing secret, no text, no whole phone number.
        fields: the names of the fields that changed.
    """

    what: str
    tenant: str | None
    which: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


def between(before: ManagedTenant | None, after: ManagedTenant) -> list[Change]:
    """The changes between two states of a tenant, None for one that did not exist; empty when they are equal."""
    return list(_between(before, after))


def assigned(tenant_id: str, number: str, agent_name: str) -> Change:
    """The change that an agent got a number."""
    return Change("number.assign", tenant_id, {"number": masked(number), "agent": agent_name})


def described(tenant_id: str, number: str, agent_name: str) -> Change:
    """The change that a number got another description."""
    return Change("number.describe", tenant_id, {"number": masked(number), "agent": agent_name})


def released(tenant_id: str, number: str, agent_name: str) -> Change:
    """The change that a number was taken from its agent."""
    return Change("number.release", tenant_id, {"number": masked(number), "agent": agent_name})


def of_connection(tenant_id: str, before: Connection | None, after: Connection | None) -> list[Change]:
    """The change between two states of a number's connection, None for none; empty when they are equal."""
    connection = after or before
    if connection is None or before == after:
        return []
    which = {"number": masked(connection.number), "credential_id": connection.credential_id}
    if before is None or after is None:
        return [Change("number.connect" if after else "number.disconnect", tenant_id, which)]
    return [Change("number.reconnect", tenant_id, which, _differing(before, after))]


def opted_out(stopped: StoppedConversation) -> Change:
    """The change that an operator stopped what is sent to a person."""
    return Change("optout.add", stopped.tenant, _parties(stopped))


def opted_in(stopped: StoppedConversation) -> Change:
    """The change that an operator lifted it, or a person's STOP."""
    return Change("optout.remove", stopped.tenant, _parties(stopped))


def revealed(tenant_id: str | None, page: str) -> Change:
    """The record that an operator had a page show whole numbers and texts."""
    return Change(REVEAL, tenant_id, {"page": page})


def _parties(stopped: StoppedConversation) -> Mapping[str, str]:
    return {"person": masked(stopped.person), "number": masked(stopped.ours)}


def masked(number: str) -> str:
    """A phone number as the audit log records it."""
    return f"…{last_four(number)}"


def _between(before: ManagedTenant | None, after: ManagedTenant) -> Iterator[Change]:
    if before is None:
        yield Change("tenant.create", after.id)
        before = ManagedTenant(after.id, after.salt)
    if changed_fields := _differing(before, after, besides=_OF_TENANT):
        yield Change("tenant.update", after.id, fields=changed_fields)
    parts = (
        *_credentials(before.credentials, after.credentials),
        *_accounts(before.accounts, after.accounts),
        *_agents(before.agents, after.agents),
    )
    for what, which, changed_fields in parts:
        yield Change(what, after.id, which, changed_fields)


_Part = tuple[str, Mapping[str, str], tuple[str, ...]]
"""What, which and fields of a change."""


def _credentials(before: Iterable[Credential], after: Iterable[Credential]) -> Iterator[_Part]:
    old_by_id = {credential.id: credential for credential in before}
    new_by_id = {credential.id: credential for credential in after}
    for credential, old, new in _pairs(old_by_id, new_by_id):
        which = {"credential": credential.name, "id": credential.id, "role": credential.role.value}
        if old is None or new is None:
            yield "credential.create" if new else "credential.revoke", which, ()
        elif changed := _differing(old, new):
            yield "credential.update", which, changed


def _accounts(before: Iterable[Account], after: Iterable[Account]) -> Iterator[_Part]:
    old_by_sid = {account.sid: account for account in before}
    new_by_sid = {account.sid: account for account in after}
    for account, old, new in _pairs(old_by_sid, new_by_sid):
        subject, which = account.provider, {"account": account.sid}
        if old is None or new is None:
            yield f"{subject}.{'add' if new else 'remove'}_account", which, ()
            continue
        secrets = _changed_secrets("auth_token", old.auth_tokens, new.auth_tokens)
        if changed := (*secrets, *_differing(old, new, besides={"auth_tokens"})):
            yield f"{subject}.update_account", which, changed


def _agents(before: tuple[Agent, ...], after: tuple[Agent, ...]) -> Iterator[_Part]:
    old_by_id = {agent.id: agent for agent in before}
    new_by_id = {agent.id: agent for agent in after}
    for agent, old, new in _pairs(old_by_id, new_by_id):
        which = {"agent": agent.name}
        if old is None or new is None:
            yield "agent.create" if new else "agent.delete", which, ()
        elif changed := _differing(old, new, besides=_OF_AGENT):
            was = {"was": old.name} if old.name != new.name else {}
            yield "agent.update", which | was, changed
        for place in ("backend", "second_backend"):
            yield from _backend(which | {"place": place}, getattr(old, place, None), getattr(new, place, None))


def _backend(which: Mapping[str, str], old: BackendSettings | None, new: BackendSettings | None) -> Iterator[_Part]:
    if old is None or new is None:
        if backend := new or old:
            yield "backend.set" if new else "backend.remove", {**which, "kind": backend.kind}, ()
        return
    changed = (*_changed_secrets("secret", old.secrets, new.secrets), *_differing(old, new, besides={"secrets"}))
    if changed:
        yield "backend.update", {**which, "kind": new.kind}, changed


def _pairs(before: Mapping[str, T], after: Mapping[str, T]) -> Iterator[tuple[T, T | None, T | None]]:
    """Each thing, as it was and as it is now: None where it did not exist or no longer does."""
    for key in dict.fromkeys((*before, *after)):
        yield after.get(key) or before[key], before.get(key), after.get(key)


def _changed_secrets(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """What changed in a list of secrets: some were added, some were dropped, or only their order changed."""
    if before == after:
        return ()
    added, dropped = set(after) - set(before), set(before) - set(after)
    changes = (*([f"{name}_added"] if added else []), *([f"{name}_dropped"] if dropped else []))
    return changes or (f"{name}_order",)


def _differing(before: object, after: object, *, besides: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of the fields in which two objects of the same class differ."""
    names = [each.name for each in fields(after) if each.name not in besides]  # type: ignore[arg-type] # both are dataclasses
    return tuple(_DOCUMENT_NAMES.get(name, name) for name in names if getattr(before, name) != getattr(after, name))
