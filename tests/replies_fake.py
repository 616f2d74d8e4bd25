"""A stand-in for the records of outbound messages."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.errors import NotFound, SmsReceiverError
from shared.messages.outbound import PARKED, Reply
from shared.messages.status import ProviderStatus, StatusOrder

_PARKED_RANK = -1  # any status of a provider is higher


@dataclass
class FakeReplies:
    """`shared.ports.Replies` over a dict; tests/integration/test_replies.py holds it to the port.

    Attributes:
        kept: by tenant and id.
        life_seconds: how long a record is kept after it was last tried or parked.
        clock: gives seconds, from any start; without one, no time passes.
    """

    failing: SmsReceiverError | None = None
    kept: dict[tuple[str, str], Reply] = field(default_factory=dict)
    life_seconds: float = math.inf
    clock: Callable[[], float] = float
    _until: dict[tuple[str, str], float] = field(default_factory=dict, init=False)

    def find(self, tenant_id: str, reply_id: str) -> Reply | None:
        if self.failing:
            raise self.failing
        key = tenant_id, reply_id
        if self._until.get(key, math.inf) <= self.clock():
            self.kept.pop(key, None)
        return self.kept.get(key)

    def attempt(self, reply: Reply, *, at: datetime) -> None:
        record = self._described(reply)
        self._keep(replace(record, attempted_at=record.attempted_at or at, segments=reply.segments))

    def withdraw(self, tenant_id: str, reply_id: str) -> None:
        record = self.find(tenant_id, reply_id)
        if record:
            self._keep(replace(record, attempted_at=None))

    def park(self, reply: Reply) -> None:
        record = self._described(reply)
        if record.status in {"", PARKED}:
            self._keep(replace(record, status=PARKED, rank=_PARKED_RANK, error_code=reply.error_code))

    def refuse(self, reply: Reply, status: ProviderStatus) -> None:
        record = self._described(reply)
        if not record.status or record.rank < status.rank:
            record = replace(record, status=status.word, rank=status.rank, error_code=reply.error_code)
        self._keep(record)

    def advance(  # noqa: PLR0913 - as the port
        self,
        tenant_id: str,
        reply_id: str,
        status: ProviderStatus,
        *,
        message_id: str,
        error_code: int | None,
        segments: int | None = None,
    ) -> tuple[Reply, StatusOrder]:
        record = self._found(tenant_id, reply_id)
        if message_id in record.superseded or record.message_id not in {None, message_id}:
            return record, StatusOrder.OTHER
        is_same_step = status.rank == record.rank and status.word != record.status and not status.is_final
        is_new = not record.status or status.rank > record.rank or is_same_step
        record = replace(record, message_id=message_id, segments=segments or record.segments)
        if is_new:
            record = replace(record, status=status.word, rank=status.rank, error_code=error_code)
        self._keep(record)
        if record.status != status.word:
            return record, StatusOrder.STALE
        return record, StatusOrder.NEW if is_new else StatusOrder.REPEATED

    def supersede(self, tenant_id: str, reply_id: str, message_id: str) -> Reply:
        record = self._found(tenant_id, reply_id)
        if message_id in record.superseded or record.message_id not in {None, message_id}:
            return record
        superseded = record.superseded | {message_id}
        cleared = replace(record, attempted_at=None, message_id=None, status="", rank=0, error_code=None)
        self._keep(replace(cleared, superseded=superseded))
        return self.kept[tenant_id, reply_id]

    def owner(self, tenant_id: str, message_id: str) -> str | None:
        if self.failing:
            raise self.failing
        mine = (reply for (owner, _), reply in self.kept.items() if owner == tenant_id)
        return next((reply.reply_id for reply in mine if reply.message_id == message_id), None)

    def _found(self, tenant_id: str, reply_id: str) -> Reply:
        record = self.find(tenant_id, reply_id)
        if record is None:
            message = f"tenant {tenant_id!r} has no reply {reply_id!r}"
            raise NotFound(message)
        return record

    def _described(self, reply: Reply) -> Reply:
        """The record with the message's description from `reply`, and its own state. It lives on from now."""
        record = self.find(reply.tenant, reply.reply_id) or Reply(reply.tenant, reply.reply_id, "", "", None)
        self._until[reply.tenant, reply.reply_id] = self.clock() + self.life_seconds
        return replace(
            record,
            agent=reply.agent,
            agent_id=reply.agent_id,
            conversation=reply.conversation,
            in_reply_to=reply.in_reply_to,
        )

    def _keep(self, reply: Reply) -> None:
        self.kept[reply.tenant, reply.reply_id] = reply
