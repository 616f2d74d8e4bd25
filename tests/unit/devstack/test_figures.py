"""What a local stage measured, read from its log lines."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from devstack.figures import LocalFigures
from operations.stage.figures import Steps
from operations.stage.names import log_group
from shared.errors import Unavailable
from tests.fakes import NOW

STEPS = Steps(NOW - timedelta(minutes=10), timedelta(minutes=5), 2)


class Logs:
    """CloudWatch Logs of the local AWS, as devstack/logs.py asks it."""

    def __init__(self, lines: dict[str, list[str]], *, failing: bool = False) -> None:
        self.lines = lines
        self.failing = failing

    def describe_log_groups(self) -> dict[str, Any]:
        if self.failing:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        return {"logGroups": [{"logGroupName": name} for name in self.lines]}

    def filter_log_events(self, *, logGroupName: str, startTime: int, limit: int) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert limit
        assert startTime == int(STEPS.begin.timestamp() * 1000)
        return {"events": [{"message": message, "timestamp": startTime} for message in self.lines[logGroupName]]}


def line(minutes_ago: int, dimensions: list[list[str]], **metrics: int) -> str:
    directive = {
        "Namespace": "SmsReceiver",
        "Dimensions": dimensions,
        "Metrics": [{"Name": name} for name in metrics],
    }
    time = int((NOW - timedelta(minutes=minutes_ago)).timestamp() * 1000)
    about = {"_aws": {"Timestamp": time, "CloudWatchMetrics": [directive]}, "stage": "east", "reason": "no_agent"}
    return json.dumps({**about, **metrics})


def figures(logs: Logs) -> LocalFigures:
    aws: Any = SimpleNamespace(logs=lambda _: logs)
    return LocalFigures(aws, "east")


def test_a_line_counts_once_whatever_other_dimensions_it_has() -> None:
    lines = [line(7, [["stage"], ["stage", "reason"]], Parked=1), line(2, [["stage"]], Parked=2, Sent=1)]
    found = figures(Logs({log_group("east", "forwarder"): lines})).sums(["Parked", "Sent", "Told"], STEPS)
    assert found == {"Parked": [1, 2], "Sent": [0, 1], "Told": [0, 0]}


def test_a_stage_without_logs_measured_nothing() -> None:
    assert figures(Logs({})).sums(["Sent"], STEPS) == {"Sent": [0, 0]}


def test_a_local_aws_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="logs of the local stack"):
        figures(Logs({}, failing=True)).sums(["Sent"], STEPS)
