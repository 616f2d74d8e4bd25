"""The state of a text and of each of its replies, from their hops in any order.

Each function has its own clock, and lines get into the logs late. So time decides only between lines of the same
function that can follow each other: a parked text may be replayed, tried again, and parked again. Otherwise a rank
decides: a reply that arrived was sent, even if the line about sending it is missing or has a later time.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from operations.tracing.hop import Hop
from shared.reasons import Reason
from shared.telemetry import LogEvent

_FAILURE_REPLY = re.compile(r"f-[0-9]+")
_NUMBERED = re.compile(r"(f-)?[0-9]+")
_MESSAGES_MAX = 100
"""No answer has more messages. A program may write any number into an id, so larger ones are ignored."""


class TraceState(StrEnum):
    """The state of a text, of a message, or of a text with its answer."""

    UNCLEAR = "unclear"
    UNKNOWN = "unknown"
    UNREACHED = "unreached"
    REFUSED = "refused"
    MISDIRECTED = "misdirected"
    WAITING = "waiting"
    RETRYING = "retrying"
    PARKED = "parked"
    TAKEN_OUT = "taken_out"
    UNANSWERED = "unanswered"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    SESSION = "session"
    SENT = "sent"
    FAILED = "failed"
    ARRIVED = "arrived"


_Ranks = Mapping[LogEvent, tuple[int, TraceState]]

_TEXT: _Ranks = {
    LogEvent.REFUSED: (0, TraceState.REFUSED),
    LogEvent.MISDIRECTED: (0, TraceState.MISDIRECTED),
    LogEvent.ACCEPTED: (1, TraceState.WAITING),
    LogEvent.SUBMITTED: (1, TraceState.WAITING),
    LogEvent.FAILED: (2, TraceState.RETRYING),
    LogEvent.POSTPONED: (2, TraceState.RETRYING),
    LogEvent.PARKED: (2, TraceState.PARKED),
    LogEvent.UNANSWERED: (3, TraceState.UNANSWERED),
    LogEvent.OVERDUE: (4, TraceState.OVERDUE),
    LogEvent.ANSWERED: (5, TraceState.ANSWERED),
    LogEvent.SESSION_BEGUN: (1, TraceState.SESSION),
    LogEvent.SESSION_ENDED: (2, TraceState.SESSION),
    LogEvent.TIMED_OUT: (3, TraceState.ANSWERED),
}
_REPLY: _Ranks = {
    LogEvent.SUBMITTED: (-1, TraceState.WAITING),
    LogEvent.FAILED: (0, TraceState.RETRYING),
    LogEvent.POSTPONED: (0, TraceState.RETRYING),
    LogEvent.PARKED: (0, TraceState.PARKED),
    LogEvent.NOT_SENT: (1, TraceState.FAILED),
    LogEvent.SENT: (2, TraceState.SENT),
    LogEvent.NEW_STATUS: (2, TraceState.SENT),
    LogEvent.NOT_DELIVERED: (3, TraceState.FAILED),
    LogEvent.DELIVERED: (4, TraceState.ARRIVED),
}


@dataclass(frozen=True)
class CurrentState:
    """The state of a text or of one message, and what shows it.

    Attributes:
        state: the state.
        hop: the hop that decides it; None when it follows from the hops of other messages.
        parked: on each stage, the hop that parked it last, unless a later hop shows that it was replayed there, or the
            stage's records show that it is not parked any more.
    """

    state: TraceState
    hop: Hop | None = None
    parked: Sequence[Hop] = ()


@dataclass(frozen=True)
class TraceOutcome:
    """The states of a text and of all messages that belong to it.

    Attributes:
        text: the text; of a message that nobody asked for, its request. None when no hop is about it.
        answer: the messages of the answer by their names in the hops, such as `1`, in order.
        failure_reply: the messages of the reply that says that nobody can answer now, such as `f-1`.
        parked_statuses: the hops that parked a status of a message, which the backend was to receive.
    """

    text: CurrentState | None
    answer: Mapping[str, CurrentState]
    failure_reply: Mapping[str, CurrentState]
    parked_statuses: Sequence[Hop]


def outcome(hops: Iterable[Hop], taken_out: Collection[str] = ()) -> TraceOutcome:
    """The states that the hops of one text show; a message that no hop implies is left out.

    Args:
        hops: the hops, in any order.
        taken_out: the line ids of those that parked what is not parked any more.
    """
    by_subject = _HopsBySubject()
    for hop in hops:
        by_subject.add(hop)
    replies: dict[str, CurrentState] = {}
    for name in by_subject.replies.keys() | by_subject.statuses.keys():
        # A status from the provider proves that the message was sent; the sender's own line may be late.
        messages = _since_it_failed_for_now(by_subject.replies[name])
        current = _current_state(messages, _REPLY, "sender", taken_out)
        replies[name] = current or CurrentState(TraceState.SENT if name in by_subject.statuses else TraceState.WAITING)
    answer = {name: current for name, current in replies.items() if not _FAILURE_REPLY.fullmatch(name)}
    answer |= {name: CurrentState(TraceState.WAITING) for name in _missing(answer)}
    statuses = [hop for group in by_subject.statuses.values() for hop in group]
    parked_statuses = [hop for hop in statuses if hop.event is LogEvent.PARKED and hop.line_id not in taken_out]
    return TraceOutcome(
        text=_current_state(by_subject.text, _TEXT, "forwarder", taken_out),
        answer={name: answer[name] for name in sorted(answer, key=_name_order)},
        failure_reply={name: replies[name] for name in sorted(replies.keys() - answer.keys(), key=_name_order)},
        parked_statuses=sorted(parked_statuses, key=_moment),
    )


def reply_id(text: str, name: str) -> str:
    """The whole id of a reply. Its hops leave out the text's id if the reply's id begins with it."""
    return f"{text}-{name}" if _NUMBERED.fullmatch(name) else name


@dataclass
class _HopsBySubject:
    """Hops by what they are about. The forwarder sends no replies: if its hop names one, it is about a status of it."""

    text: list[Hop] = field(default_factory=list)
    replies: dict[str, list[Hop]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, list[Hop]] = field(default_factory=lambda: defaultdict(list))

    def add(self, hop: Hop) -> None:
        name = str(hop.details.get("reply", ""))
        if name and hop.function == "forwarder":
            self.statuses[name].append(hop)
        elif name or hop.function == "sender":
            if hop.event in _REPLY:  # not a status of an unknown message
                self.replies[name].append(hop)
        else:
            self.text.append(hop)


def _current_state(
    hops: Iterable[Hop], ranks: _Ranks, function: str, taken_out: Collection[str]
) -> CurrentState | None:
    """The state by the hop with the highest rank, and of those the latest; None when no hop has a rank."""
    ranked = [hop for hop in hops if hop.event in ranks]
    if not ranked:
        return None
    decisive = max(ranked, key=lambda hop: (ranks[hop.event][0], *_moment(hop)))
    last = {hop.stage: hop for hop in sorted(ranked, key=_moment) if hop.function == function}
    latest = [last[stage] for stage in sorted(last)]
    parked = [hop for hop in latest if hop.event is LogEvent.PARKED and hop.line_id not in taken_out]
    state = TraceState.WAITING if decisive.reason == Reason.LATER else ranks[decisive.event][1]
    if decisive.event is LogEvent.TIMED_OUT and decisive.reason:
        state = TraceState.UNANSWERED
    if state is TraceState.PARKED and decisive.line_id in taken_out:
        state = TraceState.TAKEN_OUT
    return CurrentState(state, decisive, parked)


def _since_it_failed_for_now(hops: Sequence[Hop]) -> list[Hop]:
    """The hops of a message without those before the provider last said that it failed for now and is sent again.

    Between the two there are a minute at the least, which is more than clocks differ.
    """
    failures = [hop.time for hop in hops if hop.event is LogEvent.POSTPONED and hop.function == "statuses"]
    return [hop for hop in hops if not failures or hop.time >= max(failures)]


def _moment(hop: Hop) -> tuple[object, ...]:
    """A key that orders hops by time, and those of the same time always in the same way."""
    return hop.time, hop.event is not LogEvent.PARKED, hop.stage, hop.reason or "", hop.line_id


def _missing(names: Iterable[str]) -> set[str]:
    """The messages of an answer without hops, before the last one with hops: they go out in order, so they exist."""
    numbers = {int(name) for name in names if name.isdecimal()}
    last = max((number for number in numbers if number <= _MESSAGES_MAX), default=0)
    return {str(number) for number in range(1, last) if number not in numbers}


def _name_order(name: str) -> tuple[str, int]:
    """A key that orders the names of replies, `2` before `10`."""
    answer, _, number = name.rpartition("-")
    return (answer, int(number)) if number.isdecimal() else (name, 0)
