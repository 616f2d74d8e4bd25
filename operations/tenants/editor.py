"""How operators change tenants: the stored document under several of them at once.

`Administration.change` applies an edit, of `operations/tenants/edits.py` or `operations/tenants/agent_edits.py`, to the
stored document and writes what came out only if nobody else wrote meanwhile; otherwise it looks again. So of two
operators who work at once, neither loses a change.
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


def _nobody_listens(before: Tenant | None, after: Tenant | None) -> None:
    pass


@dataclass(frozen=True)
class Administration:
    """Changes tenants in a store.

    Args:
        store: where the tenants are.
        sleep: waits so many seconds.
        changed: hears of each change once it is stored, with the tenant before and after; None stands for none.
    """

    store: TenantStore
    sleep: Callable[[float], None]
    changed: Callable[[Tenant | None, Tenant | None], None] = _nobody_listens

    def create(self, tenant_id: str, *, primary_region: str, edits: Iterable[Edit] = ()) -> Tenant:
        """A new tenant with a salt of its own, stored at once with everything that the edits give it.

        Raises Declined, Unavailable: then nothing is stored.
        """
        new = Tenant(id=tenant_id, primary_region=primary_region, salt=secrets.token_hex(32))
        tenant = in_turn(*edits)(new)
        self.store.create(tenant)
        self.changed(None, tenant)
        return tenant

    def delete(self, tenant: Tenant) -> None:
        """Takes a tenant away with all that it owns. Raises Declined, Unavailable."""
        self.store.delete(tenant.id)
        self.changed(tenant, None)

    def change(self, tenant_id: str, edit: Edit) -> Tenant:
        """The tenant as it is stored after the edit.

        Nothing is written when the edit changes nothing. An answer of the store that was lost looks like a conflict,
        with our own change in the document: that is success.

        Raises Declined, of it Conflict when others keep changing the tenant, Unavailable, Configuration.
        """
        before = wanted = None
        for attempt in range(_TRIES):
            tenant, version = self.store.read(tenant_id)
            if tenant == wanted:
                self.changed(before, wanted)
                return tenant
            before, wanted = tenant, edit(tenant)
            if tenant == wanted:
                return tenant
            try:
                self.store.replace(wanted, version)
            except Conflict:
                self.sleep(random.uniform(0, min(_PAUSE_SECONDS * 2**attempt, _PAUSE_SECONDS_MAX)))  # noqa: S311 -- jitter
            else:
                self.changed(before, wanted)
                return wanted
        message = f"tenant {tenant_id!r} is being changed by others all the time; try again in a minute"
        raise Conflict(message)
