"""Compares a run with the saved one."""

from collections.abc import Iterator

from bench.results import UNCOMPILED, UNPACKED, ZIP, Results
from bench.roster import HANDMADE
from bench.timing import COLD_CALLS, LOG, WARM_CALLS

TOLERANCE = 0.05
_COMPARED = (ZIP, UNPACKED, LOG, COLD_CALLS, WARM_CALLS, UNCOMPILED)


class NotComparableError(Exception):
    """The runs cannot be compared. The message says why."""


def require_comparable(previous: Results, python: str) -> None:
    """Raise NotComparableError if the previous run used another Python than this minor version."""
    if previous.python != python:
        message = (
            f"bench/results.json was measured with Python {previous.python} and this is {python}, which runs other "
            "instructions. Use that Python, or measure again: make bench"
        )
        raise NotComparableError(message)


def worse(previous: Results, current: Results) -> Iterator[str]:
    """A sentence for each of our figures that is more than 5 % worse. Times are not compared, nor what is new."""
    for figures, previous_figures in ((current.counted, previous.counted), (current.plain, previous.plain)):
        for figure, by_name in figures.items():
            for name, value in by_name.items():
                if name == HANDMADE or (figures is current.plain and figure not in _COMPARED):
                    continue
                before = previous_figures[figure].get(name, value)
                if value > before * (1 + TOLERANCE):
                    yield f"{figure} of {name} was {before:g} and is {value:g}{_share(before, value)}"


def _share(before: float, value: float) -> str:
    return f", {value / before - 1:.1%} worse" if before else ""
