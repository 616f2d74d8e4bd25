"""What a run of the page serves, and what it keeps in memory between requests."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from secrets import token_urlsafe
from threading import Lock
from typing import Generic, TypeVar

from flask import Flask, current_app

from dashboard.jobs import Jobs
from operations.operator import World
from operations.stage.names import Stage
from operations.stage.target import Target
from operations.tenants.choice import all_tenants

T = TypeVar("T")

TENANTS_MAX = 200
"""The tenants that a page offers to choose from; others can be typed."""
_FRESH = timedelta(seconds=60)
"""How long a page goes by what it read of the stage's stack, and of which tenants there are."""
_KEPT_MAX = 50


@dataclass(frozen=True)
class Desk:
    """What a run of the page serves.

    Attributes:
        world: what is outside: AWS, Twilio, the web, the clock.
        stage: the stage to begin with.
        local: whether it is on the local stack.
        tenant: the tenant's id as the operator named it; None when none was named.
        key: what opens the page.
        hosts: the names and ports under which the page is reached; requests for others are refused.
        report: receives a sentence about a defect, for the terminal.
    """

    world: World
    stage: Stage
    local: bool
    tenant: str | None
    key: str = field(repr=False)
    hosts: frozenset[str]
    report: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class Outcome:
    """What a change led to, for the page that is shown after it: once, also when that is loaded again.

    Attributes:
        sentence: what was done.
        notes: what else the operator should know.
        warnings: what must not be overlooked.
        secret: what is shown only now, such as a new API key; None for nothing.
    """

    sentence: str
    notes: Sequence[str] = ()
    warnings: Sequence[str] = ()
    secret: str | None = field(default=None, repr=False)


class Once(Generic[T]):
    """Keeps values for whoever has their token, who gets each once. The oldest are dropped when there are many."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def put(self, value: T) -> str:
        """Keeps a value; its token."""
        token = token_urlsafe(12)
        with self._lock:
            self._kept[token] = value
            while len(self._kept) > _KEPT_MAX:
                self._kept.popitem(last=False)
        return token

    def take(self, token: str) -> T | None:
        """The value; None when the token is unknown or was used."""
        with self._lock:
            return self._kept.pop(token, None)


class Reveals:
    """Which pages show whole numbers and texts for now: those for which somebody asked."""

    _LIFE = timedelta(minutes=10)

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._until: dict[tuple[str, str, str], datetime] = {}

    def begin(self, path: str, stage: str, tenant: str) -> None:
        """From now on, and for ten minutes, this path shows them for this stage and tenant, as the audit log says."""
        now = self._now()
        self._until = {key: until for key, until in self._until.items() if until > now}
        self._until[path, stage, tenant] = now + self._LIFE

    def holds(self, path: str, stage: str, tenant: str) -> bool:
        """Whether this path shows them for this stage and tenant now."""
        until = self._until.get((path, stage, tenant))
        return until is not None and self._now() < until


class Memory:
    """What the page keeps between requests. It is gone when the page ends.

    Args:
        desk: what is served.
    """

    def __init__(self, desk: Desk) -> None:
        self.outcomes = Once[Outcome]()
        self.jobs = Jobs()
        self.reveals = Reveals(desk.world.now)
        self.world = replace(desk.world, open_target=self._open)
        """The same world, with targets that are kept for a minute: opening one costs more than a page."""
        self._desk = desk
        self._lock = Lock()
        self._targets: dict[tuple[Stage, bool], tuple[datetime, Target]] = {}
        self._tenants: tuple[datetime, list[str]] | None = None

    def tenants(self) -> list[str]:
        """The ids of the first tenants, without those that were deleted. Raises CommandDeclined, Unavailable."""
        now = self._desk.world.now()
        if self._tenants is None or now - self._tenants[0] >= _FRESH:
            store = self._open(self._desk.stage, local=self._desk.local).store
            existing = (record.id for record in all_tenants(store) if record.deleted_at is None)
            self._tenants = now, list(islice(existing, TENANTS_MAX))
        return self._tenants[1]

    def _open(self, stage: Stage, *, local: bool) -> Target:
        now = self._desk.world.now()
        with self._lock:
            opened = self._targets.get((stage, local))
            if opened is None or now - opened[0] >= _FRESH:
                opened = now, self._desk.world.open_target(stage, local=local)
                self._targets[stage, local] = opened
            return opened[1]


def desk() -> Desk:
    """What this app serves."""
    served: Desk = current_app.extensions["desk"]
    return served


def memory() -> Memory:
    """What this app keeps."""
    return memory_of(current_app)


def memory_of(app: Flask) -> Memory:
    """What an app keeps, also outside of a request."""
    kept: Memory = app.extensions["memory"]
    return kept
