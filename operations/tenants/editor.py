"""Changes of stored tenants, safe when several operators work at once.

`Administration.change` applies an edit from `operations/tenants/edits.py` or `operations/tenants/agent_edits.py` to the
stored document. It writes the result only if nobody else has written meanwhile; otherwise it reads and applies the edit
again. So when two operators work at once, neither loses a change.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from operations.tenants.edits import Edit, in_turn
from shared.errors import Conflict
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from operations.ports import TenantStore

_TRIES = 10
_PAUSE_SECONDS = 0.1
_PAUSE_SECONDS_MAX = 2.0


def _ignore(before: Tenant | None, after: Tenant | None) -> None:
    pass


@dataclass(frozen=True)
class Administration:
    """Changes tenants in a store.

    Args:
        store: where the tenants are stored.
        sleep: waits for a number of seconds.
        changed: is called after each stored change with the tenant before and after it; None when there was or is none.
    """

    store: TenantStore
    sleep: Callable[[float], None]
    changed: Callable[[Tenant | None, Tenant | None], None] = _ignore

    def create(self, tenant_id: str, *, primary_region: str, edits: Iterable[Edit] = ()) -> Tenant:
        """A new tenant with its own salt and with the edits applied, stored in one step.

        Raises CommandDeclined and Unavailable; nothing is stored then.
        """
        new = Tenant(id=tenant_id, primary_region=primary_region, salt=secrets.token_hex(32))
        tenant = in_turn(*edits)(new)
        self.store.create(tenant)
        self.changed(None, tenant)
        return tenant

    def delete(self, tenant: Tenant) -> None:
        """Deletes a tenant with everything that it owns. Raises CommandDeclined, Unavailable."""
        self.store.delete(tenant.id)
        self.changed(tenant, None)

    def change(self, tenant_id: str, edit: Edit) -> Tenant:
        """The tenant as it is stored after the edit.

        Nothing is written when the edit changes nothing. When the store's answer to a write was lost, the next try
        finds our change in the document already: that is success.

        Raises CommandDeclined (Conflict when others keep changing the tenant), Unavailable, Configuration.
        """
        before = edited = None
        for attempt in range(_TRIES):
            tenant, version = self.store.read(tenant_id)
            if tenant == edited:
                self.changed(before, edited)
                return tenant
            before, edited = tenant, edit(tenant)
            if tenant == edited:
                return tenant
            try:
                self.store.replace(edited, version)
            except Conflict:
                self.sleep(random.uniform(0, min(_PAUSE_SECONDS * 2**attempt, _PAUSE_SECONDS_MAX)))  # noqa: S311 -- jitter
            else:
                self.changed(before, edited)
                return edited
        message = f"tenant {tenant_id!r} is being changed by others all the time; try again in a minute"
        raise Conflict(message)
