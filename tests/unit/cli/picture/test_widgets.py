from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.local.metrics import Point
from cli.picture.widgets import measured, statistic
from shared.telemetry import NAMESPACE

BEGIN = datetime(2026, 11, 25, 12, tzinfo=UTC)
PLACE = {"x": 0, "y": 3, "width": 8, "height": 6}


def point(name: str, seconds: float, value: float = 1, *, namespace: str = NAMESPACE, **by: str) -> Point:
    return Point(namespace, name, {"stage": "east", **by}, value, BEGIN + timedelta(seconds=seconds))


def metric(name: str, stat: str = "Sum", **options: str) -> list[Any]:
    return [NAMESPACE, name, "stage", "east", {"label": name.lower(), "stat": stat, **options}]


def shown(*metrics: object, points: list[Point], view: str = "timeSeries") -> dict[str, Any]:
    properties = {"title": "What?", "view": view, "metrics": list(metrics)}
    [widget] = measured(
        [{"type": "metric", **PLACE, "properties": properties}], points, lambda _: ("", None), begin=BEGIN, bucket=10
    )
    assert {name: widget[name] for name in PLACE} == PLACE
    assert widget["title"] == "What?"
    return widget


def test_a_line_has_a_value_for_each_stretch_of_time() -> None:
    points = [point("QueueMs", 1, 10), point("QueueMs", 9, 30), point("QueueMs", 41, 5)]
    [line] = shown(metric("QueueMs", "Average"), points=points)["lines"]
    assert line == {"label": "queuems", "values": [(0, 20), (40, 5)], "right": False}


def test_a_sum_is_nothing_where_nothing_was_counted() -> None:
    [line] = shown(metric("Sent"), points=[point("Sent", 1), point("Sent", 2), point("Sent", 25)])["lines"]
    assert line["values"] == [(0, 2), (10, 0), (20, 1), (30, 0)]


@pytest.mark.parametrize(
    "other",
    [
        point("Sent", -1),  # before the run
        point("Delivered", 1),
        point("Sent", 1, reason="x"),
        point("Sent", 1, namespace="Theirs"),
        Point(NAMESPACE, "Sent", {"stage": "south"}, 1, BEGIN),
    ],
)
def test_a_line_has_no_other_metrics_values(other: Point) -> None:
    [line] = shown(metric("Sent"), points=[other])["lines"]
    assert line["values"] == []


def test_what_the_local_aws_does_not_measure_has_no_values_at_all() -> None:
    theirs = ["AWS/Lambda", "Errors", "FunctionName", "f", {"label": "errors", "stat": "Sum"}]
    [line] = shown(theirs, points=[point("Errors", 1)])["lines"]
    assert line["values"] is None


def test_a_number_is_the_sum_of_the_whole_run() -> None:
    widget = shown(metric("Sent"), points=[point("Sent", 1), point("Sent", 95)], view="singleValue")
    assert widget["number"] == 2
    assert shown(metric("Sent"), points=[], view="singleValue")["number"] == 0


def test_a_search_is_a_line_for_each_word_of_this_stage() -> None:
    search = {
        "expression": "SEARCH('{SmsReceiver,stage,reason} MetricName=\"Parked\" stage=\"east\"', 'Sum', 300)",
        "label": "${!PROP('Dim.reason')}",
    }
    points = [
        point("Parked", 1, reason="no_agent"),
        point("Parked", 2, reason="no_agent"),
        point("Parked", 3, reason="no_backend"),
        point("Parked", 3),
        point("Refused", 3, reason="invalid_key"),
        Point(NAMESPACE, "Parked", {"stage": "south", "reason": "malformed"}, 1, BEGIN),
    ]
    lines = shown([search], points=points)["lines"]
    assert {line["label"]: dict(line["values"])[0] for line in lines} == {"no_agent": 2, "no_backend": 1}


def test_alarms_have_their_names_and_states() -> None:
    widget = {"type": "alarm", **PLACE, "properties": {"title": "Alarms", "alarms": ["${AAlarm.Arn}", "${BAlarm.Arn}"]}}
    states = {"AAlarm": ("a", True), "BAlarm": ("b", None)}
    assert measured([widget], [], states.__getitem__, begin=BEGIN, bucket=1)[0]["alarms"] == [("a", True), ("b", None)]


def test_a_line_on_the_right_says_so() -> None:
    [line] = shown(metric("BackendFailed", "Average", yAxis="right"), points=[])["lines"]
    assert line["right"]


@pytest.mark.parametrize(
    ("stat", "expected"), [("Sum", 10), ("Average", 2.5), ("Maximum", 4), ("p50", 2.5), ("p0", 1), ("p100", 4)]
)
def test_statistics_are_those_of_cloudwatch(stat: str, expected: float) -> None:
    assert statistic([4, 1, 3, 2], stat) == expected
    assert statistic([7], stat) == 7
