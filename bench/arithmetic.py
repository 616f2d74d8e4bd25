"""Arithmetic on counts and times: spreads, ratios, the cost of a text."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """A median, and the bounds of the middle half of the values."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """The spread of at least two values."""
    low, middle, high = (round(value, 4) for value in statistics.quantiles(values, n=4, method="inclusive"))
    return Spread(middle, low, high)


def ratios(values: Sequence[float], bases: Sequence[float]) -> list[float]:
    """Each value divided by the base of the same round. Raises ValueError when their numbers differ."""
    return [value / base for value, base in zip(values, bases, strict=True)]


def per_text(short: float, long: float, *, texts: int) -> float:
    """The cost of one text, from two runs that differ by so many texts only."""
    return (long - short) / texts


def difference(first: float, second: float) -> float:
    """The difference of two values as a share of the smaller one."""
    return abs(first - second) / min(first, second)
