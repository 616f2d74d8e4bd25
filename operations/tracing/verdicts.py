"""What became of a text, in words, and what to do about it."""

import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from operations.tracing.hop import Hop
from operations.tracing.misdirections import MISDIRECTIONS
from operations.tracing.outcomes import CurrentState, TraceOutcome, TraceState, outcome, reply_id
from operations.tracing.refusal_causes import refusal_cause
from operations.twilio.message_errors import PAGES, explained
from shared.messages.inbound import Misdirection
from shared.providers.twilio import opt_out
from shared.reasons import FORGED, Reason
from shared.telemetry import LogEvent

_OPERATIONS, _PARKING = "docs/operations.md", "docs/parking.md"
_MESSAGE_PREFIX = "AP"  # of the ids of messages that answer no text
_SESSION_PREFIX = "SE"  # of the ids of sessions
_DELIBERATE = "It was deliberately not answered: {}."
_TAKEN_OUT = "since then an operator replayed it, and it is under way again, or discarded it"
_STOPPED = "The answer was not sent, because the person wrote STOP, or an operator stopped them: opted_out."
_NO_MESSAGE = "The backend did not answer: no_message."
_LATER = "It waits for the backend, which said that it will answer later{}."
_OVERDUE = "The backend said that it would answer later, and has not in the time of its agent{}."
_NO_SESSION = (
    "The backend was not asked: its agent answers in sessions of programs only, and none was open with this person: "
    "no_session."
)
_SILENCES: Mapping[str, str] = {
    Reason.OPTED_OUT: _STOPPED,
    Reason.NO_MESSAGE: _NO_MESSAGE,
    Reason.NO_SESSION: _NO_SESSION,
}
_SILENCE_COMMANDS: Mapping[str, tuple[str, str]] = {
    Reason.OPTED_OUT: ("optout", "list"),
    Reason.NO_SESSION: ("session", "list"),
}
_WORDS = {
    _MESSAGE_PREFIX: ("It was queued", "the message"),
    _SESSION_PREFIX: ("The session timed out", "the notice"),
}
"""What happened to something with such an id, and what the person gets."""
_NOT_NOTIFIED = "The session timed out, and the person was not told: {}."
_SESSION = "It is a session that a program {}."
_WORST_FIRST = (
    TraceState.PARKED,
    TraceState.FAILED,
    TraceState.TAKEN_OUT,
    TraceState.RETRYING,
    TraceState.WAITING,
    TraceState.SENT,
    TraceState.ARRIVED,
)
_TROUBLES = {TraceState.FAILED, TraceState.PARKED, TraceState.TAKEN_OUT, TraceState.RETRYING}
_COUNTED = {
    TraceState.ARRIVED: ("arrived", "arrived"),
    TraceState.SENT: ("is with the provider", "are with the provider"),
    TraceState.WAITING: ("waits for the sender", "wait for the sender"),
    TraceState.RETRYING: ("is tried again", "are tried again"),
    TraceState.FAILED: ("did not arrive", "did not arrive"),
    TraceState.TAKEN_OUT: ("was parked and is not any more", "were parked and are not any more"),
    TraceState.PARKED: ("is parked", "are parked"),
}


@dataclass(frozen=True)
class Verdict:
    """What became of a text.

    Attributes:
        state: its state, in one word.
        sentence: the same for people, with the reasons.
        see: what to do, or where to read more: commands that work as they are printed, and pages.
    """

    state: TraceState
    sentence: str
    see: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.sentence} See: {', '.join(self.see)}" if self.see else self.sentence


_UNCLEAR = Verdict(
    TraceState.UNCLEAR, "The lines of this time do not show what became of it; look further back with --since."
)


def verdict(text: str, hops: Iterable[Hop], taken_out: Collection[str] = (), *, command: str = "./sms") -> Verdict:
    """What became of a text or of its answer, and what to do about it. The hops may be in any order.

    Args:
        text: its id; of a message that nobody asked for, the answer's id.
        hops: the hops that have this id, of all stages; also those that records prove.
        taken_out: the line ids of hops that parked what is not parked any more.
        command: how the operator calls the command, with the options that each call needs.
    """
    all_hops = tuple(hops)
    return _Judge(text, command, outcome(all_hops, taken_out), all_hops).verdict()


@dataclass(frozen=True)
class _Judge:
    text: str
    command: str
    outcome: TraceOutcome
    hops: Sequence[Hop]

    def verdict(self) -> Verdict:
        text, answer = self.outcome.text, self.outcome.answer
        if answer or (text and text.state is TraceState.ANSWERED):
            first = self._of_answer()
            named = [current.hop for current in answer.values() if current.state is TraceState.PARKED]
        else:
            first = self._of_text(text.state, text.hop) if text and text.hop else _UNCLEAR
            named = [text.hop] if text else []
        parts = [first, *self._aside(named)]
        sentences = dict.fromkeys(part.sentence for part in parts)
        see = dict.fromkeys(place for part in parts for place in part.see)
        return Verdict(first.state, " ".join(sentences), tuple(see))

    def _of_text(self, state: TraceState, hop: Hop) -> Verdict:
        """The verdict on a text without an answer."""
        if state is TraceState.MISDIRECTED:
            cause = MISDIRECTIONS[Misdirection(str(hop.reason))]
            return Verdict(state, f"{cause.happened} {cause.cure}")
        if state is TraceState.REFUSED:
            return self._refused(str(hop.reason))
        waits_for = "sender" if hop.event is LogEvent.SUBMITTED else "forwarder"
        later = _LATER.format(_due(": due at", hop))
        overdue = _OVERDUE.format(_due(", which was over at", hop))
        sentences = {
            TraceState.WAITING: later if hop.reason == Reason.LATER else f"It waits for the {waits_for}.",
            TraceState.OVERDUE: f"{overdue}{self._apology()}",
            TraceState.RETRYING: f"It is tried again: {hop.reason}.",
            TraceState.PARKED: f"The text is parked: {_reason(hop)}.{self._apology()}",
            TraceState.TAKEN_OUT: f"The text was parked: {_reason(hop)}; {_TAKEN_OUT}.",
            TraceState.UNANSWERED: self._silence(hop),
            TraceState.SESSION: _SESSION.format("ended" if hop.event is LogEvent.SESSION_ENDED else "created"),
        }
        words = _SILENCE_COMMANDS.get(str(hop.reason))
        see = {
            TraceState.WAITING: (self._sms(hop, "waiting" if hop.reason == Reason.LATER else "doctor"),),
            TraceState.OVERDUE: (self._sms(hop, "waiting"),),
            TraceState.PARKED: (_PARKING, self._sms(hop, "parked", "show", self.text)),
            TraceState.TAKEN_OUT: (self._sms(hop, "audit"),),
            TraceState.UNANSWERED: (self._sms(hop, *words),) if words else (),
            TraceState.SESSION: (self._sms(hop, "session", "list"),),
        }
        return Verdict(state, sentences[state], see.get(state, ()))

    def _silence(self, hop: Hop) -> str:
        """Why nobody was answered, or told."""
        sentence = _NOT_NOTIFIED if hop.event is LogEvent.TIMED_OUT else _SILENCES.get(str(hop.reason), _DELIBERATE)
        return sentence.format(hop.reason)

    def _refused(self, reason: str) -> Verdict:
        """The verdict on a text that was not let in."""
        cause = refusal_cause(reason)
        if reason in FORGED:
            see = f"{self.command} doctor signature"
            return Verdict(TraceState.REFUSED, f"It was refused: {reason}. {cause.happened}", (see,))
        return Verdict(TraceState.REFUSED, f"It was refused: {reason}. {cause.happened} {cause.cure}", (_OPERATIONS,))

    def _of_answer(self) -> Verdict:
        """The verdict on an answer, or on a message that nobody asked for."""
        begin, noun = _WORDS.get(self.text[:2], ("It was answered", "the answer"))
        messages = self.outcome.answer or {"": CurrentState(TraceState.WAITING)}
        counts = Counter(current.state for current in messages.values())
        state = next(state for state in _WORST_FIRST if counts[state])
        see = tuple(dict.fromkeys(self._places(messages)))
        if len(messages) == 1:
            ((_, current),) = messages.items()
            return Verdict(state, f"{begin}{_single(noun, current)}", see)
        if state is TraceState.ARRIVED:
            return Verdict(state, f"{begin} with {len(messages)} messages, and all arrived.", see)
        counted = [(counts[state], *_COUNTED[state]) for state in reversed(_WORST_FIRST) if counts[state]]
        summary = ", ".join(f"{count} {singular if count == 1 else plural}" for count, singular, plural in counted)
        reasons = "".join(f" {_called(name)}: {why}." for name, message in messages.items() if (why := _why(message)))
        return Verdict(state, f"{begin} with {len(messages)} messages: {summary}.{reasons}", see)

    def _places(self, messages: Mapping[str, CurrentState]) -> Iterator[str]:
        """Where to look for what keeps messages from arriving: pages and commands."""
        for name, current in messages.items():
            hop = current.hop
            if current.state is TraceState.PARKED and hop:
                yield _PARKING
                yield self._parked_reply(name, hop)
            elif current.state is TraceState.TAKEN_OUT and hop:
                yield self._sms(hop, "audit")
            elif current.state is TraceState.FAILED and hop and hop.details.get("error_code"):
                yield f"{PAGES}/{hop.details['error_code']}"
            elif current.state is TraceState.WAITING:
                yield self._sms(self._where(), "doctor")

    def _parked_reply(self, name: str, hop: Hop) -> str:
        """The command that shows a parked reply: by its id, or by its reason if the id is no argument."""
        if not name or name.startswith("-"):
            return self._parked_list(hop)
        return self._sms(hop, "parked", "show", reply_id(self.text, name))

    def _aside(self, named: Sequence[Hop | None]) -> Iterator[Verdict]:
        """What else is parked, or was: no line shows what an operator discarded."""
        text = {"The text": self.outcome.text} if self.outcome.text else {}
        messages = {**self.outcome.answer, **self.outcome.failure_reply}
        for what, current in {**text, **{_called(name): message for name, message in messages.items()}}.items():
            for hop in (hop for hop in current.parked if hop not in named):
                yield self._was_parked(f"{what} was parked", hop)
        if not self.outcome.answer:
            yield from self._refused_answers()
        for hop in self.outcome.parked_statuses:
            yield self._was_parked(f"A status of message {hop.details['reply']} for the backend was parked", hop)

    def _refused_answers(self) -> Iterator[Verdict]:
        """The answers to a text that the API did not take: their lines name the text."""
        refused = {str(hop.reason) for hop in self.hops if hop.function == "api" and hop.event is LogEvent.REFUSED}
        for reason in sorted(refused):
            yield Verdict(TraceState.REFUSED, f"A late answer to it was refused: {reason}.", (_OPERATIONS,))

    def _was_parked(self, what: str, hop: Hop) -> Verdict:
        return Verdict(TraceState.PARKED, f"{what}, on stage {hop.stage}: {hop.reason}.", (self._parked_list(hop),))

    def _apology(self) -> str:
        states = {current.state for current in self.outcome.failure_reply.values()}
        if not states or TraceState.PARKED in states:
            return ""
        if states == {TraceState.ARRIVED}:
            return " The failure reply arrived."
        return (
            " The failure reply did not arrive." if TraceState.FAILED in states else " The failure reply is on its way."
        )

    def _where(self) -> Hop:
        """A hop on the text's stage, or on any if that is not known; always the same for the same hops."""
        text = self.outcome.text
        return text.hop if text and text.hop else min(self.hops, key=lambda hop: (hop.stage, hop.line_id))

    def _parked_list(self, hop: Hop) -> str:
        queue = "outbound" if hop.function == "sender" else "inbound"
        return self._sms(hop, "parked", "list", "--queue", queue, "--reason", str(hop.reason))

    def _sms(self, hop: Hop, *words: str) -> str:
        """A call of the command on the hop's stage, for its tenant."""
        tenant = hop.details.get("tenant")
        options = ["--stage", hop.stage, *(["--tenant", str(tenant)] if tenant else [])]
        return f"{self.command} {shlex.join([*options, *words])}"


def _called(name: str) -> str:
    return f"Message {name}" if name else "A message"


def _single(noun: str, current: CurrentState) -> str:
    why = _why(current)
    if current.state is TraceState.FAILED and _is_opt_out(current.hop):
        return f", but {noun} was not sent, because the person wrote STOP: {why}."
    if current.hop and current.hop.event is LogEvent.NOT_SENT:
        return f", but {noun} was not sent: {why}."
    sentences = {
        TraceState.ARRIVED: f", and {noun} arrived.",
        TraceState.SENT: f"; the provider has {noun} and has not said yet that it arrived.",
        TraceState.WAITING: f"; {noun} waits for the sender.",
        TraceState.RETRYING: f"; sending {noun} is tried again: {why}.",
        TraceState.FAILED: f", but the provider could not deliver {noun}: {why}.",
        TraceState.PARKED: f", but {noun} is parked: {why}.",
        TraceState.TAKEN_OUT: f", but {noun} was parked: {why}; {_TAKEN_OUT}.",
    }
    return sentences[current.state]


def _is_opt_out(hop: Hop | None) -> bool:
    """Whether a message was not sent, or did not arrive, because its person opted out."""
    return hop is not None and (hop.reason == Reason.OPTED_OUT or hop.details.get("error_code") == str(opt_out.CODE))


def _due(words: str, hop: Hop) -> str:
    """When the answer was to come, after these words; empty when only the log tells of the promise."""
    due_at = hop.details.get("due_at")
    return f"{words} {due_at}" if due_at else ""


def _reason(hop: Hop) -> str:
    """Why something was parked: the reason, and the detail where the record has it."""
    detail = str(hop.details.get("detail", "")).rstrip(".")
    return f"{hop.reason}: {detail}" if detail else str(hop.reason)


def _why(current: CurrentState) -> str:
    """Why a message did not arrive (yet), from its hop; empty when it did, or may still."""
    hop = current.hop
    if hop is None or current.state not in _TROUBLES:
        return ""
    detail = str(hop.details.get("detail", "")).rstrip(".")
    reasons = [hop.reason, _error(str(hop.details.get("error_code") or "")), detail]
    return ", ".join(reason for reason in reasons if reason) or "it did not say why"


def _error(code: str) -> str:
    """The provider's error code, with what it means and what to do if that is known; empty without one."""
    explanation = explained(int(code)) if code.isdecimal() else ""
    return (f"error {code}" + (f": {explanation}" if explanation else "")) if code else ""
