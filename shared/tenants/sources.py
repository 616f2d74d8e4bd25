"""Where the caches of the Lambdas read: a tenant's secrets, and the directory's items."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from shared.errors import Configuration, Unavailable
from shared.tenants.copies import Copy
from shared.tenants.record import SecretPart, TenantRecord

K = TypeVar("K")
V = TypeVar("V")


class PausingReader(Generic[K, V]):
    """A function that reads, and does not try for a while after it failed.

    So a service that answers nobody delays a request every few seconds, and not each of them.

    Args:
        read: reads; raises Unavailable.
        pause_seconds: how long it is not called after that.
        clock: the time in seconds, as by `time.monotonic`.
    """

    def __init__(
        self, read: Callable[[K], V], *, pause_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._paused_until = float("-inf")

    def __call__(self, key: K) -> V:
        """What was read. Raises Unavailable, Configuration."""
        if self._clock() < self._paused_until:
            message = "a service failed a moment ago and is not called yet"
            raise Unavailable(message)
        try:
            return self._read(key)
        except Unavailable:
            self._paused_until = self._clock() + self._pause_seconds
            raise


def _read_home(home: Callable[[K], Copy[V]] | None, key: K) -> Copy[V] | None:
    """What `shared.tenants.cache.Source.read_home` returns."""
    if home is None:
        return None
    try:
        return home(key)
    except Unavailable:
        return None


@dataclass(frozen=True)
class ItemSource(Generic[K, V]):
    """Items of the directory. Implements `shared.tenants.cache.Source`.

    Attributes:
        own_region: reads from the Lambda's own AWS region.
        home_region: reads from the home region; None when that is the Lambda's own.
    """

    own_region: Callable[[K], V | None]
    home_region: Callable[[K], Copy[V]] | None

    def read(self, key: K) -> Copy[V]:
        """See `Source`."""
        return Copy(self.own_region(key))

    def read_home(self, key: K) -> Copy[V] | None:
        """See `Source`."""
        return _read_home(self.home_region, key)

    def refresh(self, key: K, copy: Copy[V]) -> Copy[V]:  # noqa: ARG002 - an item is as cheap to read as its version
        """See `Source`."""
        return self.read(key)


@dataclass(frozen=True)
class SecretSource(Generic[V]):
    """One part of each tenant's secrets, by the tenant's id. Implements `shared.tenants.cache.Source`.

    Attributes:
        part: which part.
        own_region: reads it from the Lambda's own AWS region.
        home_region: reads it from the home region; None when that is the Lambda's own.
        record: reads the tenant's record from the directory in the Lambda's own AWS region.
    """

    part: SecretPart
    own_region: Callable[[str], Copy[V]]
    home_region: Callable[[str], Copy[V]] | None
    record: Callable[[str], TenantRecord | None]

    def read(self, key: str) -> Copy[V]:
        """See `Source`. It does not need the directory."""
        return self.own_region(key)

    def read_home(self, key: str) -> Copy[V] | None:
        """See `Source`."""
        return _read_home(self.home_region, key)

    def refresh(self, key: str, copy: Copy[V]) -> Copy[V]:
        """See `Source`. The secret is read only if its version is not the announced one.

        When the own AWS region does not have that version yet, the home region does.
        """
        if copy.value is None and not copy.is_deleted:
            return self.own_region(key)
        try:
            record = self.record(key)
        except (Unavailable, Configuration):
            return self.own_region(key)
        if record and record.deleted_at:
            return Copy(None, is_deleted=True)
        announced = record.versions.get(self.part) if record else None
        if copy.version == announced:
            return copy if copy.is_current else replace(copy, is_current=True)
        stored = self.own_region(key)
        if stored.version != announced:
            stored = self.read_home(key) or stored
        return replace(stored, is_current=stored.version == announced)
