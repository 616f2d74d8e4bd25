"""A cache for what the Lambdas look up, limited in time and size, which reads a value again before a refusal."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cachetools import TTLCache

from shared.errors import BrokenDocument
from shared.tenants.copies import Copy, Source

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

_KEPT_SECONDS = 3600
"""How long at most a copy is used without reading the value itself, even if its version is still the announced one."""


@dataclass(slots=True)
class _Entry(Generic[V]):
    """A copy, the end of its life, and the earliest time to read it again before a refusal."""

    copy: Copy[V]
    fresh_until: float
    reread_from: float


class Cache(Generic[K, V]):
    """Implements the look-ups of `shared.tenants.lookup` that have a method `find`.

    A value, or the fact that there is none, is used for `life_seconds`, then the source is asked whether it is still
    current. When it lacks what a caller looks for, it is read again, from the own AWS region and then from the home
    region, at most every `reread_seconds` per key: so a new key works at once, and a flood of wrong keys for one tenant
    costs almost nothing. Reading again does not lengthen a life. The fact that a document is broken is cached for
    `reread_seconds`; a value that was cached before is used for the rest of its life.

    Args:
        source: where values are read.
        life_seconds: how long a copy is used without a question.
        reread_seconds: the shortest time between two reads of one value before a refusal, and the life of a copy that
            is not current.
        entries_max: how many values are cached at once.
        clock: the time in seconds, as by `time.monotonic`.
    """

    def __init__(
        self,
        source: Source[K, V],
        *,
        life_seconds: float,
        reread_seconds: float,
        entries_max: int = 256,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._life_seconds = life_seconds
        self._reread_seconds = reread_seconds
        self._clock = clock
        kept_seconds = max(_KEPT_SECONDS, life_seconds)
        self._entries: TTLCache[K, _Entry[V]] = TTLCache(entries_max, ttl=kept_seconds, timer=clock)
        self._broken: TTLCache[K, BrokenDocument] = TTLCache(entries_max, ttl=reread_seconds, timer=clock)

    def find(self, key: K, select: Callable[[V], T | None]) -> T | None:
        """The result of `select` for the value; None when that is None or there is no value.

        Raises what the source raises.
        """
        entry = self._entries.get(key)
        was_read = False
        if entry is None or self._clock() >= entry.fresh_until:
            self._raise_if_broken(key)
            former = entry and entry.copy
            entry = self._load(key, entry)
            was_read = entry.copy is not former
        result = _select(entry.copy, select)
        if result is None:
            self._raise_if_broken(key)
            if self._clock() >= entry.reread_from:
                result = self._reread(key, entry, select, was_read=was_read)
        return result

    def _load(self, key: K, entry: _Entry[V] | None) -> _Entry[V]:
        """The entry with a copy that may be used for some time."""
        try:
            copy = self._source.refresh(key, entry.copy) if entry else self._source.read(key)
        except BrokenDocument as broken:
            copy = self._read_home_instead(key, broken)
        seconds = self._life_seconds if copy.is_current else min(self._life_seconds, self._reread_seconds)
        fresh_until = self._clock() + seconds
        if entry and copy is entry.copy:
            entry.fresh_until = fresh_until
            return entry
        loaded = self._entries[key] = _Entry(copy, fresh_until, entry.reread_from if entry else self._clock())
        return loaded

    def _reread(self, key: K, entry: _Entry[V], select: Callable[[V], T | None], *, was_read: bool) -> T | None:
        """The result for what is stored now, in the own AWS region or else in the home region."""
        if not was_read:
            former = entry.copy
            try:
                entry.copy = self._source.refresh(key, former) if former.is_deleted else self._source.read(key)
            except BrokenDocument as broken:
                entry.copy = self._read_home_instead(key, broken)
            entry.reread_from = self._clock() + self._reread_seconds
        result = _select(entry.copy, select)
        if result is not None or entry.copy.is_deleted:
            return result
        copy = self._read_home(key)
        if copy is None:
            return None
        entry.copy = copy
        entry.reread_from = self._clock() + self._reread_seconds
        return _select(copy, select)

    def _read_home_instead(self, key: K, broken: BrokenDocument) -> Copy[V]:
        """The value in the home region, for a copy that is broken. Raises its error when there is no other."""
        copy = self._read_home(key)
        if copy is None:
            self._broken[key] = broken
            raise broken
        return copy

    def _read_home(self, key: K) -> Copy[V] | None:
        try:
            return self._source.read_home(key)
        except BrokenDocument as broken:
            self._broken[key] = broken
            raise

    def _raise_if_broken(self, key: K) -> None:
        broken = self._broken.get(key)
        if broken:
            raise broken.with_traceback(None)


def _select(copy: Copy[V], select: Callable[[V], T | None]) -> T | None:
    return None if copy.value is None else select(copy.value)
