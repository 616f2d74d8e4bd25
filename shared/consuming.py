"""What a queue's consumer says of an event: it is done with it, or wants it again later."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import Configuration, InProgress, Unavailable


@dataclass(frozen=True)
class Done:
    """The queue may forget the event.

    Attributes:
        outcome: a word for logs and metrics, such as `delivered`, `sent` or `parked`.
        reason: a short, stable word that says why, when there is something to say.
    """

    outcome: str
    reason: str = ""


@dataclass(frozen=True)
class Again:
    """The queue shall deliver the event once more."""

    after_seconds: float
    reason: str


def later(error: Unavailable | Configuration, receives: int, delays: Sequence[float]) -> Again | None:
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
