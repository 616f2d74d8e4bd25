"""Alarms on the local CloudWatch: each hears its own metric only, and decides by its own rule."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from devstack.alarms import AGE, WAITING, Alarms, NotMeasuredError
from devstack.aws import LocalAws
from shared.telemetry import NAMESPACE

REGION = "us-east-1"
GROUP = "/aws/lambda/sms-receiver-east-receiver"


@pytest.fixture
def alarms(local_aws: str) -> Iterator[Alarms]:
    """A stage with nothing but one log."""
    aws = LocalAws(local_aws)
    logs = aws.logs(REGION)
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="one")
    yield Alarms("east", aws, datetime.now(UTC) - timedelta(minutes=30))
    logs.delete_log_group(logGroupName=GROUP)
    cloudwatch = aws.cloudwatch(REGION)
    cloudwatch.delete_alarms(AlarmNames=[one["AlarmName"] for one in cloudwatch.describe_alarms()["MetricAlarms"]])


def deploy(alarms: Alarms, name: str, metric: str, *, above: float, namespace: str = NAMESPACE, **by: str) -> None:
    alarms.aws.cloudwatch(REGION).put_metric_alarm(
        AlarmName=f"sms-receiver-east-{name}",
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": key, "Value": value} for key, value in by.items()],
        Statistic="Average" if 0 < above < 1 else "Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=above,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )


def emit(alarms: Alarms, metric: str, *values: float, ago: float = 0, **by: str) -> None:
    """Writes a log line for each value, as a function does."""
    now = int((time.time() - ago) * 1000)
    directive = {"Namespace": NAMESPACE, "Dimensions": [["stage"], ["stage", *by]], "Metrics": [{"Name": metric}]}
    lines = [
        json.dumps({"_aws": {"Timestamp": now, "CloudWatchMetrics": [directive]}, "stage": "east", **by, metric: value})
        for value in values
    ]
    alarms.aws.logs(REGION).put_log_events(
        logGroupName=GROUP, logStreamName="one", logEvents=[{"timestamp": now, "message": line} for line in lines]
    )


def test_rings_when_what_was_emitted_is_too_much_and_not_before(alarms: Alarms) -> None:
    deploy(alarms, "forged", "Refused", above=2, stage="east", reason="invalid_signature")
    emit(alarms, "Refused", 1, 1, reason="invalid_signature")
    assert not alarms.rings("forged")
    emit(alarms, "Refused", 1, reason="invalid_signature")
    assert alarms.rings("forged")


def test_hears_nothing_of_other_dimensions_other_metrics_or_other_stages(alarms: Alarms) -> None:
    deploy(alarms, "forged", "Refused", above=0, stage="east", reason="invalid_signature")
    emit(alarms, "Refused", 9, reason="invalid_key")
    emit(alarms, "Parked", 9, reason="invalid_signature")
    deploy(alarms, "far", "Refused", above=0, stage="south")
    assert not alarms.rings("forged")
    assert not alarms.rings("far")


def test_an_average_is_an_average(alarms: Alarms) -> None:
    deploy(alarms, "backend-failing", "BackendFailed", above=0.2, stage="east")
    emit(alarms, "BackendFailed", 0, 0, 0, 0, 0, 1)
    assert not alarms.rings("backend-failing")
    emit(alarms, "BackendFailed", 1)
    assert alarms.rings("backend-failing")


def test_what_happened_minutes_ago_rings_still_but_not_what_happened_before_the_run(alarms: Alarms) -> None:
    deploy(alarms, "parked", "Parked", above=0, stage="east")
    emit(alarms, "Parked", 1, ago=600, reason="no_agent")
    assert alarms.rings("parked")
    assert not Alarms("east", alarms.aws, datetime.now(UTC) - timedelta(minutes=5)).rings("parked")


def test_asking_twice_leaves_nothing_behind(alarms: Alarms) -> None:
    deploy(alarms, "parked", "Parked", above=0, stage="east")
    assert not alarms.rings("parked")
    emit(alarms, "Parked", 1, reason="no_agent")
    assert alarms.rings("parked")
    left = alarms.aws.cloudwatch(REGION).describe_alarms()["MetricAlarms"]
    assert [(one["AlarmName"], one["StateValue"]) for one in left] == [
        ("sms-receiver-east-parked", "INSUFFICIENT_DATA")  # the deployed one is only copied
    ]


@pytest.mark.parametrize(("metric", "above"), [(WAITING, 0), (AGE, 0.01)])
def test_of_a_queue_it_sees_what_is_there(alarms: Alarms, metric: str, above: float) -> None:
    name = f"{uuid4().hex}.fifo"
    sqs = alarms.aws.sqs(REGION)
    url = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
    deploy(alarms, "queue", metric, above=above, namespace="AWS/SQS", QueueName=name)
    assert not alarms.rings("queue")
    sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="1", MessageDeduplicationId="1")
    time.sleep(0.02)  # it has to get as old as that
    assert alarms.rings("queue")
    assert sqs.receive_message(QueueUrl=url)["Messages"]


def test_says_so_when_nothing_is_measured_or_there_is_no_such_alarm(alarms: Alarms) -> None:
    deploy(alarms, "gateway5xx", "5XXError", above=0, namespace="AWS/ApiGateway", ApiName="sms-receiver-east")
    with pytest.raises(NotMeasuredError, match="5XXError"):
        alarms.rings("gateway5xx")
    with pytest.raises(LookupError, match="no alarm nothing"):
        alarms.rings("nothing")
