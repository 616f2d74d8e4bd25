"""Where a text and each of its replies stand, from the hops of their way, in whatever order these come.

Functions have clocks of their own, and lines get into the logs late. So time decides only where the same function can
say one thing after the other: what is parked may be replayed, tried again, and parked again. Everything else has a
rank: a reply that arrived was sent, also when the line that says so is missing or younger.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from operations.tracing.hop import Hop
from shared.telemetry import LogEvent

_OF_FAILURE_REPLY = re.compile(r"f-[0-9]+")
_NUMBERED = re.compile(r"(f-)?[0-9]+")
_MESSAGES_MAX = 100
"""No answer has more; a program may write any number into an id."""


class State(StrEnum):
    """Where a text or a message stands, or both together."""

    UNCLEAR = "unclear"
    REFUSED = "refused"
    MISDIRECTED = "misdirected"
    WAITING = "waiting"
    RETRYING = "retrying"
    PARKED = "parked"
    UNANSWERED = "unanswered"
    ANSWERED = "answered"
    SENT = "sent"
    FAILED = "failed"
    ARRIVED = "arrived"


_Ranks = Mapping[LogEvent, tuple[int, State]]

_TEXT: _Ranks = {
    LogEvent.REFUSED: (0, State.REFUSED),
    LogEvent.MISDIRECTED: (0, State.MISDIRECTED),
    LogEvent.ACCEPTED: (1, State.WAITING),
    LogEvent.SUBMITTED: (1, State.WAITING),
    LogEvent.FAILED: (2, State.RETRYING),
    LogEvent.POSTPONED: (2, State.RETRYING),
    LogEvent.PARKED: (2, State.PARKED),
    LogEvent.UNANSWERED: (3, State.UNANSWERED),
    LogEvent.ANSWERED: (4, State.ANSWERED),
}
_REPLY: _Ranks = {
    LogEvent.FAILED: (0, State.RETRYING),
    LogEvent.POSTPONED: (0, State.RETRYING),
    LogEvent.PARKED: (0, State.PARKED),
    LogEvent.NOT_SENT: (1, State.FAILED),
    LogEvent.SENT: (2, State.SENT),
    LogEvent.NOT_DELIVERED: (3, State.FAILED),
    LogEvent.DELIVERED: (4, State.ARRIVED),
}


@dataclass(frozen=True)
class Standing:
    """Where one thing stands.

    Attributes:
        hop: the hop that says so; None where another thing's hops do.
        parked: the hops that set it aside on a stage, of stages where nothing is known to have taken it up again.
    """

    state: State
    hop: Hop | None = None
    parked: Sequence[Hop] = ()


@dataclass(frozen=True)
class Outcome:
    """Where everything stands that has to do with a text.

    Attributes:
        text: the text; of a message that nobody asked for, its request. None when no hop tells of it.
        answer: the messages of the answer, by what their hops call them, in order.
        failure_reply: the messages that say that nobody can answer now.
        unheard: the hops that set aside what a backend wanted to hear of the messages.
    """

    text: Standing | None
    answer: Mapping[str, Standing]
    failure_reply: Mapping[str, Standing]
    unheard: Sequence[Hop]


def outcome(hops: Iterable[Hop]) -> Outcome:
    """What the hops of one text come to. What they do not tell of is left out."""
    sorted_out = _Sorted()
    for hop in hops:
        sorted_out.take(hop)
    replies: dict[str, Standing] = {}
    for name in sorted_out.replies.keys() | sorted_out.statuses.keys():
        # What the provider said of a message is proof of it; the sender's own line may be late.
        standing = _standing(sorted_out.replies[name], _REPLY, "sender")
        replies[name] = standing or Standing(State.SENT if name in sorted_out.statuses else State.WAITING)
    answer = {name: one for name, one in replies.items() if not _OF_FAILURE_REPLY.fullmatch(name)}
    answer |= {name: Standing(State.WAITING) for name in _missing(answer)}
    unheard = [hop for told in sorted_out.statuses.values() for hop in told if hop.event is LogEvent.PARKED]
    return Outcome(
        text=_standing(sorted_out.text, _TEXT, "forwarder"),
        answer={name: answer[name] for name in sorted(answer, key=_place)},
        failure_reply={name: replies[name] for name in sorted(replies.keys() - answer.keys(), key=_place)},
        unheard=sorted(unheard, key=_moment),
    )


def reply_id(text: str, name: str) -> str:
    """The whole id of a reply that its hops call so: they leave out the text's id where it begins with that."""
    return f"{text}-{name}" if _NUMBERED.fullmatch(name) else name


@dataclass
class _Sorted:
    """Hops, by what they are about. The forwarder has no replies: where it names one, it is about a status of it."""

    text: list[Hop] = field(default_factory=list)
    replies: dict[str, list[Hop]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, list[Hop]] = field(default_factory=lambda: defaultdict(list))

    def take(self, hop: Hop) -> None:
        name = str(hop.told.get("reply", ""))
        if name and hop.function == "forwarder":
            self.statuses[name].append(hop)
        elif name or hop.function == "sender":
            if hop.event in _REPLY:  # not a status of an unknown message
                self.replies[name].append(hop)
        else:
            self.text.append(hop)


def _standing(hops: Iterable[Hop], ranks: _Ranks, works_on_it: str) -> Standing | None:
    """By the highest rank, and there by the youngest hop; None when no hop has one."""
    telling = [hop for hop in hops if hop.event in ranks]
    if not telling:
        return None
    decisive = max(telling, key=lambda hop: (ranks[hop.event][0], *_moment(hop)))
    last = {hop.stage: hop for hop in sorted(telling, key=_moment) if hop.function == works_on_it}
    parked = [last[stage] for stage in sorted(last) if last[stage].event is LogEvent.PARKED]
    return Standing(ranks[decisive.event][1], decisive, parked)


def _moment(hop: Hop) -> tuple[object, ...]:
    """Orders hops by time; those of one moment in one and the same way, whatever order they came in."""
    return hop.time, hop.event is not LogEvent.PARKED, hop.stage, hop.reason or "", hop.line_id


def _missing(names: Iterable[str]) -> set[str]:
    """The messages of an answer before the last one that was seen: they go out in order, so they exist."""
    numbers = {int(name) for name in names if name.isdecimal()}
    last = max((number for number in numbers if number <= _MESSAGES_MAX), default=0)
    return {str(number) for number in range(1, last) if number not in numbers}


def _place(name: str) -> tuple[str, int]:
    """Orders the names of replies, `2` before `10`."""
    answer, _, number = name.rpartition("-")
    return (answer, int(number)) if number.isdecimal() else (name, 0)
