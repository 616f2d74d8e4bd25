"""What a queue's consumer says of an event: it is done with it, or wants it again later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.defects import catching_defects
from shared.errors import Configuration, Defect, InProgress, Unavailable
from shared.telemetry import LogEvent


@dataclass(frozen=True)
class Done:
    """The queue may forget the event.

    Attributes:
        outcome: what became of it, for logs and metrics.
        reason: a short, stable word that says why, when there is something to say.
        ids: what else its log line names; nothing secret or personal.
        defect: what nobody foresaw, if that is why.
    """

    outcome: LogEvent
    reason: str = ""
    ids: Mapping[str, str] = field(default_factory=dict, compare=False)
    defect: Defect | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Again:
    """The queue shall deliver the event once more.

    Attributes:
        defect: what nobody foresaw, if that is why.
    """

    after_seconds: float
    reason: str
    defect: Defect | None = field(default=None, compare=False)


CRASHES_MAX = 10
"""So many tries of a message may end with the function itself; twice as many as a text has, and as many waits for what
is in progress elsewhere. Then it is parked without another try."""


def ended_each_time() -> Defect:
    """Why a message is parked that nobody lived to say anything of."""
    return Defect("each try ended the function: its time or its memory was used up")


def guarded(
    act: Callable[[], Done | Again], tries: int, delays: Sequence[float], *, park: Callable[[Defect], Done]
) -> Done | Again:
    """What the act says. What it raises and nobody foresaw is a try like any other, and at last parks the event.

    Raises the act's errors of ours, and whatever `park` raises.
    """
    try:
        with catching_defects():
            return act()
    except Defect as error:
        return replace(later(error, tries, delays) or park(error), defect=error)


def later(error: Unavailable | Configuration | Defect, tries: int, delays: Sequence[float]) -> Again | None:
    """When to try again after this failure; None when the tries are used up.

    What is in progress elsewhere is always asked for again: it may yet fail there, and then somebody must do it.

    Args:
        error: what went wrong.
        tries: how often it was tried, this time included.
        delays: how long to wait after the first try, the second and so on; one try more than there are delays.
    """
    if isinstance(error, InProgress):
        return in_any_case(error, tries, delays)
    return Again(delays[tries - 1], error.reason) if tries <= len(delays) else None


def in_any_case(error: Unavailable | Configuration | Defect, tries: int, delays: Sequence[float]) -> Again:
    """When to try again after this failure, however often it was tried: the last delay is that of all further ones.

    For what must not be given up: what is in progress elsewhere, and what could not even be parked.
    """
    return Again(delays[min(tries, len(delays)) - 1], error.reason)
