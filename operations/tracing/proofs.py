"""What the records of a text prove, as hops beside those of the logs; and what was parked and is not parked any more.

Records show how things stand, and log lines how it came to that. Lines may be late, missing or out of the window that
was read, so a verdict goes by both.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from operations.stage.names import Stage
from operations.tracing.hop import Hop
from operations.tracing.outcomes import reply_id
from operations.tracing.text_record import TextRecord
from shared.messages.outbound import PARKED, Parked, Reply
from shared.messages.status import DeliveryOutcome
from shared.providers.twilio import opt_out, statuses
from shared.reasons import Reason
from shared.telemetry import LogEvent

_READ = "read"  # the only status that follows on `delivered`
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""The time of what has no time of its own: a line that says the same says more, and decides."""


@dataclass(frozen=True)
class Evidence:
    """All that shows what became of a text.

    Attributes:
        hops: what happened, by the logs and by the records.
        taken_out: the line ids of hops that parked what is not parked any more: it was replayed or discarded.
    """

    hops: Sequence[Hop]
    taken_out: Collection[str]


def weigh(tenant: str, text: str, hops: Iterable[Hop], records: Mapping[Stage, TextRecord]) -> Evidence:
    """The log's hops together with what the records prove.

    Args:
        tenant: the tenant's id.
        text: the text's id; of a message that answers no text, the answer's id.
        hops: the hops in the logs.
        records: what each stage has stored, of those stages that could be read.
    """
    logged = list(hops)
    proofs = [_Proof(tenant, text, stage, record) for stage, record in records.items()]
    proven = [hop for proof in proofs for hop in proof.hops(logged)]
    parked_now = {(stage, parked.queue, parked.id) for stage, record in records.items() for parked in record.parked}
    kept = []
    taken_out = {line_id for proof in proofs for line_id in proof.taken_out}
    for hop in logged:
        if hop.event is LogEvent.PARKED and hop.stage in records:
            if _is_parked(text, hop, parked_now):
                continue  # the record has the same, and its detail
            taken_out.add(hop.line_id)
        kept.append(hop)
    return Evidence([*kept, *proven], frozenset(taken_out))


@dataclass(frozen=True)
class _Proof:
    tenant: str
    text: str
    stage: Stage
    record: TextRecord

    def hops(self, logged: Sequence[Hop]) -> Iterator[Hop]:
        for parked in self.record.parked:
            yield self._parked(parked)
        for name, reply in self.record.replies.items():
            if reply.status != PARKED or reply.reply_id not in self._parked_replies:
                yield self._of_reply(name, reply)
        if self.record.is_asking:
            yield self._hop("receiver", LogEvent.ACCEPTED, "asking")
        if self.record.messages is not None:
            yield from self._of_answer(self.record.messages, logged)

    @property
    def taken_out(self) -> Iterator[str]:
        """The line ids of the messages that were parked and are not any more."""
        for name, reply in self.record.replies.items():
            if reply.status == PARKED and reply.reply_id not in self._parked_replies:
                yield self._line_id(f"reply {name}")

    @property
    def _parked_replies(self) -> set[str]:
        return {parked.id for parked in self.record.parked if parked.queue == "outbound"}

    def _line_id(self, what: str) -> str:
        return f"record of {self.stage}: {what}"

    def _of_answer(self, messages: int, logged: Sequence[Hop]) -> Iterator[Hop]:
        """An answer is kept also when nothing of it is sent: to a STOP, or because the text was parked after all."""
        if messages == 0:
            yield self._hop("forwarder", LogEvent.UNANSWERED, "answer", reason=Reason.NO_MESSAGE)
            return
        is_silent = any(hop.event is LogEvent.UNANSWERED and not hop.details.get("reply") for hop in logged)
        is_parked = any(parked.id == self.text for parked in self.record.parked)
        if any(not name.startswith("f-") for name in self.record.replies) or not (is_silent or is_parked):
            yield self._hop("forwarder", LogEvent.ANSWERED, "answer")

    def _parked(self, parked: Parked) -> Hop:
        name = parked.id.removeprefix(f"{self.text}-")
        if parked.id == self.text:
            name = ""
        elif parked.queue == "inbound":  # a status, whose id is the reply's and the status
            name = name.partition(".")[0]
        return self._hop(
            "sender" if parked.queue == "outbound" else "forwarder",
            LogEvent.PARKED,
            f"parked {parked.id}",
            reason=parked.reason,
            reply=name,
            at=parked.parked_at,
            detail=parked.detail,
            error_code=self._error_code(name) if parked.queue == "outbound" else None,
        )

    def _error_code(self, name: str) -> int | None:
        reply = self.record.replies.get(name)
        return reply.error_code if reply else None

    def _of_reply(self, name: str, reply: Reply) -> Hop:
        event, reason = _became(reply)
        function = "statuses" if event in {LogEvent.DELIVERED, LogEvent.NOT_DELIVERED} else "sender"
        return self._hop(
            function,
            event,
            f"reply {name}",
            reason=reason,
            reply=name,
            at=reply.attempted_at,
            error_code=reply.error_code,
            message_id=reply.message_id,
        )

    def _hop(
        self,
        function: str,
        event: LogEvent,
        what: str,
        *,
        reason: str | None = None,
        at: datetime | None = None,
        **details: object,
    ) -> Hop:
        present = {name: str(value) for name, value in details.items() if value not in {None, ""}}
        return Hop(
            self._line_id(what),
            at or _LONG_AGO,
            self.stage,
            function,
            event,
            reason,
            {"tenant": self.tenant, **present},
        )


def _became(reply: Reply) -> tuple[LogEvent, str | None]:
    """What the record of a message shows, and the reason where there is one."""
    if reply.status == PARKED:
        return LogEvent.PARKED, None
    outcome = statuses.outcome(reply.status, reply.error_code, reply.message_id or "")
    if outcome is DeliveryOutcome.ARRIVED or reply.status == _READ:
        return LogEvent.DELIVERED, None
    if outcome is DeliveryOutcome.RETRYABLE:
        return LogEvent.POSTPONED, Reason.PROVIDER_UNAVAILABLE
    if outcome is not None:
        is_opt_out = reply.error_code == opt_out.CODE and not reply.message_id
        return (LogEvent.NOT_SENT, Reason.OPTED_OUT) if is_opt_out else (LogEvent.NOT_DELIVERED, None)
    if reply.message_id or reply.status:
        return LogEvent.SENT, None
    return LogEvent.POSTPONED, Reason.IN_DOUBT if reply.attempted_at else Reason.PROVIDER_UNAVAILABLE


def _is_parked(text: str, hop: Hop, parked_now: Collection[tuple[str, str, str]]) -> bool:
    """Whether what a hop parked is still parked."""
    name = str(hop.details.get("reply", ""))
    whole = reply_id(text, name) if name else text
    if hop.function == "sender":
        return (hop.stage, "outbound", whole) in parked_now
    if not name:
        return (hop.stage, "inbound", text) in parked_now
    return any(
        stage == hop.stage and queue == "inbound" and event_id.startswith(f"{whole}.")
        for stage, queue, event_id in parked_now
    )
