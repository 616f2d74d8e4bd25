"""The interface for looking something up in a tenant while a request is served."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from shared.tenants.tenant import Tenant

T = TypeVar("T")


class TenantLookup(Protocol):
    """The tenants as the Lambdas see them: through a cache that reads a tenant again before a request is refused."""

    def find(self, tenant_id: str, select: Callable[[Tenant], T | None]) -> T | None:
        """The result of `select` for the tenant. When it is None for the cached tenant, the store is read again.

        None when the tenant does not exist, or `select` returns None. Raises Unavailable, Configuration.
        """
