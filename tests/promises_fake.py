"""Stand-ins for promises of later answers, and for the queue of reminders."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from shared.errors import SmsReceiverError
from shared.messages.promises import Promise, PromiseState


@dataclass
class FakePromises:
    """`shared.ports.Promises` over a dict; tests/integration/test_promises.py holds it to the port.

    Attributes:
        kept: by tenant and text.
        life_seconds: how long a record is kept.
        clock: gives seconds, from any start; without one, no time passes.
    """

    failing: SmsReceiverError | None = None
    kept: dict[tuple[str, str], Promise] = field(default_factory=dict)
    life_seconds: float = math.inf
    clock: Callable[[], float] = float
    _until: dict[tuple[str, str], float] = field(default_factory=dict, init=False)

    def make(self, promise: Promise) -> Promise:
        present = self.find(promise.tenant, promise.text_id)
        if present and present.conversation == promise.conversation:
            return present
        return self._keep(promise)

    def find(self, tenant_id: str, text_id: str) -> Promise | None:
        if self.failing:
            raise self.failing
        key = tenant_id, text_id
        if self._until.get(key, math.inf) <= self.clock():
            self.kept.pop(key, None)
        return self.kept.get(key)

    def fulfil(self, promise: Promise) -> None:
        present = self.find(promise.tenant, promise.text_id) or promise
        if present.conversation == promise.conversation:
            self._keep(replace(present, state=PromiseState.ANSWERED, answer_id=promise.answer_id))

    def miss(self, promise: Promise) -> bool:
        present = self.find(promise.tenant, promise.text_id)
        if present is None or present.state is PromiseState.ANSWERED:
            return False
        self.kept[promise.tenant, promise.text_id] = replace(present, state=PromiseState.OVERDUE)
        return True

    def waiting(self, tenant_id: str) -> list[Promise]:
        mine = [self.find(*key) for key in list(self.kept) if key[0] == tenant_id]
        open_ones = [promise for promise in mine if promise and promise.state is not PromiseState.ANSWERED]
        return sorted(open_ones, key=lambda promise: promise.due_at)

    def _keep(self, promise: Promise) -> Promise:
        self.kept[promise.tenant, promise.text_id] = promise
        self._until[promise.tenant, promise.text_id] = self.clock() + self.life_seconds
        return promise


@dataclass
class FakeReminders:
    """`shared.ports.DelayedQueue` over a list: each event with its delay."""

    failing: SmsReceiverError | None = None
    sent: list[tuple[Mapping[str, object], float]] = field(default_factory=list)

    def send(self, event: Mapping[str, object], *, after_seconds: float) -> None:
        if self.failing:
            raise self.failing
        self.sent.append((event, after_seconds))
