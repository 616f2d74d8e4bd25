"""A cache of tenants for the Lambdas, limited in time and size, which reads a tenant again before a refusal."""

import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from cachetools import TTLCache

from shared.errors import BrokenDocument
from shared.tenants.tenant import Tenant

T = TypeVar("T")
_TENANTS_MAX = 256


class _Entry(NamedTuple):
    """A tenant, or None when there is none, and the earliest time to read it again."""

    tenant: Tenant | None
    reread_from: float


class TenantCache:
    """Implements `shared.tenants.lookup.TenantLookup` with a function that reads one tenant.

    A tenant, or the fact that it does not exist, is cached for `life_seconds`. When a cached tenant lacks what a caller
    looks for, it is read again, at most every `reread_seconds` per tenant: so a new key works at once, and a flood of
    wrong keys for one tenant costs almost nothing. The fact that a document is broken is cached for `reread_seconds`;
    a tenant that was cached before is used for the rest of its life.

    Args:
        read: reads a tenant from the store; None when it does not exist.
        life_seconds: how long an entry lives.
        reread_seconds: the shortest time between two reads of one tenant before a refusal.
        clock: the time in seconds, as by `time.monotonic`.
    """

    def __init__(
        self,
        read: Callable[[str], Tenant | None],
        *,
        life_seconds: float,
        reread_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._reread_seconds = reread_seconds
        self._clock = clock
        self._entries: TTLCache[str, _Entry] = TTLCache(_TENANTS_MAX, ttl=life_seconds, timer=clock)
        self._broken: TTLCache[str, BrokenDocument] = TTLCache(_TENANTS_MAX, ttl=reread_seconds, timer=clock)

    def find(self, tenant_id: str, select: Callable[[Tenant], T | None]) -> T | None:
        """The result of `select` for the tenant; None when that is None or the tenant does not exist.

        Raises what `read` raises.
        """
        entry = self._entries.get(tenant_id)
        result = _select(entry, select) if entry else None
        if result is None and (broken := self._broken.get(tenant_id)):
            raise broken.with_traceback(None)
        if entry is None:
            return _select(self._load(tenant_id, reread_from=self._clock()), select)
        if result is None and self._clock() >= entry.reread_from:
            return _select(self._load(tenant_id, reread_from=self._clock() + self._reread_seconds), select)
        return result

    def _load(self, tenant_id: str, *, reread_from: float) -> _Entry:
        try:
            entry = self._entries[tenant_id] = _Entry(self._read(tenant_id), reread_from)
        except BrokenDocument as broken:
            self._broken[tenant_id] = broken
            raise
        return entry


def _select(entry: _Entry, select: Callable[[Tenant], T | None]) -> T | None:
    return select(entry.tenant) if entry.tenant else None
