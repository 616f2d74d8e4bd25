"""Counting what was done, before a queue forgets the event that it was done for.

A defect in counting must neither hold up texts nor keep them from being parked. It is in the result, to be logged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from shared.defects import catching_defects
from shared.errors import Defect, Unavailable
from shared.retry import Again, Done

if TYPE_CHECKING:
    from shared.messages.outbound import Parked
    from shared.messages.usage import Counted
    from shared.ports import Parking


R = TypeVar("R", Done, Done | Again)


class Usage(Protocol):
    """The usage figures of tenants."""

    def count(self, counted: Counted) -> object:
        """Counts it, unless it was counted before. Raises Unavailable: then it may have been counted, or not."""


def park_and_count(parking: Parking, parked: Parked, failure: Counted | None) -> Defect | None:
    """Parks an event, and counts its failure with it; the defect for which it was parked and not counted, if any.

    Raises Unavailable.
    """
    try:
        with catching_defects(Unavailable):
            parking.park(parked, failure)
    except Defect as error:
        parking.park(parked)
        return error
    return None


def counted(result: R, usage: Usage) -> R:
    """The result, as soon as it is counted. It may be repeated: each thing counts once.

    Raises Unavailable: then the event must come again.
    """
    if isinstance(result, Again) or result.counted is None:
        return result
    try:
        with catching_defects(Unavailable):
            usage.count(result.counted)
    except Defect as error:
        return replace(result, defect=error)
    return result
