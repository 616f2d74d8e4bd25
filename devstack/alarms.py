"""What a stage's alarms would do, decided by the local CloudWatch on what the stage really measured.

The local CloudWatch knows of an alarm's metric only its name, and takes all that is younger than the alarm's periods
together for one period. So each alarm is copied, as it is deployed, onto a metric that nobody else has; that gets the
points of the alarm's own metric and no others, and what the copy says counts.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from devstack import metrics
from devstack.aws import LocalAws
from devstack.metrics import Point
from devstack.state import REGIONS
from shared.telemetry import NAMESPACE

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef

AGE, WAITING = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"


class NotMeasuredError(Exception):
    """The local AWS does not measure what an alarm looks at: gateways and Lambdas."""


@dataclass(frozen=True)
class Alarms:
    """A stage's alarms, and what the stage measured since some time."""

    stage: str
    aws: LocalAws
    since: datetime

    def rings(self, name: str) -> bool:
        """Whether an alarm rings, such as `forged`; the newest point is taken for now. Raises NotMeasuredError.

        What it would see of a queue is what is there now: to see how old that is, it is received and put back.
        """
        cloudwatch = self.aws.cloudwatch(REGIONS[self.stage])
        found = cloudwatch.describe_alarms(AlarmNames=[f"sms-receiver-{self.stage}-{name}"])["MetricAlarms"]
        if not found:
            message = f"{self.stage} has no alarm {name}"
            raise LookupError(message)
        points = self._points(found[0])
        later = datetime.now(UTC) - max((point.time for point in points), default=self.since)
        with _copied(cloudwatch, found[0]) as own:
            metrics.put(cloudwatch, [Point(own, own, {}, point.value, point.time + later) for point in points])
            [copy] = cloudwatch.describe_alarms(AlarmNames=[own])["MetricAlarms"]
            return copy["StateValue"] == "ALARM"

    def _points(self, alarm: "MetricAlarmTypeDef") -> list[Point]:
        namespace, name = alarm.get("Namespace"), alarm.get("MetricName", "a sum of metrics")
        dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions", [])}
        if namespace == NAMESPACE:
            emitted = metrics.of_stage(self.aws, self.stage, since=self.since)
            return [point for point in emitted if (point.name, point.dimensions) == (name, dimensions)]
        if namespace == "AWS/SQS":
            return [self._of_queue(name, dimensions)]
        message = f"the local AWS does not measure {name}"
        raise NotMeasuredError(message)

    def _of_queue(self, name: str, dimensions: Mapping[str, str]) -> Point:
        sqs, now = self.aws.sqs(REGIONS[self.stage]), datetime.now(UTC)
        url = sqs.get_queue_url(QueueName=dimensions["QueueName"])["QueueUrl"]
        if name == WAITING:
            there = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
            return Point("AWS/SQS", name, dimensions, int(there["ApproximateNumberOfMessages"]), now)
        found = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["SentTimestamp"]
        ).get("Messages", [])
        oldest = min((int(one["Attributes"]["SentTimestamp"]) / 1000 for one in found), default=now.timestamp())
        return Point("AWS/SQS", AGE, dimensions, now.timestamp() - oldest, now)


@contextmanager
def _copied(cloudwatch: "CloudWatchClient", alarm: "MetricAlarmTypeDef") -> Iterator[str]:
    """The alarm once more, on a metric that only it looks at; it tells nobody, and goes when the block ends.

    Gives the name of the copy, of its metric and of the metric's namespace.
    """
    own = f"copy-{secrets.token_hex(8)}"
    cloudwatch.put_metric_alarm(
        AlarmName=own,
        Namespace=own,
        MetricName=own,
        Statistic=alarm["Statistic"],
        Period=alarm["Period"],
        EvaluationPeriods=alarm["EvaluationPeriods"],
        Threshold=alarm["Threshold"],
        ComparisonOperator=alarm["ComparisonOperator"],
        TreatMissingData=alarm["TreatMissingData"],
    )
    try:
        yield own
    finally:
        cloudwatch.delete_alarms(AlarmNames=[own])
