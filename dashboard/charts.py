"""Bar charts, drawn on the server: numbers to rectangles."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import Flask

WIDTH, HEIGHT = 600, 120
_GAP = 0.2


class Bar(NamedTuple):
    """A rectangle, and what it says when somebody points at it."""

    x: float
    y: float
    width: float
    height: float
    words: str


def bars(values: Sequence[float], labels: Sequence[str]) -> list[Bar]:
    """A bar for each value, within WIDTH and HEIGHT; the largest reaches the top.

    Args:
        values: none is negative.
        labels: what each value is of.
    """
    most = max(values, default=0) or 1
    width = WIDTH / max(len(values), 1)
    return [
        Bar(
            round(index * width + width * _GAP / 2, 2),
            round(HEIGHT - HEIGHT * value / most, 2),
            round(width * (1 - _GAP), 2),
            round(HEIGHT * value / most, 2),
            f"{label}: {value:g}",
        )
        for index, (value, label) in enumerate(zip(values, labels, strict=True))
    ]


def add_filters(app: Flask) -> None:
    """Adds the function `bars` for templates, which the macro `chart` calls."""
    app.jinja_env.globals.update(bars=bars, chart_width=WIDTH, chart_height=HEIGHT)
