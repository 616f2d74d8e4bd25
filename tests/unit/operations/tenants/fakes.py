"""Tenants in memory: a store with a real compare-and-swap and changes by others in between, and the numbers."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from operations.numbers.described_number import DescribedNumber
from operations.ports import CHANGED_AT_ONCE, Assigned, Page
from operations.tenants import parts
from operations.tenants.edits import Edit
from operations.tenants.managed_tenant import ManagedTenant
from operations.tenants.record_items import was_deleted
from shared.errors import CommandDeclined, Conflict, NotFound, SmsReceiverError
from shared.tenants import secret_documents
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.connection import Connection
from shared.tenants.record import HeldNumber, SecretPart, TenantRecord
from tests.fakes import DESK, NOW, managed_tenant

RECOVERY = timedelta(days=7)


@dataclass
class StoredTenant:
    """A tenant in the store, with a version for each of its parts."""

    tenant: ManagedTenant
    versions: dict[str, str]
    deleted_at: datetime | None = None


@dataclass
class FakeTenantStore:
    """`operations.ports.TenantStore` over a dict.

    Attributes:
        tenants: what is stored, by tenant id.
        numbers: who has which number; FakeNumberDirectory shares it.
        descriptions: of the numbers that have one.
        interruptions: what others change between our reading and our writing, one for each time we write.
        loses_answers: whether `replace` says Conflict although it has written, as after a lost answer.
        after_read: is called when a tenant was read, before it is returned.
        written: how often `replace` was called.
        settled: the tenants that were written without a difference, to settle an interrupted change.
        settling: what that raises.
        warnings: what `replace` returns.
        now: the time of a deletion.
    """

    tenants: dict[str, StoredTenant] = field(default_factory=dict)
    numbers: dict[str, HeldNumber] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    interruptions: list[Edit] = field(default_factory=list)
    loses_answers: bool = False
    failing: SmsReceiverError | None = None
    after_read: Callable[[], object] = lambda: None
    written: int = 0
    settled: list[str] = field(default_factory=list)
    settling: SmsReceiverError | None = None
    warnings: list[str] = field(default_factory=list)
    now: Callable[[], datetime] = lambda: NOW
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @classmethod
    def of(cls, *tenants: ManagedTenant) -> "FakeTenantStore":
        store = cls()
        for tenant in tenants:
            store.create(tenant)
        return store

    def page(self, *, after: str | None = None, limit: int = 100) -> Page[TenantRecord]:
        self._fail()
        ids = sorted(tenant_id for tenant_id in self.tenants if after is None or tenant_id > after)
        records = [_record(self.tenants[tenant_id]) for tenant_id in ids[:limit]]
        return Page(records, records[-1].id if len(ids) > limit else None)

    def record(self, tenant_id: str) -> TenantRecord | None:
        self._fail()
        stored = self.tenants.get(tenant_id)
        return _record(stored) if stored else None

    def read(self, tenant_id: str) -> tuple[ManagedTenant, Mapping[str, str]]:
        self._fail()
        stored = self._existing(tenant_id)
        tenant, versions = stored.tenant, dict(stored.versions)
        self.after_read()
        return tenant, versions

    def create(self, tenant: ManagedTenant) -> None:
        self._fail()
        _check_size(tenant)
        with self.lock:
            if tenant.id in self.tenants:
                message = f"tenant {tenant.id!r} exists already"
                raise Conflict(message)
            self.tenants[tenant.id] = StoredTenant(tenant, {key: str(uuid.uuid4()) for key in _parts(tenant)})

    def replace(self, before: ManagedTenant, after: ManagedTenant, version: Mapping[str, str]) -> Sequence[str]:
        self._fail()
        _check_size(after)
        if before == after:
            if self.settling:
                raise self.settling
            self.settled.append(after.id)
            return []
        if self.interruptions:
            current = self.stored(after.id)
            self._write(current, self.interruptions.pop(0)(current))
        with self.lock:
            self.written += 1
            stored = self._existing(after.id)
            if any(stored.versions.get(key) != version.get(key) for key in _differing(before, after)):
                message = f"tenant {after.id!r} was changed by somebody else meanwhile"
                raise Conflict(message)
            self._write(before, after)
        if self.loses_answers:
            message = "the answer was lost, and the second try found another version"
            raise Conflict(message)
        return self.warnings

    def delete(self, tenant_id: str) -> None:
        self._fail()
        with self.lock:
            stored = self._existing(tenant_id, deleted=True)
            stored.deleted_at = stored.deleted_at or self.now()

    def restore(self, tenant_id: str) -> None:
        self._fail()
        with self.lock:
            stored = self._existing(tenant_id, deleted=True)
            if stored.deleted_at is None:
                raise _not_deleted(tenant_id)
            if self.now() > stored.deleted_at + RECOVERY:
                message = f"tenant {tenant_id!r} cannot be restored any more"
                raise CommandDeclined(message)
            stored.deleted_at = None

    def purge(self, tenant_id: str) -> None:
        self._fail()
        with self.lock:
            if self._existing(tenant_id, deleted=True).deleted_at is None:
                raise _not_deleted(tenant_id)
            del self.tenants[tenant_id]
            for held in [held for held in self.numbers.values() if held.tenant_id == tenant_id]:
                del self.numbers[held.address]
                self.descriptions.pop(held.address, None)

    def stored(self, tenant_id: str = "acme") -> ManagedTenant:
        """The tenant as it is stored."""
        return self.tenants[tenant_id].tenant

    def edit(self, edit: Edit, tenant_id: str = "acme") -> None:
        """Stores what somebody else changes."""
        before = self.stored(tenant_id)
        self._write(before, edit(before))

    def state(self) -> object:
        """All that is stored, to compare it later."""
        return {tenant_id: replace(stored) for tenant_id, stored in self.tenants.items()}, dict(self.numbers)

    def hold(
        self, number: str, agent_name: str = "desk", *, tenant_id: str = "acme", description: str = ""
    ) -> HeldNumber:
        """Gives a number to an agent."""
        if description:
            self.descriptions[number] = description
        agent_id = next(agent.id for agent in self.stored(tenant_id).agents if agent.name == agent_name)
        self.numbers[number] = HeldNumber(number, tenant_id, agent_id)
        return self.numbers[number]

    def numbers_of(self, agent_name: str = "desk", *, tenant_id: str = "acme") -> list[str]:
        """The numbers of an agent, in order."""
        agent_ids = {agent.id for agent in self.stored(tenant_id).agents if agent.name == agent_name}
        return sorted(held.address for held in self.numbers.values() if held.agent_id in agent_ids)

    def _write(self, before: ManagedTenant, after: ManagedTenant) -> None:
        stored, differing = self.tenants[after.id], _differing(before, after)
        wanted, current = _parts(after), _parts(stored.tenant)
        for key in differing - wanted.keys():
            if any((after.id, f"agent#{held.agent_id}") == (held.tenant_id, key) for held in self.numbers.values()):
                message = "an agent that is removed has numbers"
                raise CommandDeclined(message)
        kept = {key: part for key, part in current.items() if key not in differing}
        merged = kept | {key: part for key, part in wanted.items() if key in differing}
        agents = [part for key, part in merged.items() if key.startswith("agent#")]
        if len({agent.name for agent in agents}) < len(agents):
            message = f"tenant {after.id!r} has another agent with this name meanwhile"
            raise Conflict(message)
        access = merged["access"]
        stored.tenant = ManagedTenant(
            access.id,
            access.salt,
            access.roles_active,
            access.signature_mode,
            access.credentials,
            merged["accounts"],
            tuple(parts.with_secrets(agent, merged["signing"]) for agent in agents),
        )
        stored.versions |= {key: str(uuid.uuid4()) for key in differing}
        for key in stored.versions.keys() - _parts(stored.tenant).keys():
            del stored.versions[key]

    def _existing(self, tenant_id: str, *, deleted: bool = False) -> StoredTenant:
        stored = self.tenants.get(tenant_id)
        if stored is None:
            message = f"there is no tenant {tenant_id!r}"
            raise NotFound(message)
        if stored.deleted_at and not deleted:
            raise NotFound(was_deleted(tenant_id))
        return stored

    def _fail(self) -> None:
        if self.failing:
            raise self.failing


@dataclass
class FakeNumberDirectory:
    """`operations.ports.NumberDirectory` beside the tenants of a store.

    Attributes:
        kept: the connections.
        asked: how often each method was called.
    """

    store: FakeTenantStore
    kept: dict[tuple[str, str], Connection] = field(default_factory=dict)
    failing: SmsReceiverError | None = None
    asked: Counter[str] = field(default_factory=Counter)

    def find(self, number: str) -> HeldNumber | None:
        self._ask("find")
        return self.store.numbers.get(number)

    def find_all(self, numbers: Collection[str]) -> Mapping[str, HeldNumber]:
        self._ask("find_all")
        return {number: self.store.numbers[number] for number in numbers if number in self.store.numbers}

    def page(
        self, tenant_id: str, agent_id: str | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[DescribedNumber]:
        self._ask("page")
        mine = (held for held in list(self.store.numbers.values()) if held.tenant_id == tenant_id)
        by_key = {f"{held.agent_id}#{held.address}": held for held in mine if agent_id in (None, held.agent_id)}
        page: Page[HeldNumber] = _page(by_key, after, limit)
        described = (
            DescribedNumber(held.address, held.tenant_id, held.agent_id, self.store.descriptions.get(held.address, ""))
            for held in page.items
        )
        return Page(list(described), page.next)

    def description(self, held: HeldNumber) -> str:
        self._ask("description")
        return self.store.descriptions.get(held.address, "") if self._holds(held) else ""

    def assign(self, tenant_id: str, agent_id: str, number: str) -> bool:
        assigned = self.assign_all(tenant_id, agent_id, {number: ""})
        if number in assigned.refused:
            raise assigned.refused[number]
        return number in assigned.new

    def assign_all(self, tenant_id: str, agent_id: str, descriptions: Mapping[str, str]) -> Assigned:
        self._ask("assign_all", descriptions)
        new, refused = list[str](), dict[str, Conflict]()
        with self.store.lock:
            stored = self.store.tenants.get(tenant_id)
            if stored is None or stored.tenant.agent(agent_id) is None:
                message = f"there is no such agent of tenant {tenant_id!r}; see: sms agent list"
                raise NotFound(message)
            for number, description in descriptions.items():
                held = self.store.numbers.get(number)
                if held is None:
                    self.store.numbers[number] = HeldNumber(number, tenant_id, agent_id)
                    self._describe(number, description)
                    new.append(number)
                elif held != HeldNumber(number, tenant_id, agent_id):
                    whose = "another agent" if held.tenant_id == tenant_id else f"tenant {held.tenant_id!r}"
                    message = f"{whose} has number …{number[-4:]}; release it there first, with: sms number release"
                    refused[number] = Conflict(message)
        return Assigned(tuple(new), refused)

    def describe_all(self, tenant_id: str, agent_id: str, descriptions: Mapping[str, str]) -> Sequence[str]:
        self._ask("describe_all", descriptions)
        failed = []
        with self.store.lock:
            for number, description in descriptions.items():
                if self._holds(HeldNumber(number, tenant_id, agent_id)):
                    self._describe(number, description)
                else:
                    failed.append(number)
        return failed

    def release(self, held: HeldNumber) -> None:
        if self.release_all([held]):
            message = f"number …{held.address[-4:]} is not this agent's any more; see: sms number list"
            raise Conflict(message)

    def release_all(self, held_numbers: Sequence[HeldNumber]) -> Sequence[HeldNumber]:
        self._ask("release_all", held_numbers)
        failed = []
        with self.store.lock:
            for held in held_numbers:
                if self._holds(held):
                    del self.store.numbers[held.address]
                    self._describe(held.address, "")
                else:
                    failed.append(held)
        return failed

    def connection(self, tenant_id: str, number: str) -> Connection | None:
        self._ask("connection")
        return self.kept.get((tenant_id, number))

    def connections_with(self, tenant_id: str, numbers: Collection[str]) -> Mapping[str, Connection]:
        self._ask("connections_with")
        return {number: self.kept[tenant_id, number] for number in numbers if (tenant_id, number) in self.kept}

    def connections(
        self, tenant_id: str, *, credential_id: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Connection]:
        self._ask("connections")
        mine = {number: connection for (tenant, number), connection in list(self.kept.items()) if tenant == tenant_id}
        wanted = {number: each for number, each in mine.items() if credential_id in (None, each.credential_id)}
        return _page(wanted, after, limit)

    def connected_by(self, tenant_id: str, service: str) -> Sequence[str]:
        self._ask("connected_by")
        mine = [connection for (tenant, _), connection in list(self.kept.items()) if tenant == tenant_id]
        return sorted(connection.number for connection in mine if connection.service == service)[:2]

    def put_connection(self, tenant_id: str, connection: Connection, *, instead_of: Connection | None) -> None:
        self._ask("put_connection")
        with self.store.lock:
            if self.kept.get((tenant_id, connection.number)) != connection:
                self._require(tenant_id, connection.number, instead_of)
            self.kept[tenant_id, connection.number] = connection

    def delete_connection(self, tenant_id: str, connection: Connection) -> None:
        self._ask("delete_connection")
        with self.store.lock:
            self._require(tenant_id, connection.number, connection)
            del self.kept[tenant_id, connection.number]

    def _require(self, tenant_id: str, number: str, expected: Connection | None) -> None:
        if self.kept.get((tenant_id, number)) != expected:
            message = f"somebody else connected or disconnected number …{number[-4:]} meanwhile; run the command again"
            raise Conflict(message)

    def _holds(self, held: HeldNumber) -> bool:
        stored = self.store.numbers.get(held.address)
        return stored is not None and (stored.tenant_id, stored.agent_id) == (held.tenant_id, held.agent_id)

    def _describe(self, number: str, description: str) -> None:
        if description:
            self.store.descriptions[number] = description
        else:
            self.store.descriptions.pop(number, None)

    def _ask(self, method: str, changed: Collection[object] = ()) -> None:
        assert len(changed) <= CHANGED_AT_ONCE, "more than a transaction holds"
        self.asked[method] += 1
        if self.failing:
            raise self.failing


def _page(by_key: Mapping[str, Any], after: str | None, limit: int) -> Page[Any]:
    keys = sorted(key for key in by_key if after is None or key > after)
    return Page([by_key[key] for key in keys[:limit]], keys[limit - 1] if len(keys) > limit else None)


def agent(
    name: str = "desk",
    *,
    kind: AgentKind = AgentKind.SMS,
    stage: str = "east",
    backend: BackendSettings | None = None,
    second_backend: BackendSettings | None = None,
    **changes: Any,  # noqa: ANN401 -- any attribute of an agent
) -> Agent:
    """An agent; its id is that of DESK, or made of its name."""
    values = {"id": DESK.id if name == DESK.name else (name * 8).replace(" ", "")[:8], **changes}
    return Agent(name=name, kind=kind, stage=stage, backend=backend, second_backend=second_backend, **values)


def signed_backend(*secrets: str, url: str = "https://agent.example.com/sms") -> BackendSettings:
    """An HTTP backend whose requests are signed with these secrets."""
    return BackendSettings("http", url, signed=True, secrets=secrets)


def declining(edit: Edit, tenant: ManagedTenant | None = None) -> CommandDeclined:
    """The error of an edit that declines."""
    with pytest.raises(CommandDeclined) as caught:
        edit(tenant or managed_tenant())
    return caught.value


def _not_deleted(tenant_id: str) -> CommandDeclined:
    return CommandDeclined(f"tenant {tenant_id!r} is not deleted")


def _parts(tenant: ManagedTenant) -> dict[str, Any]:
    agents = {f"agent#{each.id}": parts.without_secrets(each) for each in tenant.agents}
    return {
        "access": parts.access(tenant),
        "accounts": tenant.accounts,
        "signing": parts.signing(tenant.agents),
        **agents,
    }


def _differing(before: ManagedTenant, after: ManagedTenant) -> set[str]:
    old, new = _parts(before), _parts(after)
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _check_size(tenant: ManagedTenant) -> None:
    secret_documents.dump_access(tenant)
    secret_documents.dump_accounts(tenant.id, parts.provider_secrets(tenant))
    secret_documents.dump_signing(tenant.id, parts.signing(tenant.agents))


def _record(stored: StoredTenant) -> TenantRecord:
    tenant = stored.tenant
    versions = {part: stored.versions[part] for part in SecretPart}
    return TenantRecord(tenant.id, tuple(account.name for account in tenant.accounts), versions, stored.deleted_at)
