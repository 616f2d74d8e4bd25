"""What the records of a text prove, as hops beside those of the logs; and what was parked and is not parked any more.

Records show how things stand, and log lines how it came to that. Lines may be late, missing or out of the window that
was read, so a verdict goes by both.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from operations.stage.names import Stage
from operations.tracing.hop import Hop
from operations.tracing.outcomes import reply_id
from operations.tracing.text_record import TextRecord
from shared.messages import events
from shared.messages.outbound import PARKED, Parked, Reply
from shared.messages.promises import Promise, PromiseState
from shared.messages.status import DeliveryOutcome
from shared.providers.twilio import opt_out, statuses
from shared.reasons import Reason
from shared.telemetry import LogEvent

_READ = "read"  # the only status that follows on `delivered`
_SENT_AGAIN = "the provider could not send it for now, and it is being sent again"
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


def weigh(
    tenant: str, text: str, hops: Iterable[Hop], records: Mapping[Stage, TextRecord], *, now: datetime
) -> Evidence:
    """The log's hops together with what the records prove.

    Args:
        tenant: the tenant's id.
        text: the text's id; of a message that answers no text, the answer's id.
        hops: the hops in the logs.
        records: what each stage has stored, of those stages that could be read.
        now: the time, with its zone: what was due before is overdue.
    """
    logged = list(hops)
    proofs = [_Proof(tenant, text, stage, record, now) for stage, record in records.items()]
    proven = [hop for proof in proofs for hop in proof.hops(logged)]
    parked_now = {(stage, parked.queue, parked.id) for stage, record in records.items() for parked in record.parked}
    kept = []
    taken_out = {line_id for proof in proofs for line_id in proof.taken_out}
    for hop in logged:
        if any(_is_said_better(hop, record) for stage, record in records.items() if stage == hop.stage):
            continue
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
    now: datetime

    def hops(self, logged: Sequence[Hop]) -> Iterator[Hop]:
        for parked in self.record.parked:
            yield self._parked(parked)
        for name, reply in self.record.replies.items():
            if reply.status != PARKED or reply.reply_id not in self._parked_replies:
                yield self._of_reply(name, reply)
        if self.record.is_asking:
            yield self._hop("receiver", LogEvent.ACCEPTED, "asking")
        if self.record.is_later or self.record.promise:
            yield from self._of_promise(self.record.promise)
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

    def _of_promise(self, promise: Promise | None) -> Iterator[Hop]:
        """A late answer is of this text, also before its first message has a record."""
        if promise is None:
            yield self._hop("forwarder", LogEvent.UNANSWERED, "promise", reason=Reason.LATER)
        elif promise.state is PromiseState.ANSWERED:
            if promise.answer_id and not any(map(_is_of(promise.answer_id), self.record.replies.values())):
                yield self._hop("api", LogEvent.SUBMITTED, "late answer", reply=f"{promise.answer_id}-1")
        elif promise.state is PromiseState.OVERDUE or promise.due_at <= self.now:
            yield self._hop("forwarder", LogEvent.OVERDUE, "promise", at=promise.due_at, due_at=_shown(promise.due_at))
        else:
            yield self._hop(
                "forwarder",
                LogEvent.UNANSWERED,
                "promise",
                reason=Reason.LATER,
                at=promise.received_at,
                due_at=_shown(promise.due_at),
            )

    def _of_answer(self, messages: int, logged: Sequence[Hop]) -> Iterator[Hop]:
        """An answer is kept also when nothing of it is sent: to a STOP, or because the text was parked after all."""
        if messages == 0:
            reason = Reason.NO_SESSION if self.record.is_outside_session else Reason.NO_MESSAGE
            yield self._hop("forwarder", LogEvent.UNANSWERED, "answer", reason=reason)
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
            detail=_SENT_AGAIN if event is LogEvent.POSTPONED and reply.superseded else None,
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
    if outcome:
        return _failed(reply)
    if reply.message_id or reply.status:
        return LogEvent.SENT, None
    return LogEvent.POSTPONED, Reason.IN_DOUBT if reply.attempted_at else Reason.PROVIDER_UNAVAILABLE


def _failed(reply: Reply) -> tuple[LogEvent, str | None]:
    """What failed without an id at the provider was never sent."""
    if reply.message_id:
        return LogEvent.NOT_DELIVERED, None
    return LogEvent.NOT_SENT, Reason.OPTED_OUT if reply.error_code == opt_out.CODE else Reason.UNREACHABLE


def _failed_for_now(reply: Reply) -> Collection[str]:
    """The provider's ids of those of its attempts that failed for now: it is sent again."""
    is_retryable = statuses.outcome(reply.status, reply.error_code, reply.message_id or "") is DeliveryOutcome.RETRYABLE
    return reply.superseded | ({reply.message_id} if is_retryable and reply.message_id else set())


def _is_said_better(hop: Hop, record: TextRecord) -> bool:
    """Whether a record says the same with more detail, or that what a line says is over."""
    if hop.event is LogEvent.SENT:
        return any(hop.details.get("message_id") in _failed_for_now(reply) for reply in record.replies.values())
    is_open = record.promise is not None and record.promise.state is not PromiseState.ANSWERED
    is_of_promise = hop.event is LogEvent.OVERDUE or (hop.event is LogEvent.UNANSWERED and hop.reason == Reason.LATER)
    return is_open and is_of_promise


def _is_of(answer_id: str) -> Callable[[Reply], bool]:
    return lambda reply: events.answer_id(reply.reply_id) == answer_id


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


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
