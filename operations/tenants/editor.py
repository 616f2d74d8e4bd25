"""Changes of stored tenants, safe when several operators work at once.

`Administration.change` applies an edit from `operations/tenants/edits.py` or `operations/tenants/agent_edits.py` to the
stored tenant. It writes what differs only if nobody else has changed the same meanwhile; otherwise it reads and applies
the edit again. So when two operators work at once, neither loses a change.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from operations.tenants.edits import Edit, in_turn
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import Conflict

if TYPE_CHECKING:
    from operations.ports import TenantStore

_TRIES = 10
_PAUSE_SECONDS = 0.1
_PAUSE_SECONDS_MAX = 2.0


def _ignore(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Administration:
    """Changes tenants in a store.

    Args:
        store: where the tenants are stored.
        sleep: waits for a number of seconds.
        changed: is called after each stored change with the tenant before and after it; None when there was none.
        warn: receives what must not be overlooked although a change succeeded.
    """

    store: TenantStore
    sleep: Callable[[float], None]
    changed: Callable[[ManagedTenant | None, ManagedTenant], None] = _ignore
    warn: Callable[[str], None] = _ignore

    def create(self, tenant_id: str, *, edits: Iterable[Edit] = ()) -> ManagedTenant:
        """A new tenant with its own salt and with the edits applied.

        Raises CommandDeclined, and Unavailable; then there is no such tenant yet, and the same command makes it.
        """
        new = ManagedTenant(id=tenant_id, salt=secrets.token_hex(32))
        tenant = in_turn(*edits)(new)
        self.store.create(tenant)
        self.changed(None, tenant)
        return tenant

    def change(self, tenant_id: str, edit: Edit) -> ManagedTenant:
        """The tenant as it is stored after the edit.

        When the edit changes nothing, only what an interrupted change left is settled. When the store's answer to a
        write was lost, the next try finds our change already: that is success.

        Raises CommandDeclined (Conflict when others keep changing the tenant), Unavailable, Configuration.
        """
        before = edited = None
        for attempt in range(_TRIES):
            tenant, version = self.store.read(tenant_id)
            if tenant == edited:
                self.changed(before, edited)
                return tenant
            before, edited = tenant, edit(tenant)
            try:
                warnings = self.store.replace(tenant, edited, version)
            except Conflict:
                self.sleep(random.uniform(0, min(_PAUSE_SECONDS * 2**attempt, _PAUSE_SECONDS_MAX)))  # noqa: S311 -- jitter
            else:
                if tenant != edited:
                    self.changed(tenant, edited)
                for sentence in warnings:
                    self.warn(sentence)
                return edited
        message = f"tenant {tenant_id!r} is being changed by others all the time; try again in a minute"
        raise Conflict(message)
