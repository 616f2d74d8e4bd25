"""The tenants as a webhook sees them: cached, bounded in time and memory, and looked at again before a refusal."""

import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from cachetools import TTLCache

from shared.errors import BrokenDocument
from shared.tenants.tenant import Tenant

T = TypeVar("T")
_TENANTS_MAX = 256


class _Entry(NamedTuple):
    """A tenant's document, or its absence, and the earliest time it may be read anew."""

    tenant: Tenant | None
    reread_from: float


class TenantCache:
    """Keeps `shared.tenants.lookup.TenantLookup` over a function that reads one tenant.

    A document, and equally the knowledge that there is none, lives `life_seconds`. What a cached document lacks makes
    it be read once more, at most every `reread_seconds` for each tenant: a new key works at once, and a flood of wrong
    keys for one tenant costs next to nothing. That a document is broken is known for `reread_seconds`; what is cached
    of the time before that is believed for the rest of its life.
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

    def find(self, tenant_id: str, wanted: Callable[[Tenant], T | None]) -> T | None:
        """What `wanted` finds in the tenant, or None. Raises what reading raises."""
        entry = self._entries.get(tenant_id)
        found = _found(entry, wanted) if entry else None
        if found is None and (broken := self._broken.get(tenant_id)):
            raise broken.with_traceback(None)
        if entry is None:
            return _found(self._load(tenant_id, reread_from=self._clock()), wanted)
        if found is None and self._clock() >= entry.reread_from:
            return _found(self._load(tenant_id, reread_from=self._clock() + self._reread_seconds), wanted)
        return found

    def _load(self, tenant_id: str, *, reread_from: float) -> _Entry:
        try:
            entry = self._entries[tenant_id] = _Entry(self._read(tenant_id), reread_from)
        except BrokenDocument as broken:
            self._broken[tenant_id] = broken
            raise
        return entry


def _found(entry: _Entry, wanted: Callable[[Tenant], T | None]) -> T | None:
    return wanted(entry.tenant) if entry.tenant else None
