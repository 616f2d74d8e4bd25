"""From counts and times to figures, and from figures to ratios."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """A median, and between what the middle half lies."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Of at least two values."""
    low, middle, high = (round(value, 4) for value in statistics.quantiles(values, n=4, method="inclusive"))
    return Spread(middle, low, high)


def ratios(values: Sequence[float], others: Sequence[float]) -> list[float]:
    """Each value over the other of the same round."""
    return [value / other for value, other in zip(values, others, strict=True)]


def per_text(short: float, long: float, *, texts: int) -> float:
    """What one text costs, by two runs that differ in nothing but so many texts."""
    return (long - short) / texts


def difference(one: float, other: float) -> float:
    """By what part of the smaller one two values differ."""
    return abs(one - other) / min(one, other)
