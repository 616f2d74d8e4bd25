"""How much a stage measured, from CloudWatch: sums of its metrics over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from operations.stage.clients import StageClients
from shared.aws.botocore_errors import unavailable
from shared.telemetry import NAMESPACE

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef


@dataclass(frozen=True)
class Steps:
    """A time, cut into steps of equal length.

    Attributes:
        begin: when the first step begins.
        step: how long each is; CloudWatch knows whole minutes.
        count: how many there are.
    """

    begin: datetime
    step: timedelta
    count: int

    @property
    def end(self) -> datetime:
        """When the last step ends."""
        return self.begin + self.count * self.step

    def index(self, moment: datetime) -> int | None:
        """The step in which a moment is; None when it is in none."""
        index = (moment - self.begin) // self.step
        return index if 0 <= index < self.count else None

    def sums(self, points: Sequence[tuple[datetime, float]]) -> Sequence[float]:
        """The sum of the values in each step."""
        totals = [0.0] * self.count
        for moment, value in points:
            if (index := self.index(moment)) is not None:
                totals[index] += value
        return totals


class StageFigures(Protocol):
    """What a stage measured."""

    def sums(self, metrics: Sequence[str], steps: Steps) -> Mapping[str, Sequence[float]]:
        """The sum of each metric of the stage in each step, by the metric's name; 0 where nothing was measured.

        Args:
            metrics: names of `shared.telemetry.BY`.
            steps: the time.

        Raises Unavailable.
        """


class CloudWatchFigures:
    """Implements StageFigures with CloudWatch: one call for all metrics, a minute or two behind.

    Args:
        clients: makes the clients, and knows the stage.
    """

    def __init__(self, clients: StageClients) -> None:
        self._clients = clients

    def sums(self, metrics: Sequence[str], steps: Steps) -> Mapping[str, Sequence[float]]:
        """The sums. Raises Unavailable."""
        cloudwatch: CloudWatchClient = self._clients.client("cloudwatch")
        queries: list[MetricDataQueryTypeDef] = [
            {
                "Id": f"m{index}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": NAMESPACE,
                        "MetricName": metric,
                        "Dimensions": [{"Name": "stage", "Value": self._clients.stage}],
                    },
                    "Period": int(steps.step.total_seconds()),
                    "Stat": "Sum",
                },
            }
            for index, metric in enumerate(metrics)
        ]
        points: dict[str, list[tuple[datetime, float]]] = {metric: [] for metric in metrics}
        with unavailable("the stage's metrics could not be read"):
            pages = cloudwatch.get_paginator("get_metric_data").paginate(
                MetricDataQueries=queries, StartTime=steps.begin, EndTime=steps.end
            )
            for result in (result for page in pages for result in page["MetricDataResults"]):
                metric = metrics[int(result["Id"].removeprefix("m"))]
                points[metric] += zip(result["Timestamps"], result["Values"], strict=True)
        return {metric: steps.sums(values) for metric, values in points.items()}
