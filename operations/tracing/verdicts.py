"""What became of a text, in words, and what to do about it."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from operations.tracing.hop import Hop
from operations.tracing.misdirections import MISDIRECTIONS
from operations.tracing.outcomes import Outcome, Standing, State, outcome, reply_id
from shared.messages.inbound import Misdirection
from shared.telemetry import LogEvent

_ERRORS = "https://www.twilio.com/docs/api/errors"
_OPERATIONS, _PARKING = "docs/operations.md", "docs/parking.md"
_OF_MESSAGES = "AP"  # what the ids of messages begin with that nobody asked for
_FORGED = {"ambiguous_signature", "invalid_signature", "missing_signature"}
_DELIBERATE = "It was deliberately not answered: {}."
_NO_MESSAGE = "The backend did not answer: no_message. If it answers later, look for the person's number."
_WORST_FIRST = (State.PARKED, State.FAILED, State.RETRYING, State.WAITING, State.SENT, State.ARRIVED)
_COUNTED = {
    State.ARRIVED: ("arrived", "arrived"),
    State.SENT: ("is with the provider", "are with the provider"),
    State.WAITING: ("waits for the sender", "wait for the sender"),
    State.RETRYING: ("is tried again", "are tried again"),
    State.FAILED: ("did not arrive", "did not arrive"),
    State.PARKED: ("is parked", "are parked"),
}


@dataclass(frozen=True)
class Verdict:
    """What became of a text.

    Attributes:
        state: where it stands, in one word.
        sentence: the same for people, with the reasons.
        see: commands that work as they are printed, and pages: what to do, or where more is said.
    """

    state: State
    sentence: str
    see: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.sentence} See: {', '.join(self.see)}" if self.see else self.sentence


_UNCLEAR = Verdict(
    State.UNCLEAR, "The lines of this time do not tell what became of it; look further back with --since."
)


def verdict(text: str, hops: Iterable[Hop], *, command: str = "./sms") -> Verdict:
    """Where a text is, or its answer, and what to do about it. The order of the hops is of no account.

    Args:
        text: its id; of a message that nobody asked for, the answer's id.
        hops: the hops that have this id, of all stages.
        command: how the operator calls the command, with the options that each call needs.
    """
    every = tuple(hops)
    return _Judge(text, command, outcome(every), every).verdict()


@dataclass(frozen=True)
class _Judge:
    text: str
    command: str
    known: Outcome
    hops: Sequence[Hop]

    def verdict(self) -> Verdict:
        text, answer = self.known.text, self.known.answer
        if answer or (text and text.state is State.ANSWERED):
            first = self._of_answer()
            named = [standing.hop for standing in answer.values() if standing.state is State.PARKED]
        else:
            first = self._of_text(text.state, text.hop) if text and text.hop else _UNCLEAR
            named = [text.hop] if text else []
        parts = [first, *self._aside(named)]
        sentences = dict.fromkeys(part.sentence for part in parts)
        see = dict.fromkeys(place for part in parts for place in part.see)
        return Verdict(first.state, " ".join(sentences), tuple(see))

    def _of_text(self, state: State, hop: Hop) -> Verdict:
        """Of a text without an answer."""
        if state is State.MISDIRECTED:
            cause = MISDIRECTIONS[Misdirection(str(hop.reason))]
            return Verdict(state, f"{cause.happened} {cause.cure}")
        waits_for = "sender" if hop.event is LogEvent.SUBMITTED else "forwarder"
        sentences = {
            State.REFUSED: f"It was refused: {hop.reason}.",
            State.WAITING: f"It waits for the {waits_for}.",
            State.RETRYING: f"It is tried again: {hop.reason}.",
            State.PARKED: f"The text is parked: {hop.reason}.{self._apology()}",
            State.UNANSWERED: _NO_MESSAGE if hop.reason == "no_message" else _DELIBERATE.format(hop.reason),
        }
        see = {
            State.REFUSED: (f"{self.command} doctor signature" if hop.reason in _FORGED else _OPERATIONS,),
            State.WAITING: (self._sms(hop, "doctor"),),
            State.PARKED: (_PARKING, self._sms(hop, "parked", "show", self.text)),
        }
        return Verdict(state, sentences[state], see.get(state, ()))

    def _of_answer(self) -> Verdict:
        """Of an answer, or of a message that nobody asked for."""
        asked_for = not self.text.startswith(_OF_MESSAGES)
        begin, noun = ("It was answered", "the answer") if asked_for else ("It was queued", "the message")
        messages = self.known.answer or {"": Standing(State.WAITING)}
        counts = Counter(standing.state for standing in messages.values())
        state = next(state for state in _WORST_FIRST if counts[state])
        see = tuple(dict.fromkeys(self._places(messages)))
        if len(messages) == 1:
            ((_, standing),) = messages.items()
            return Verdict(state, f"{begin}{_single(noun, standing)}", see)
        if state is State.ARRIVED:
            return Verdict(state, f"{begin} with {len(messages)} messages, and all arrived.", see)
        counted = [(counts[one], *_COUNTED[one]) for one in reversed(_WORST_FIRST) if counts[one]]
        said = ", ".join(f"{count} {singular if count == 1 else plural}" for count, singular, plural in counted)
        reasons = "".join(f" {_called(name)}: {why}." for name, one in messages.items() if (why := _why(one)))
        return Verdict(state, f"{begin} with {len(messages)} messages: {said}.{reasons}", see)

    def _places(self, messages: Mapping[str, Standing]) -> Iterator[str]:
        """Where to look for what keeps messages from arriving."""
        for name, standing in messages.items():
            hop = standing.hop
            if standing.state is State.PARKED and hop:
                yield _PARKING
                yield self._parked_reply(name, hop)
            elif standing.state is State.FAILED and hop and hop.told.get("error_code"):
                yield f"{_ERRORS}/{hop.told['error_code']}"
            elif standing.state is State.WAITING:
                yield self._sms(self._where(), "doctor")

    def _parked_reply(self, name: str, hop: Hop) -> str:
        """A reply whose id is not in the line, or looks like an option, is found by its reason."""
        if not name or name.startswith("-"):
            return self._parked_list(hop)
        return self._sms(hop, "parked", "show", reply_id(self.text, name))

    def _aside(self, named: Sequence[Hop | None]) -> Iterator[Verdict]:
        """What else is set aside, or was: no line tells what an operator discarded."""
        text = {"The text": self.known.text} if self.known.text else {}
        messages = {**self.known.answer, **self.known.failure_reply}
        for what, standing in {**text, **{_called(name): one for name, one in messages.items()}}.items():
            for hop in (hop for hop in standing.parked if hop not in named):
                yield self._was_parked(f"{what} was parked", hop)
        for hop in self.known.unheard:
            yield self._was_parked(f"A status of message {hop.told['reply']} for the backend was parked", hop)

    def _was_parked(self, what: str, hop: Hop) -> Verdict:
        return Verdict(State.PARKED, f"{what}, on stage {hop.stage}: {hop.reason}.", (self._parked_list(hop),))

    def _apology(self) -> str:
        states = {standing.state for standing in self.known.failure_reply.values()}
        if not states or State.PARKED in states:
            return ""
        if states == {State.ARRIVED}:
            return " The failure reply arrived."
        return " The failure reply did not arrive." if State.FAILED in states else " The failure reply is on its way."

    def _where(self) -> Hop:
        """A hop of the stage that the text is on, or else of any, the same one in whatever order they come."""
        text = self.known.text
        return text.hop if text and text.hop else min(self.hops, key=lambda hop: (hop.stage, hop.line_id))

    def _parked_list(self, hop: Hop) -> str:
        queue = "outbound" if hop.function == "sender" else "inbound"
        return self._sms(hop, "parked", "list", "--queue", queue, "--reason", str(hop.reason))

    def _sms(self, hop: Hop, *words: str) -> str:
        """A call of the command that finds what the hop is about: on its stage, for its tenant."""
        tenant = hop.told.get("tenant")
        options = ["--stage", hop.stage, *(["--tenant", str(tenant)] if tenant else [])]
        return f"{self.command} {shlex.join([*options, *words])}"


def _called(name: str) -> str:
    return f"Message {name}" if name else "A message"


def _single(noun: str, standing: Standing) -> str:
    why = _why(standing)
    sentences = {
        State.ARRIVED: f", and {noun} arrived.",
        State.SENT: f"; the provider has {noun} and has not said yet that it arrived.",
        State.WAITING: f"; {noun} waits for the sender.",
        State.RETRYING: f"; sending {noun} is tried again: {why}.",
        State.FAILED: f", but the provider could not deliver {noun}: {why}.",
        State.PARKED: f", but {noun} is parked: {why}.",
    }
    return sentences[standing.state]


def _why(standing: Standing) -> str:
    """What a hop says of why a message did not arrive (yet); empty when there is nothing to say."""
    hop = standing.hop
    if hop is None or standing.state not in {State.FAILED, State.PARKED, State.RETRYING}:
        return ""
    code = hop.told.get("error_code")
    said = [hop.reason, f"error {code}" if code else None]
    return ", ".join(word for word in said if word) or "it did not say why"
