"""Texts as they are shown: the timeline of their hops, what is stored of them, and the verdict."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cli.context import Invocation
from cli.output import Record
from operations.tracing.outcomes import TraceState
from operations.tracing.text_record import TextRecord
from operations.tracing.texts import TracedText
from operations.tracing.verdicts import Verdict
from operations.tracing.why import is_healthy

_BAR = 24
_HEADINGS = ("time", "after", "", "stage", "function", "what happened", "why", "")
_PASSING = {TraceState.RETRYING, TraceState.WAITING}


def show_verdict(run: Invocation, verdict: Verdict) -> None:
    """Shows the sentence, and on a second line what to do, on standard output."""
    mark = ("✖", "red")
    if is_healthy(verdict.state):
        mark = ("‼", "yellow") if verdict.state in _PASSING else ("✔", "green")
    complete = run.output.hints.completed
    run.output.verdict(*mark, complete(verdict.sentence), complete(", ".join(verdict.see)))


def show_text(run: Invocation, text: TracedText) -> None:
    """Shows the text's timeline, and what is stored of it."""
    if text.hops:
        run.output.table(text.id, _HEADINGS, list(_timeline(text)), narrow=[hop.record for hop in text.hops])
    for stage, record in text.records.items():
        for sentence in _stored(stage, record):
            run.output.line({"body": f"stored on {sentence}"})


def verdict_record(run: Invocation, verdict: Verdict) -> dict[str, object]:
    """The verdict as JSON values."""
    complete = run.output.hints.completed
    return {
        "state": verdict.state,
        "verdict": complete(str(verdict)),
        "see": [complete(place) for place in verdict.see],
    }


def text_record(run: Invocation, text: TracedText) -> Record:
    """The text as JSON values."""
    return {
        "id": text.id,
        **verdict_record(run, text.verdict),
        "hops": [hop.record for hop in text.hops],
        "stored": {stage: _stored_record(record) for stage, record in text.records.items() if not record.is_empty},
        "at_provider": _moment(text.at_provider.at) if text.at_provider and not text.is_ours else None,
    }


def _stored_record(record: TextRecord) -> Record:
    return {
        "messages": record.messages,
        "is_asking": record.is_asking,
        "is_later": record.is_later,
        "is_outside_session": record.is_outside_session,
        "due_at": record.promise and _moment(record.promise.due_at),
        "late_answer": record.promise and record.promise.answer_id,
        "replies": [
            {
                "reply_id": reply.reply_id,
                "message_id": reply.message_id,
                "status": reply.status or None,
                "error_code": reply.error_code,
                "attempted_at": reply.attempted_at and _moment(reply.attempted_at),
            }
            for reply in record.replies.values()
        ],
        "parked": [
            {
                "id": parked.id,
                "queue": parked.queue,
                "reason": parked.reason,
                "detail": parked.detail,
                "parked_at": _moment(parked.parked_at),
            }
            for parked in record.parked
        ],
    }


def _stored(stage: str, record: TextRecord) -> Iterator[str]:
    if record.is_asking:
        yield f"{stage}: the backend is being asked"
    if record.is_outside_session:
        yield f"{stage}: the backend was not asked, as no session was open"
    elif record.messages is not None:
        yield f"{stage}: the backend's answer, {record.messages} messages"
    if record.promise and record.promise.answer_id:
        yield f"{stage}: a late answer, {record.promise.answer_id}"
    elif record.promise:
        yield f"{stage}: the promise of an answer, due at {_moment(record.promise.due_at)}"
    elif record.is_later:
        yield f"{stage}: the promise of an answer, at any time"
    for name, reply in record.replies.items():
        error = f", error {reply.error_code}" if reply.error_code else ""
        yield f"{stage}: message {name}, {reply.status or 'not sent yet'}{error}"
    for parked in record.parked:
        yield f"{stage}: parked {parked.id}, {parked.reason}: {parked.detail}"


def _timeline(text: TracedText) -> Iterator[Sequence[str]]:
    first, last = text.hops[0].time, text.hops[-1].time
    for hop in text.hops:
        after = hop.time - first
        more = (f"{name}={value}" for name, value in hop.details.items() if name not in {"tenant", "correlation_id"})
        yield (
            hop.time.strftime("%H:%M:%S.%f")[:-3],
            f"{after.total_seconds():.3f} s",
            _bar(after, last - first),
            hop.stage,
            hop.function,
            hop.event.value,
            hop.reason or "",
            " ".join(more),
        )


def _bar(after: timedelta, whole: timedelta) -> str:
    place = round((_BAR - 1) * (after / whole)) if whole else 0
    return "─" * place + "●" + " " * (_BAR - 1 - place)


def _moment(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
