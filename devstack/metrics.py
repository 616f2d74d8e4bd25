"""The metrics that the functions on the local stack really emitted, read from their logs.

In AWS, CloudWatch extracts them from the log lines; the local AWS does not, so this module does.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Any

from devstack import logs
from devstack.aws import LocalAws
from operations.stage.names import FUNCTIONS, REGIONS, log_group

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

DIMENSIONS_MAX = 30
METRICS_MAX = VALUES_MAX = 100
_NAME_MAX = 255
_DIMENSION_MAX = 1024  # CloudWatch API, Dimension
_PUT_MAX = 1000  # CloudWatch API, PutMetricData: data of one call


class BrokenMetricsError(ValueError):
    """A log line has metrics but breaks the embedded metric format; the message names the rule."""


@dataclass(frozen=True)
class Point:
    """One value of one metric."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    value: float
    time: datetime


def of_stage(aws: LocalAws, stage: str, *, since: datetime | None = None) -> list[Point]:
    """The points that a stage's functions emitted, since a time or ever. Raises BrokenMetricsError."""
    region_logs = aws.logs(REGIONS[stage])
    begin = int(since.timestamp() * 1000) if since else 0
    groups = set(logs.groups(region_logs))
    names = (log_group(stage, function) for function in FUNCTIONS)
    lines = (line for name in names if name in groups for line in logs.messages(region_logs, name, since=begin))
    return [point for line in lines for point in read(line)]


def put(cloudwatch: "CloudWatchClient", points: Sequence[Point]) -> None:
    """Sends the points to CloudWatch as metric data."""
    for namespace in {point.namespace for point in points}:
        data: list[MetricDatumTypeDef] = [
            {
                "MetricName": point.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in point.dimensions.items()],
                "Value": point.value,
                "Timestamp": point.time,
            }
            for point in points
            if point.namespace == namespace
        ]
        for begin in range(0, len(data), _PUT_MAX):
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=data[begin : begin + _PUT_MAX])


def read(line: str) -> Iterator[Point]:
    """The points of a log line: one for each value, each set of dimensions and each directive.

    A line without `_aws` has no metrics, and members that the format does not define are ignored (AWS docs,
    "Specification: Embedded metric format", which has all the rules below). Raises BrokenMetricsError.
    """
    try:
        root = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(root, dict) or "_aws" not in root:
        return
    metadata = _object(root["_aws"], "_aws")
    time = _time(metadata.get("Timestamp"))
    for directive in (
        _object(item, "a directive") for item in _list(metadata.get("CloudWatchMetrics"), "CloudWatchMetrics")
    ):
        namespace = _name(directive.get("Namespace"), "Namespace")
        metrics = _list(directive.get("Metrics"), "Metrics", most=METRICS_MAX)
        names = [_name(_object(metric, "a metric").get("Name"), "Name") for metric in metrics]
        sets = [_dimensions(root, keys) for keys in _list(directive.get("Dimensions"), "Dimensions", least=1)]
        for dimensions, name in product(sets, names):
            for value in _values(root, name):
                yield Point(namespace, name, dimensions, value, time)


def _time(milliseconds: object) -> datetime:
    if isinstance(milliseconds, int) and not isinstance(milliseconds, bool):
        with suppress(OverflowError, ValueError, OSError):
            return datetime.fromtimestamp(milliseconds / 1000, UTC)
    message = "Timestamp must be milliseconds since 1970"
    raise BrokenMetricsError(message)


def _dimensions(root: Mapping[str, Any], keys: object) -> dict[str, str]:
    names = [_name(key, "a dimension") for key in _list(keys, "a set of dimensions", most=DIMENSIONS_MAX)]
    return {name: _name(root.get(name), f"the line's {name}, a dimension,", most=_DIMENSION_MAX) for name in names}


def _values(root: Mapping[str, Any], name: str) -> list[float]:
    member = root.get(name)
    values = _list(member, name, most=VALUES_MAX) if isinstance(member, list) else [member]
    return [_number(value, name) for value in values]


def _number(value: object, name: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):
            if math.isfinite(number := float(value)):
                return number
    message = f"the line's {name}, a metric, must be a number or a list of numbers"
    raise BrokenMetricsError(message)


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        message = f"{what} must be an object"
        raise BrokenMetricsError(message)
    return value


def _list(value: object, what: str, *, least: int = 0, most: float = math.inf) -> list[Any]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        message = f"{what} must be a list of {least} to {most} members"
        raise BrokenMetricsError(message)
    return value


def _name(value: object, what: str, *, most: int = _NAME_MAX) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most:
        message = f"{what} must be text of 1 to {most} characters"
        raise BrokenMetricsError(message)
    return value
