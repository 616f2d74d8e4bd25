import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstack.metrics import DIMENSIONS_MAX, METRICS_MAX, VALUES_MAX, BrokenMetricsError, Point, read

AT = 1_764_000_000_250
NOON = datetime.fromtimestamp(AT / 1000, UTC)


def directive(*names: str, by: list[list[str]], namespace: str = "Ours") -> dict[str, Any]:
    return {"Namespace": namespace, "Dimensions": by, "Metrics": [{"Name": name} for name in names]}


def line(*directives: object, **members: object) -> str:
    return json.dumps({"_aws": {"Timestamp": AT, "CloudWatchMetrics": list(directives)}, **members})


def point(name: str, value: float, namespace: str = "Ours", **dimensions: str) -> Point:
    return Point(namespace, name, dimensions, value, NOON)


def test_a_value_counts_for_each_set_of_dimensions() -> None:
    metrics_line = line(
        directive("Parked", by=[["stage"], ["stage", "reason"]]), stage="east", reason="no_agent", Parked=1
    )
    assert list(read(metrics_line)) == [
        point("Parked", 1, stage="east"),
        point("Parked", 1, stage="east", reason="no_agent"),
    ]


def test_each_directive_has_a_namespace_dimensions_and_metrics_of_its_own() -> None:
    metrics_line = line(
        directive("A", "B", by=[["stage"]]),
        directive("C", by=[[]], namespace="Theirs"),
        stage="east",
        A=1,
        B=2.5,
        C=3,
    )
    assert list(read(metrics_line)) == [
        point("A", 1, stage="east"),
        point("B", 2.5, stage="east"),
        point("C", 3, namespace="Theirs"),
    ]


def test_a_list_is_as_many_values() -> None:
    assert [point.value for point in read(line(directive("A", by=[[]]), A=[1, 2, 2]))] == [1, 2, 2]


def test_what_the_format_does_not_know_is_ignored() -> None:
    metric = {"Name": "A", "Unit": "Count", "StorageResolution": 1, "Colour": "red"}
    metrics_line = line({"Namespace": "Ours", "Dimensions": [[]], "Metrics": [metric], "More": 1}, A=1, text="hello")
    assert list(read(metrics_line)) == [point("A", 1)]


@pytest.mark.parametrize(
    "text", ["", "START RequestId: 1", "[1]", '"x"', "{", "null", '{"message": "Told"}', "[" * 9999]
)
def test_a_line_without_the_member_has_no_metrics(text: str) -> None:
    assert list(read(text)) == []


GOOD: dict[str, Any] = {
    "_aws": {"Timestamp": AT, "CloudWatchMetrics": [directive("A", by=[["stage"]])]},
    "stage": "east",
    "A": 1,
}


def broken(*path: str | int, value: object) -> str:
    """The good line with another value at a place; None leaves it out."""
    changed = json.loads(json.dumps(GOOD))
    container = changed
    for name in path[:-1]:
        container = container[name]
    if value is None:
        del container[path[-1]]
    else:
        container[path[-1]] = value
    return json.dumps(changed)


FIRST = ("_aws", "CloudWatchMetrics", 0)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (broken("_aws", value=[]), "_aws must be"),
        (broken("_aws", "Timestamp", value=None), "Timestamp"),
        (broken("_aws", "Timestamp", value="2026-11-25"), "Timestamp"),
        (broken("_aws", "Timestamp", value=True), "Timestamp"),
        (broken("_aws", "Timestamp", value=10**30), "Timestamp"),
        (broken("_aws", "CloudWatchMetrics", value=None), "CloudWatchMetrics"),
        (broken("_aws", "CloudWatchMetrics", value={}), "CloudWatchMetrics"),
        (broken(*FIRST, value="x"), "directive"),
        (broken(*FIRST, "Namespace", value=None), "Namespace"),
        (broken(*FIRST, "Namespace", value=""), "Namespace"),
        (broken(*FIRST, "Dimensions", value=None), "Dimensions"),
        (broken(*FIRST, "Dimensions", value=[]), "Dimensions"),
        (broken(*FIRST, "Dimensions", value=["stage"]), "set of dimensions"),
        (broken(*FIRST, "Dimensions", value=[["stage"] * (DIMENSIONS_MAX + 1)]), "set of dimensions"),
        (broken(*FIRST, "Dimensions", value=[[1]]), "a dimension"),
        (broken(*FIRST, "Metrics", value=None), "Metrics"),
        (broken(*FIRST, "Metrics", value=[{"Name": "A"}] * (METRICS_MAX + 1)), "Metrics"),
        (broken(*FIRST, "Metrics", value=["A"]), "a metric"),
        (broken(*FIRST, "Metrics", value=[{"Unit": "Count"}]), "Name"),
        (broken("stage", value=None), "the line's stage"),
        (broken("stage", value=1), "the line's stage"),
        (broken("stage", value=""), "the line's stage"),
        (broken("A", value=None), "the line's A"),
        (broken("A", value="1"), "the line's A"),
        (broken("A", value=True), "the line's A"),
        (broken("A", value={"A": 1}), "the line's A"),
        (broken("A", value=float("nan")), "the line's A"),
        (broken("A", value=10**400), "the line's A"),
        (broken("A", value=[1, "2"]), "the line's A"),
        (broken("A", value=[1] * (VALUES_MAX + 1)), "A must be"),
    ],
)
def test_a_line_that_breaks_the_format_names_the_rule(text: str, rule: str) -> None:
    with pytest.raises(BrokenMetricsError, match=rule):
        list(read(text))


NAMES = st.text(min_size=1, max_size=9).filter(lambda name: name != "_aws")
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)


@given(
    metrics=st.dictionaries(NAMES, NUMBERS | st.lists(NUMBERS, max_size=3), max_size=4),
    dimensions=st.dictionaries(NAMES, st.text(min_size=1, max_size=9), max_size=4),
    more=st.lists(st.booleans(), max_size=3),
)
def test_whatever_is_written_is_read(
    metrics: dict[str, float | list[float]], dimensions: dict[str, str], more: list[bool]
) -> None:
    values = {f"m{name}": value for name, value in metrics.items()}
    texts = {f"d{name}": value for name, value in dimensions.items()}
    sets = [[], list(texts), *([name] for name, _ in zip(texts, more, strict=False))]
    points = list(read(line(directive(*values, by=sets), **values, **texts)))
    expected = [
        point(name, number, **{key: texts[key] for key in keys})
        for keys in sets
        for name, value in values.items()
        for number in (value if isinstance(value, list) else [value])
    ]
    assert points == expected


JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(metadata=JSON, members=st.dictionaries(st.text(), JSON, max_size=3))
def test_nonsense_is_nothing_or_broken_and_never_anything_else(metadata: object, members: dict[str, object]) -> None:
    directives = line(metadata, **members), json.dumps({**members, "_aws": metadata})
    for text in directives:
        try:
            points = list(read(text))
        except BrokenMetricsError:
            continue
        assert all(isinstance(point, Point) for point in points)
