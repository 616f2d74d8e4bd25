"""The result of a queue's consumer for an event: the event is done, or must come again later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.defects import catching_defects
from shared.errors import Configuration, Defect, InProgress, Malformed, Unavailable
from shared.messages.usage import Counted
from shared.telemetry import LogEvent


@dataclass(frozen=True)
class Done:
    """The queue may forget the event.

    Attributes:
        outcome: what became of it, for logs and metrics; None where there is nothing to tell.
        reason: a short, stable word that says why; an empty string where nothing needs a reason.
        ids: further ids for its log line; nothing secret or personal.
        defect: the unforeseen error that led to this result, if any.
        counted: what it adds to the usage figures; None where it adds nothing.
    """

    outcome: LogEvent | None
    reason: str = ""
    ids: Mapping[str, str] = field(default_factory=dict, compare=False)
    defect: Defect | None = field(default=None, compare=False)
    counted: Counted | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Again:
    """The queue must deliver the event once more.

    Attributes:
        reason: a short, stable word that says why; an empty string when it is only not time yet.
        defect: the unforeseen error that led to this result, if any.
    """

    after_seconds: float
    reason: str
    defect: Defect | None = field(default=None, compare=False)


CRASHES_MAX = 10
"""How many tries of a message may end with the function itself; then the message is parked without another try. It is
twice as many as a text has, which leaves room for waits while another invocation works on it."""


RECEIVES_MAX = 100
"""How often a queue delivers a message; then the message moves to the dead-letter queue (infra/queues.yml)."""


def crash_defect() -> Defect:
    """The reason to park a message of which no try lived long enough to report anything."""
    return Defect("each try ended the function: its time or its memory was used up")


def retry_defects(
    act: Callable[[], Done | Again], tries: int, delays: Sequence[float], *, park: Callable[[Defect], Done]
) -> Done | Again:
    """The result of `act`. An unforeseen error in it is a failed try like any other, and the last one parks the event.

    Raises Unavailable, Configuration or Malformed when `act` does, and whatever `park` raises.
    """
    try:
        with catching_defects(Unavailable, Configuration, Malformed):
            return act()
    except Defect as error:
        return replace(retry_later(error, tries, delays) or park(error), defect=error)


def retry_later(error: Unavailable | Configuration | Defect, tries: int, delays: Sequence[float]) -> Again | None:
    """When to try again after this failure; None when the tries are used up.

    An event that is in progress elsewhere is always tried again: that other try may fail.

    Args:
        error: the failure.
        tries: how often the event was tried, this time included.
        delays: how many seconds to wait after the first try, the second and so on; there is one try more than delays.
    """
    if isinstance(error, InProgress):
        return retry_always(error, tries, delays)
    return Again(delays[tries - 1], error.reason) if tries <= len(delays) else None


def retry_always(error: Unavailable | Configuration | Defect, tries: int, delays: Sequence[float]) -> Again:
    """When to try again after this failure, however many tries there were: the last delay is used for all further ones.

    For events that must not be given up: those in progress elsewhere, and those that could not even be parked.
    """
    return Again(delays[min(tries, len(delays)) - 1], error.reason)
