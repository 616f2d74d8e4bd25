"""Whether a run is worse than the one that is kept."""

from collections.abc import Iterator

from bench.results import UNCOMPILED, UNPACKED, ZIP, Results
from bench.roster import HANDMADE
from bench.timing import COLD_CALLS, LOG, WARM_CALLS

TOLERANCE = 0.05
_PLAIN = (ZIP, UNPACKED, LOG, COLD_CALLS, WARM_CALLS, UNCOMPILED)


class NotComparableError(Exception):
    """The runs cannot be compared; the message says why."""


def insist_comparable(kept: Results, python: str) -> None:
    """Raises NotComparableError when this Python, a minor version, is not the one that measured them."""
    if kept.python != python:
        message = (
            f"bench/results.json was measured with Python {kept.python} and this is {python}, whose instructions are "
            "others. Use that Python, or measure anew: make bench"
        )
        raise NotComparableError(message)


def worse(kept: Results, found: Results) -> Iterator[str]:
    """A sentence for each figure of ours that is more than 5 % worse; times are not compared."""
    for figures, compared in ((found.counted, kept.counted), (found.plain, kept.plain)):
        for figure, by_name in figures.items():
            for name, value in by_name.items():
                if name == HANDMADE or (figures is found.plain and figure not in _PLAIN):
                    continue
                before = compared[figure][name]
                if value > before * (1 + TOLERANCE):
                    yield f"{figure} of {name} was {before:g} and is {value:g}{_by(before, value)}"


def _by(before: float, value: float) -> str:
    return f", {value / before - 1:.1%} worse" if before else ""
