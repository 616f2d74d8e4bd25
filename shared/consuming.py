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


def guarded(
    act: Callable[[], Done | Again], receives: int, delays: Sequence[float], *, park: Callable[[Defect], Done]
) -> Done | Again:
    """What the act says. What it raises and nobody foresaw is a try like any other, and at last parks the event.

    Raises the act's errors of ours, and whatever `park` raises.
    """
    try:
        with catching_defects():
            return act()
    except Defect as error:
        return replace(later(error, receives, delays) or park(error), defect=error)


def later(error: Unavailable | Configuration | Defect, receives: int, delays: Sequence[float]) -> Again | None:
    """When to try again after this failure; None when the tries are used up.

    What is in progress elsewhere is always asked for again: it may yet fail there, and then somebody must do it.

    Args:
        error: what went wrong.
        receives: how often the queue has delivered the event, this time included.
        delays: how long to wait after the first try, the second and so on; one try more than there are delays.
    """
    if isinstance(error, InProgress):
        return Again(delays[min(receives, len(delays)) - 1], error.reason)
    return Again(delays[receives - 1], error.reason) if receives <= len(delays) else None
