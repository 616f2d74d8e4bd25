"""`python -m cli.picture.drawing FROM INTO`: draws the dashboard's values, laid out as CloudWatch lays them out.

Runs where matplotlib is and nothing else of ours or others: it imports no other module of this package.
"""

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator
from PIL import Image

Widget = dict[str, Any]

COLUMNS = 24
_WIDE, _HIGH = 0.62, 0.46  # inches of a column and a row
_TOP = 1.1  # rows for the title
_INK, _FAINT, _PAPER, _BACK = "#16191f", "#687078", "#ffffff", "#f2f3f3"
_RINGS, _QUIET, _UNKNOWN = "#d13212", "#1d8102", "#aab7b8"
_COLOURS = (
    "#1f77b4",
    "#ff7f0e",
    "#2ca02c",
    "#d62728",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#7f7f7f",
    "#bcbd22",
    "#17becf",
)
_DPI, _COLOURS_MAX = 100, 96
_UNMEASURED = "not measured on the local AWS"


def draw(seen: dict[str, Any]) -> Figure:
    """The whole dashboard."""
    widgets = seen["widgets"]
    rows = max(widget["y"] + widget["height"] for widget in widgets) + _TOP
    figure = plt.figure(figsize=(COLUMNS * _WIDE, rows * _HIGH), facecolor=_BACK)
    figure.text(0.012, 1 - 0.45 * _TOP / rows, seen["name"], size=17, weight="bold", color=_INK, va="center")
    about = f"{seen['seconds']:.0f} seconds of a run on the local stack, a value each {seen['bucket']} seconds"
    figure.text(0.988, 1 - 0.45 * _TOP / rows, about, size=10, color=_FAINT, va="center", ha="right")
    for widget in widgets:
        _card(figure, widget, rows)
        left, top = widget["x"] / COLUMNS, 1 - (widget["y"] + _TOP) / rows
        width, height = widget["width"] / COLUMNS, widget["height"] / rows
        title = top - 0.42 / rows
        figure.text(left + 0.012, title, widget["title"], size=10.5, weight="bold", color=_INK, va="center")
        inner = (left + 0.012, top - height + 0.25 / rows, width - 0.024, height - 0.95 / rows)
        if "alarms" in widget:
            _alarms(figure.add_axes(inner), widget["alarms"])
        elif "number" in widget:
            _number(figure.add_axes(inner), widget, seen["seconds"])
        else:
            plot = (left + 0.034, top - height + 1.6 / rows, width - 0.062, height - 2.5 / rows)
            _lines(figure.add_axes(plot), widget["lines"], seen)
    return figure


def _card(figure: Figure, widget: Widget, rows: float) -> None:
    gap = 0.0025
    box = FancyBboxPatch(
        (widget["x"] / COLUMNS + gap, 1 - (widget["y"] + widget["height"] + _TOP) / rows + gap),
        widget["width"] / COLUMNS - 2 * gap,
        widget["height"] / rows - 2 * gap,
        boxstyle="round,pad=0,rounding_size=0.003",
        transform=figure.transFigure,
        facecolor=_PAPER,
        edgecolor="#d5dbdb",
        linewidth=0.8,
        zorder=-1,  # behind what is in it
    )
    figure.add_artist(box)


def _alarms(axes: Axes, alarms: list[tuple[str, bool | None]]) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    across = (len(alarms) + 1) // 2
    for index, (name, rings) in enumerate(alarms):
        x, y = (index % across) / across, 0.76 - 0.5 * (index // across)
        colour = _UNKNOWN if rings is None else _RINGS if rings else _QUIET
        state = "not measured locally" if rings is None else "in alarm" if rings else "OK"
        box = FancyBboxPatch(
            (x, y - 0.19),
            1 / across - 0.012,
            0.4,
            boxstyle="round,pad=0,rounding_size=0.008",
            facecolor=colour if rings else _PAPER,
            edgecolor=colour,
            linewidth=1.2,
        )
        axes.add_patch(box)
        ink = _PAPER if rings else _INK
        axes.text(x + 0.012, y + 0.075, name, size=9.5, weight="bold", color=ink, va="center")
        axes.text(x + 0.012, y - 0.09, state, size=8, color=ink if rings else colour, va="center")


def _number(axes: Axes, widget: Widget, seconds: float) -> None:
    axes.set_axis_off()
    axes.text(0, 0.8, f"{widget['number']:.0f}", size=24, color=_INK, va="center", transform=axes.transAxes)
    axes.set_xlim(0, seconds)
    if widget["values"]:
        times, values = zip(*widget["values"], strict=True)
        axes.bar(times, values, width=max(seconds / 60, 3), color=_COLOURS[0], align="edge")
        axes.set_ylim(0, max(values) * 2.4)


def _lines(axes: Axes, lines: list[Widget], seen: dict[str, Any]) -> None:
    axes.set_xlim(0, seen["seconds"])
    axes.tick_params(labelsize=7.5, colors=_FAINT, length=0)
    axes.grid(axis="y", color="#eaeded")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f} s")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    for spine in axes.spines.values():
        spine.set_visible(False)
    there = [line for line in lines if line["values"] is not None]
    if not there:
        axes.set_axis_off()
        axes.text(0.5, 0.5, _UNMEASURED, size=10, color=_FAINT, ha="center", va="center", transform=axes.transAxes)
        return
    right = axes.twinx() if any(line["right"] for line in there) else None
    for line, colour in zip(there, _COLOURS, strict=False):
        values = line["values"]
        place = right if right and line["right"] else axes
        place.plot(
            [at + seen["bucket"] / 2 for at, _ in values],
            [value for _, value in values],
            color=colour,
            label=line["label"],
            linewidth=1.4,
            marker="o",
            markersize=2.6,
        )
    axes.set_ylim(bottom=0)
    if right:
        right.set_ylim(0, 1.05)
        right.tick_params(labelsize=7.5, colors=_FAINT, length=0)
        for spine in right.spines.values():
            spine.set_visible(False)
    _legend(axes, right)
    if len(there) < len(lines):
        text = f"the others are {_UNMEASURED}"
        axes.text(0.5, 0.95, text, size=8, color=_FAINT, ha="center", va="top", transform=axes.transAxes)


def _legend(axes: Axes, right: Axes | None) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if right:
        more, named = right.get_legend_handles_labels()
        handles, labels = handles + more, labels + named
    if handles:
        axes.legend(
            handles,
            labels,
            loc="upper left",
            bbox_to_anchor=(-0.06, -0.12),
            ncols=4,
            fontsize=7,
            frameon=False,
            handlelength=1,
            columnspacing=1,
            borderaxespad=0,
            labelcolor=_INK,
        )


def save(figure: Figure, into: str) -> None:
    """With few colours, for it is kept in the repository: a quarter of the bytes, and looks the same."""
    drawn = BytesIO()
    figure.savefig(drawn, dpi=_DPI)
    Image.open(drawn).convert("RGB").quantize(_COLOURS_MAX).save(into, optimize=True)


if __name__ == "__main__":
    save(draw(json.loads(Path(sys.argv[1]).read_text())), sys.argv[2])
