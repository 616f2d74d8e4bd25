"""Whether a stage's alarms would ring, decided by the local CloudWatch from what the stage really measured.

The local CloudWatch matches an alarm's metric by its name only, and treats all points within the alarm's periods as one
period. So each deployed alarm is copied onto a metric that nothing else uses. That metric gets the points of the
alarm's own metric and no others, and the state of the copy counts.
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
from operations.stage.names import REGIONS, part_name
from shared.telemetry import NAMESPACE

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef

AGE, WAITING = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"


class NotMeasuredError(Exception):
    """The local AWS does not measure the alarm's metric, as with those of gateways and Lambdas."""


@dataclass(frozen=True)
class Alarms:
    """A stage's alarms, and the points that the stage measured since a time."""

    stage: str
    aws: LocalAws
    since: datetime

    def rings(self, name: str) -> bool:
        """Whether an alarm, such as `forged`, rings at the time of the newest point.

        A queue is measured now. To learn the age of its messages, they are received and put back. Raises
        NotMeasuredError, and LookupError when the stage has no such alarm.
        """
        cloudwatch = self.aws.cloudwatch(REGIONS[self.stage])
        alarms = cloudwatch.describe_alarms(AlarmNames=[part_name(self.stage, name)])["MetricAlarms"]
        if not alarms:
            message = f"{self.stage} has no alarm {name}"
            raise LookupError(message)
        points = self._points(alarms[0])
        later = datetime.now(UTC) - max((point.time for point in points), default=self.since)
        with _copied(cloudwatch, alarms[0]) as copy_name:
            metrics.put(
                cloudwatch, [Point(copy_name, copy_name, {}, point.value, point.time + later) for point in points]
            )
            [copy] = cloudwatch.describe_alarms(AlarmNames=[copy_name])["MetricAlarms"]
            return copy["StateValue"] == "ALARM"

    def _points(self, alarm: "MetricAlarmTypeDef") -> list[Point]:
        namespace, name = alarm.get("Namespace"), alarm.get("MetricName", "a sum of metrics")
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm.get("Dimensions", [])}
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
            answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            return Point("AWS/SQS", name, dimensions, int(answer["Attributes"]["ApproximateNumberOfMessages"]), now)
        messages = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["SentTimestamp"]
        ).get("Messages", [])
        sent = [int(message["Attributes"]["SentTimestamp"]) / 1000 for message in messages]
        oldest = min(sent, default=now.timestamp())
        return Point("AWS/SQS", AGE, dimensions, now.timestamp() - oldest, now)


@contextmanager
def _copied(cloudwatch: "CloudWatchClient", alarm: "MetricAlarmTypeDef") -> Iterator[str]:
    """A copy of the alarm on a metric of its own; it notifies nobody, and is deleted when the block ends.

    Yields the name of the copy, which is also that of its metric and of the metric's namespace.
    """
    copy_name = f"copy-{secrets.token_hex(8)}"
    cloudwatch.put_metric_alarm(
        AlarmName=copy_name,
        Namespace=copy_name,
        MetricName=copy_name,
        Statistic=alarm["Statistic"],
        Period=alarm["Period"],
        EvaluationPeriods=alarm["EvaluationPeriods"],
        Threshold=alarm["Threshold"],
        ComparisonOperator=alarm["ComparisonOperator"],
        TreatMissingData=alarm["TreatMissingData"],
    )
    try:
        yield copy_name
    finally:
        cloudwatch.delete_alarms(AlarmNames=[copy_name])
