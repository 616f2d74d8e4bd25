"""Counting what was done, before a queue forgets the event that it was done for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from shared.defects import catching_defects
from shared.errors import Defect, Unavailable
from shared.retry import Again, Done

if TYPE_CHECKING:
    from shared.messages.usage import Counted


R = TypeVar("R", Done, Done | Again)


class Usage(Protocol):
    """The usage figures of tenants."""

    def count(self, counted: Counted) -> object:
        """Counts it, unless it was counted before. Raises Unavailable: then it may have been counted, or not."""


def counted(result: R, usage: Usage) -> R:
    """The result, as soon as it is counted. It may be repeated: each thing counts once.

    A defect in counting must not hold up texts: the result has it then, so that it is logged. Raises Unavailable: then
    the event must come again.
    """
    if isinstance(result, Again) or result.counted is None:
        return result
    try:
        with catching_defects(Unavailable):
            usage.count(result.counted)
    except Defect as error:
        return replace(result, defect=error)
    return result
