"""Texts: what came and what became of it; one text with all its hops; and all texts of one person."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from flask import request, url_for

from dashboard.acting import operator
from dashboard.page import Answer, Page, confirm, confirmed, done, show
from dashboard.paging import by_number
from operations import durations
from operations.parked.batch import replay_all
from operations.parked.filters import event_with_id
from operations.stage.names import STAGES, Stage
from operations.tracing.hop import Hop
from operations.tracing.latest_texts import STATES, TextFilters, latest_texts
from operations.tracing.outcomes import TraceState
from operations.tracing.text_record import TextRecord
from operations.tracing.texts import TracedText
from operations.tracing.why import find_out, is_healthy, is_id
from operations.tracing.window import Window
from operations.twilio.message_errors import explained
from shared.errors import CommandDeclined, NotFound
from shared.messages.outbound import Parked

page = Page("texts", "Texts")

_PERIODS = {"15m": "15 minutes", "1h": "hour", "6h": "6 hours", "1d": "day"}
_LIVE = {"15m"}
"""The periods of which the list renews itself: a search of a longer one costs cents on a busy stage."""
_PASSING = {TraceState.RETRYING, TraceState.WAITING}
_LINES_COME_WITHIN = timedelta(minutes=2)
_NOT_SHOWN = {"tenant", "correlation_id"}


class Step(NamedTuple):
    """A hop as a line of a timeline."""

    time: str
    after: str
    stage: str
    function: str
    event: str
    reason: str
    more: str


class StoredMessage(NamedTuple):
    """What is stored of a message of an answer."""

    stage: str
    name: str
    status: str
    error: str


class ParkedPart(NamedTuple):
    """Something of a text that is parked, with its numbers and its words."""

    stage: str
    parked: Parked
    sender: str
    recipient: str
    text: str


@page.get("/")
def index() -> Answer:
    """The latest texts, the newest first; which ones is in the URL."""
    filters = TextFilters(**{name: request.args.get(name, "").strip() for name in vars(TextFilters())})
    acting = operator()
    one_stage = request.args.get("stages") == "one"
    found = latest_texts(acting, _window(), filters, only=acting.stage if one_stage else None)
    return show(
        "texts.html",
        texts=by_number(found.texts),
        complete=found.complete,
        filters=filters,
        states=STATES,
        kind=kind,
        periods=_PERIODS,
        since=_since(),
        one_stage=one_stage,
        live=_since() in _LIVE,
    )


@page.get("/person")
def person() -> Answer:
    """The conversations of one person: what became of each text, as `sms why NUMBER` finds out."""
    typed = request.args.get("person", "").strip()
    if not typed:
        return show("texts_person.html", explanation=None, periods=_PERIODS, since=_since("1d"))
    to = request.args.get("number", "").strip() or None
    explanation = find_out(operator(), typed, _window("1d"), to=to)
    return show(
        "texts_person.html",
        explanation=explanation,
        texts=[(text, _steps(text.hops)) for text in reversed(explanation.texts)],
        kind=kind,
        periods=_PERIODS,
        since=_since("1d"),
    )


@page.get("/<text_id>")
def text(text_id: str) -> Answer:
    """One text: the verdict, its hops, and what is stored of it."""
    if not is_id(text_id):
        message = "this is no id of a text or a reply"
        raise NotFound(message)
    explanation = find_out(operator(), text_id, _window("1d"))
    traced = next(iter(explanation.texts), None)
    return show(
        "text.html",
        text_id=text_id,
        live=explanation.verdict.state in _PASSING | {TraceState.SENT} or _is_young(traced.hops if traced else []),
        verdict=explanation.verdict,
        complete=explanation.complete,
        kind=kind,
        steps=_steps(traced.hops) if traced else [],
        records=_told(traced.records) if traced else [],
        messages=list(_messages(traced)) if traced else [],
        parked=list(_parked(traced)) if traced else [],
        at_provider=traced.at_provider if traced else None,
    )


@page.post("/<text_id>/replay")
def replay(text_id: str) -> Answer:
    """Sends what is parked of a text to its queue again, on the stage where it is parked, after asking."""
    stage = next((known for known in STAGES if known == request.form.get("on")), None)
    if stage is None:
        message = "this form names no stage; open the text again"
        raise CommandDeclined(message)
    acting = operator(on=stage).changing()
    event = event_with_id(acting, request.form.get("parked", ""))
    back = url_for("texts.text", text_id=text_id)
    if not confirmed():
        return confirm(f"Replay {event.id}?", button="Replay", back=back, sentences=[event.detail])
    replayed = replay_all(acting, [event]).replayed
    return done("It is on its queue again." if replayed else "It was not parked any more.", back)


def kind(state: TraceState) -> str:
    """The colour of a state."""
    if not is_healthy(state):
        return "wrong"
    return "warning" if state in _PASSING else "good"


def _since(default: str = "15m") -> str:
    return request.args.get("since") or default


def _window(default: str = "15m") -> Window:
    """The stretch of time until now that the request names. Raises InvalidValue."""
    stretch: timedelta = durations.read(_since(default))
    return Window(operator().world.now() - stretch)


def _is_young(hops: Sequence[Hop]) -> bool:
    """Whether hops may be missing that have happened: log lines come later than the records that tell the verdict."""
    return bool(hops) and operator().world.now() - hops[-1].time < _LINES_COME_WITHIN


def _steps(hops: Sequence[Hop]) -> list[Step]:
    return [
        Step(
            time=f"{hop.time:%H:%M:%S}",
            after=f"{(hop.time - hops[0].time).total_seconds():.1f} s",
            stage=hop.stage,
            function=hop.function,
            event=hop.event.value,
            reason=hop.reason or "",
            more=" ".join(f"{name}={value}" for name, value in hop.details.items() if name not in _NOT_SHOWN),
        )
        for hop in hops
    ]


def _told(records: Mapping[Stage, TextRecord]) -> list[str]:
    """What the backend said, in sentences."""
    sentences = []
    for stage, record in records.items():
        if record.is_asking:
            sentences.append(f"Stage {stage}: the backend is being asked.")
        if record.messages is not None:
            sentences.append(f"Stage {stage}: the backend answered; messages: {record.messages}.")
        if record.promise and record.promise.answer_id:
            sentences.append(f"Stage {stage}: the answer came later, as {record.promise.answer_id}.")
        elif record.promise:
            due = f"{record.promise.due_at:%Y-%m-%d %H:%M:%S} UTC"
            sentences.append(f"Stage {stage}: the backend promised an answer, due at {due}.")
        elif record.is_later:
            sentences.append(f"Stage {stage}: the backend promised an answer, at any time.")
    return sentences


def _messages(text: TracedText) -> Iterator[StoredMessage]:
    for stage, record in text.records.items():
        for name, reply in record.replies.items():
            error = f"error {reply.error_code}: {explained(reply.error_code)}" if reply.error_code else ""
            yield StoredMessage(stage, name, reply.status or "not sent yet", error.rstrip(": "))


def _parked(text: TracedText) -> Iterator[ParkedPart]:
    for stage, record in text.records.items():
        for parked in record.parked:
            data = parked.event.get("data")
            words = (
                {name: str(data.get(name) or "") for name in ("from", "to", "text")} if isinstance(data, dict) else {}
            )
            yield ParkedPart(stage, parked, words.get("from", ""), words.get("to", ""), words.get("text", ""))
