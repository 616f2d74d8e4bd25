"""A store of tenants in memory, with a real compare-and-swap and changes by others in between; agents and refusals."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from operations.tenants.edits import Edit
from shared.errors import CommandDeclined, Conflict, NotFound, SmsReceiverError
from shared.tenants import document as tenant_document
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Tenant
from tests import fakes


@dataclass
class FakeTenantStore:
    """`operations.ports.TenantStore` over documents in a dict.

    Attributes:
        interruptions: what others change between our reading and our writing, one for each time we write.
        loses_answers: whether `replace` says Conflict although it has written, as after a lost answer.
        after_read: is called when a tenant was read, before it is returned.
        written: how often `replace` was called.
        listed: what the list shows while it lags behind; None when it does not.
    """

    documents: dict[str, tuple[str, int]] = field(default_factory=dict)
    interruptions: list[Edit] = field(default_factory=list)
    loses_answers: bool = False
    failing: SmsReceiverError | None = None
    after_read: Callable[[], object] = lambda: None
    written: int = 0
    listed: list[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def of(cls, *tenants: Tenant) -> "FakeTenantStore":
        store = cls()
        for tenant in tenants:
            store.create(tenant)
        return store

    def ids(self) -> Iterable[str]:
        self._fail()
        return sorted(self.documents) if self.listed is None else self.listed

    def read(self, tenant_id: str) -> tuple[Tenant, str]:
        self._fail()
        if tenant_id not in self.documents:
            message = f"there is no tenant {tenant_id!r}"
            raise NotFound(message)
        document, version = self.documents[tenant_id]
        self.after_read()
        return tenant_document.loads(tenant_id, document), str(version)

    def create(self, tenant: Tenant) -> None:
        self._fail()
        if tenant.id in self.documents:
            message = f"tenant {tenant.id!r} exists already"
            raise Conflict(message)
        self.documents[tenant.id] = (tenant_document.dumps(tenant), 1)

    def replace(self, tenant: Tenant, version: str) -> None:
        self._fail()
        if self.interruptions:
            self._write(self.interruptions.pop(0)(self.stored(tenant.id)))
        with self._lock:
            self.written += 1
            if str(self.documents[tenant.id][1]) != version:
                message = f"tenant {tenant.id!r} was changed by somebody else meanwhile"
                raise Conflict(message)
            self._write(tenant)
        if self.loses_answers:
            message = "the answer was lost, and the second try found another version"
            raise Conflict(message)

    def delete(self, tenant_id: str) -> None:
        self.read(tenant_id)
        del self.documents[tenant_id]

    def stored(self, tenant_id: str = "acme") -> Tenant:
        return tenant_document.loads(tenant_id, self.documents[tenant_id][0])

    def _write(self, tenant: Tenant) -> None:
        self.documents[tenant.id] = (tenant_document.dumps(tenant), self.documents[tenant.id][1] + 1)

    def _fail(self) -> None:
        if self.failing:
            raise self.failing


def agent(name: str, *numbers: str, kind: AgentKind = AgentKind.SMS) -> Agent:
    """An agent on stage east."""
    return Agent(name, kind, "east", numbers)


def declining(edit: Edit, tenant: Tenant | None = None) -> CommandDeclined:
    """The error of an edit that declines."""
    with pytest.raises(CommandDeclined) as caught:
        edit(tenant or fakes.tenant())
    return caught.value
