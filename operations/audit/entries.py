"""What operators changed, as the audit log tells it: what, which, and the names of fields; never a value of one.

What changed about a tenant is the difference between the tenant before and after, so no command can forget to tell it,
and a field that is new is told by its name. A phone number is told by its last four digits.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

from operations.tenants.edits import last_four
from shared.tenants.agent import Agent, BackendSettings
from shared.tenants.connection import Connection
from shared.tenants.tenant import Account, Credential, Tenant

T = TypeVar("T")

_OF_TENANT = {"credentials", "accounts", "agents", "connections"}
_OF_AGENT = {"numbers", "backend", "second_backend"}
_DOCUMENT_NAMES = {"stage": "region"}
"""Fields that the tenant's document, and so the audit log, names differently."""


@dataclass(frozen=True)
class Change:
    """One thing that was changed.

    Attributes:
        what: a subject and what was done to it, such as `credential.revoke`.
        tenant: whose it is; None when it is nobody's or everybody's.
        which: names and ids that single it out; nothing secret, no text, no whole phone number.
        fields: what of it changed, by name.
    """

    what: str
    tenant: str | None
    which: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


def between(before: Tenant | None, after: Tenant | None) -> list[Change]:
    """What changed from one tenant to the other; None stands for none. Nothing when they are alike."""
    return list(_between(before, after))


def masked(number: str) -> str:
    """A phone number as it is told."""
    return f"…{last_four(number)}"


def _between(before: Tenant | None, after: Tenant | None) -> Iterator[Change]:
    tenant = after or before
    if tenant is None:
        return
    if after is None:
        yield Change("tenant.delete", tenant.id)
        return
    if before is None:
        yield Change("tenant.create", tenant.id)
        before = Tenant(tenant.id, tenant.primary_region, tenant.salt)
    if own := _differing(before, after, besides=_OF_TENANT):
        yield Change("tenant.update", tenant.id, fields=own)
    parts = (
        *_credentials(before.credentials, after.credentials),
        *_accounts(before.accounts, after.accounts),
        *_agents(before.agents, after.agents),
        *_connections(before.connections, after.connections),
    )
    for what, which, changed in parts:
        yield Change(what, tenant.id, which, changed)


_Part = tuple[str, Mapping[str, str], tuple[str, ...]]


def _credentials(before: Iterable[Credential], after: Iterable[Credential]) -> Iterator[_Part]:
    for old, new in _pairs({one.id: one for one in before}, {one.id: one for one in after}):
        one = new or old
        which = {"credential": one.name, "id": one.id, "role": one.role.value} if one else {}
        if old is None or new is None:
            yield "credential.create" if new else "credential.revoke", which, ()
        elif changed := _differing(old, new):
            yield "credential.update", which, changed


def _accounts(before: Iterable[Account], after: Iterable[Account]) -> Iterator[_Part]:
    for old, new in _pairs({one.sid: one for one in before}, {one.sid: one for one in after}):
        one = new or old
        subject, which = (one.provider, {"account": one.sid}) if one else ("", {})
        if old is None or new is None:
            yield f"{subject}.{'add' if new else 'remove'}_account", which, ()
            continue
        secrets = _kept("auth_token", old.auth_tokens, new.auth_tokens)
        if changed := (*secrets, *_differing(old, new, besides={"auth_tokens"})):
            yield f"{subject}.update_account", which, changed


def _agents(before: tuple[Agent, ...], after: tuple[Agent, ...]) -> Iterator[_Part]:
    names = _renamed(before, after)
    earlier = {names.get(one.name, one.name): one for one in before}
    for old, new in _pairs(earlier, {one.name: one for one in after}):
        agent = new or old
        which = {"agent": agent.name} if agent else {}
        if old is None or new is None:
            yield "agent.create" if new else "agent.delete", which, ()
        elif changed := _differing(old, new, besides=_OF_AGENT):
            was = {"was": old.name} if old.name != new.name else {}
            yield "agent.update", which | was, changed
        for place in ("backend", "second_backend"):
            yield from _backend(which | {"place": place}, getattr(old, place, None), getattr(new, place, None))
        numbers = (old.numbers if old else (), new.numbers if new else ())
        for what, gone, kept in (("release", *numbers), ("assign", *reversed(numbers))):
            for number in gone:
                if number not in kept:
                    yield f"number.{what}", {"number": masked(number), **which}, ()


def _backend(which: Mapping[str, str], old: BackendSettings | None, new: BackendSettings | None) -> Iterator[_Part]:
    if old is None or new is None:
        if backend := new or old:
            yield "backend.set" if new else "backend.remove", {**which, "kind": backend.kind}, ()
        return
    changed = (*_kept("secret", old.secrets, new.secrets), *_differing(old, new, besides={"secrets"}))
    if changed:
        yield "backend.update", {**which, "kind": new.kind}, changed


def _connections(before: Iterable[Connection], after: Iterable[Connection]) -> Iterator[_Part]:
    for old, new in _pairs({one.number: one for one in before}, {one.number: one for one in after}):
        one = new or old
        which = {"number": masked(one.number), "credential_id": one.credential_id} if one else {}
        if old is None or new is None:
            yield "number.connect" if new else "number.disconnect", which, ()
        elif changed := _differing(old, new):
            yield "number.reconnect", which, changed


def _pairs(before: Mapping[str, T], after: Mapping[str, T]) -> list[tuple[T | None, T | None]]:
    """Each thing as it was and as it is, by what it goes by; None where it was not, or is not."""
    return [(before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]


def _renamed(before: tuple[Agent, ...], after: tuple[Agent, ...]) -> dict[str, str]:
    """New names by old ones: an agent goes by its name alone, and keeps its place when it gets another one."""
    old, new = {one.name for one in before}, {one.name for one in after}
    return {b.name: a.name for b, a in zip(before, after, strict=False) if b.name not in new and a.name not in old}


def _kept(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """What happened to secrets of which there may be several."""
    if before == after:
        return ()
    added, dropped = set(after) - set(before), set(before) - set(after)
    told = (*([f"{name}_added"] if added else []), *([f"{name}_dropped"] if dropped else []))
    return told or (f"{name}_order",)


def _differing(before: object, after: object, *, besides: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of the fields of two of a kind that are not alike."""
    names = (one.name for one in fields(after) if one.name not in besides)  # type: ignore[arg-type] # both are dataclasses
    return tuple(_DOCUMENT_NAMES.get(name, name) for name in names if getattr(before, name) != getattr(after, name))
