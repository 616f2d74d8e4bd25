"""Finding something in a tenant, as everything that serves a request does it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from shared.tenants.tenant import Tenant

T = TypeVar("T")


class TenantLookup(Protocol):
    """The tenants as the webhooks see them: through a cache that looks again before anything is refused."""

    def find(self, tenant_id: str, wanted: Callable[[Tenant], T | None]) -> T | None:
        """What `wanted` finds in the tenant, looking once more in the store when the cached document lacks it.

        None when the tenant does not exist or holds nothing wanted. Raises Unavailable, Configuration.
        """
