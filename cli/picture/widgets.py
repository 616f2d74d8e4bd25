"""The dashboard's widgets with values: what CloudWatch would show of a run, as plain JSON for whoever draws it."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from cli.local.metrics import Point
from shared.telemetry import NAMESPACE

Widget = dict[str, Any]
Alarm = Callable[[str], tuple[str, bool | None]]
"""The name of the alarm that is a resource of the template, and whether it rings; None when nothing tells."""

_SEARCH = re.compile(r"SEARCH\('\{[^}]*\} MetricName=\"(\w+)\" stage=\"(\w+)\"")
_LABEL = re.compile(r"PROP\('Dim\.(\w+)'\)")
_RESOURCE = re.compile(r"\$\{(\w+)\.Arn\}")
_KEPT = ("x", "y", "width", "height")


def measured(
    widgets: Iterable[Widget], points: Sequence[Point], alarm: Alarm, *, begin: datetime, bucket: int
) -> list[Widget]:
    """Each widget with its place, its title and what is in it.

    Args:
        widgets: those of the dashboard's body.
        points: all that was measured.
        alarm: tells the alarms' names and states.
        begin: when the run began; times are seconds since then.
        bucket: seconds that are one value, in the place of the dashboard's period.
    """
    found = [point for point in points if point.time >= begin]
    return [_widget(widget, found, alarm, begin, bucket) for widget in widgets]


def _widget(widget: Widget, points: Sequence[Point], alarm: Alarm, begin: datetime, bucket: int) -> Widget:
    properties = widget["properties"]
    shown = {name: widget[name] for name in _KEPT} | {"title": properties["title"]}
    if widget["type"] == "alarm":
        resources = (_RESOURCE.sub(r"\1", arn) for arn in properties["alarms"])
        return shown | {"alarms": [alarm(resource) for resource in resources]}
    lines = [line for metric in properties["metrics"] for line in _lines(metric, points, begin, bucket)]
    if properties["view"] == "singleValue":
        return shown | {"number": sum(value for _, value in lines[0]["values"]), "values": lines[0]["values"]}
    return shown | {"lines": lines}


def _lines(metric: list[Any], points: Sequence[Point], begin: datetime, bucket: int) -> list[Widget]:
    """A metric's line, or those that a search finds; without values where the local AWS measures nothing."""
    if isinstance(metric[0], dict):
        return _searched(metric[0], points, begin, bucket)
    *words, options = metric
    namespace, name, *pairs = words
    dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
    own = [one for one in points if (one.namespace, one.name, one.dimensions) == (namespace, name, dimensions)]
    right = options.get("yAxis") == "right"
    values = _values(own, options["stat"], begin, bucket) if own or namespace == NAMESPACE else None
    return [{"label": options["label"], "values": values, "right": right}]


def _searched(expression: Mapping[str, str], points: Sequence[Point], begin: datetime, bucket: int) -> list[Widget]:
    name, stage = _SEARCH.match(expression["expression"]).groups()  # type: ignore[union-attr] # infra/dashboard.js has no other
    by = _LABEL.search(expression["label"])[1]  # type: ignore[index] # the same
    own = [one for one in points if one.name == name and one.dimensions.keys() == {"stage", by}]
    labels = sorted({one.dimensions[by] for one in own if one.dimensions["stage"] == stage})
    return [
        {
            "label": label,
            "values": _values([one for one in own if one.dimensions[by] == label], "Sum", begin, bucket),
            "right": False,
        }
        for label in labels
    ]


def _values(points: Sequence[Point], stat: str, begin: datetime, bucket: int) -> list[tuple[int, float]]:
    """A value for each stretch of time in which there is one; where nothing was counted, a sum is 0 in between."""

    def number(point: Point) -> int:
        return int((point.time - begin).total_seconds() // bucket)

    stretches = groupby(sorted(points, key=number), key=number)
    there = {at: statistic([point.value for point in some], stat) for at, some in stretches}
    if stat == "Sum":
        there = dict.fromkeys((near for at in there for near in (at - 1, at + 1) if near >= 0), 0.0) | there
    return [(at * bucket, there[at]) for at in sorted(there)]


def statistic(values: Sequence[float], stat: str) -> float:
    """`Sum`, `Average`, `Maximum`, or a percentile such as `p95`, of one value or more."""
    if stat.startswith("p"):
        ordered, rank = sorted(values), (len(values) - 1) * float(stat[1:]) / 100
        low = math.floor(rank)
        return ordered[low] + (rank - low) * (ordered[math.ceil(rank)] - ordered[low])
    return {"Sum": math.fsum(values), "Average": math.fsum(values) / len(values), "Maximum": max(values)}[stat]
