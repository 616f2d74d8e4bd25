"""What AWS tells of a stage. botocore lets a handler answer instead of the network."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel

from operations.stage.inspection import Alarm, Consumer, Inspected, Queue
from shared.errors import NotFound, Unavailable
from tests.fakes import NOW

REGIONS = {"east": "us-east-1", "south": "us-east-2"}
Said = dict[str, Any]


class Aws:
    """Answers each operation as it was told: with a document, or with an error's code; and remembers what was asked."""

    def __init__(self, **answers: Said | str | list[Said]) -> None:
        self.session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
        self.session.events.register("before-call", self._answer)
        self._answers = answers
        self.asked: list[str] = []

    @property
    def inspected(self) -> Inspected:
        return Inspected("east", REGIONS, self.session)

    def _answer(self, model: OperationModel, params: Said, **_: object) -> Any:  # noqa: ANN401 - no stub knows
        told = self._answers[model.name]
        said = told.pop(0) if isinstance(told, list) else told
        self.asked.append(f"{model.name} {params['body'] or params['query_string']} {params['url']}")
        meta = {"ResponseMetadata": {"HTTPStatusCode": 400 if isinstance(said, str) else 200}}
        answer = {"Error": {"Code": said, "Message": "secret details"}} if isinstance(said, str) else said
        return AWSResponse("", meta["ResponseMetadata"]["HTTPStatusCode"], HTTPHeaders(), None), {**answer, **meta}


def test_tells_the_stacks_status() -> None:
    aws = Aws(DescribeStacks={"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]})
    assert aws.inspected.stack_status() == "UPDATE_COMPLETE"
    assert "sms-receiver-east" in aws.asked[0]


def test_a_stack_that_does_not_exist_has_no_status() -> None:
    assert Aws(DescribeStacks="ValidationError").inspected.stack_status() is None


def test_tells_what_stands_on_a_queue_and_whether_it_redrives() -> None:
    told = {"ApproximateNumberOfMessages": "4", "ApproximateNumberOfMessagesNotVisible": "1", "RedrivePolicy": "{}"}
    assert Aws(GetQueueAttributes={"Attributes": told}).inspected.queue("u") == Queue(4, 1, redrives=True)
    assert Aws(GetQueueAttributes={"Attributes": {}}).inspected.queue("u") == Queue(0, 0, redrives=False)


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist.NonExistentQueue"])
def test_a_queue_that_does_not_exist_is_told_apart(code: str) -> None:
    with pytest.raises(NotFound):
        Aws(GetQueueAttributes=code).inspected.queue("u")


def test_tells_the_age_of_the_oldest_message_as_it_is_now() -> None:
    points = [{"Timestamp": NOW - timedelta(minutes=minutes), "Maximum": 100.0 + minutes} for minutes in (3, 1, 2)]
    aws = Aws(GetMetricStatistics={"Datapoints": points})
    assert aws.inspected.oldest_seconds("https://sqs/1/sms-receiver-east-inbound.fifo", NOW) == 101
    assert '"sms-receiver-east-inbound.fifo"' in aws.asked[0]
    assert Aws(GetMetricStatistics={"Datapoints": []}).inspected.oldest_seconds("u", NOW) is None


def test_tells_the_alarms() -> None:
    told = [{"AlarmName": "a", "StateValue": "OK"}, {"AlarmName": "b", "StateValue": "ALARM"}]
    aws = Aws(DescribeAlarms={"MetricAlarms": told})
    assert aws.inspected.alarms() == [Alarm("a", "OK"), Alarm("b", "ALARM")]
    assert "sms-receiver-east-" in aws.asked[0]


def test_tells_who_hears_the_alarms_and_does_not_count_who_has_not_confirmed() -> None:
    told = [{"SubscriptionArn": "arn:aws:sns:us-east-1:1:t:2"}, {"SubscriptionArn": "PendingConfirmation"}]
    assert Aws(ListSubscriptionsByTopic={"Subscriptions": told}).inspected.listeners("arn:t") == 1
    assert Aws(ListSubscriptionsByTopic={}).inspected.listeners("arn:t") == 0


def test_tells_which_alarms_the_stack_made() -> None:
    made = [
        {"ResourceType": "AWS::CloudWatch::Alarm", "PhysicalResourceId": "a"},
        {"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "q"},
    ]
    assert Aws(ListStackResources={"StackResourceSummaries": made}).inspected.alarm_names() == {"a"}


def test_tells_how_many_lambdas_may_run() -> None:
    limit = {"AccountLimit": {"ConcurrentExecutions": 10}}
    assert Aws(GetAccountSettings=limit).inspected.concurrency() == 10


def test_tells_what_brings_messages_to_a_function() -> None:
    mapping = {"State": "Enabled", "ScalingConfig": {"MaximumConcurrency": 4}}
    aws = Aws(ListEventSourceMappings={"EventSourceMappings": [mapping, {"State": "Disabled"}]})
    assert aws.inspected.consumer("forwarder") == Consumer(4, enabled=True)
    assert "sms-receiver-east-forwarder" in aws.asked[0]
    off = Aws(ListEventSourceMappings={"EventSourceMappings": [{"State": "Disabled"}]})
    assert off.inspected.consumer("sender") == Consumer(None, enabled=False)
    assert Aws(ListEventSourceMappings={"EventSourceMappings": []}).inspected.consumer("sender") is None


def test_tells_the_gateways_log_role() -> None:
    assert Aws(GetAccount={"cloudwatchRoleArn": "arn:role"}).inspected.log_role() == "arn:role"
    assert Aws(GetAccount={}).inspected.log_role() is None


def test_compares_the_copies_of_a_tenant_without_keeping_them() -> None:
    aws = Aws(GetSecretValue=[{"SecretString": "one"}, {"SecretString": "two"}])
    copies = aws.inspected.copies("acme")
    assert list(copies) == ["us-east-1", "us-east-2"]
    assert len(set(copies.values())) == 2
    assert "one" not in str(copies)
    assert [f"secretsmanager.{region}" in asked for region, asked in zip(copies, aws.asked, strict=True)] == [
        True,
        True,
    ]
    assert set(Aws(GetSecretValue="ResourceNotFoundException").inspected.copies("acme").values()) == {None}


@pytest.mark.parametrize(
    ("operation", "ask"),
    [
        ("DescribeStacks", lambda aws: aws.stack_status()),
        ("GetQueueAttributes", lambda aws: aws.queue("u")),
        ("GetMetricStatistics", lambda aws: aws.oldest_seconds("u", NOW)),
        ("DescribeAlarms", lambda aws: aws.alarms()),
        ("ListStackResources", lambda aws: aws.alarm_names()),
        ("GetAccountSettings", lambda aws: aws.concurrency()),
        ("ListEventSourceMappings", lambda aws: aws.consumer("sender")),
        ("GetAccount", lambda aws: aws.log_role()),
        ("GetSecretValue", lambda aws: aws.copies("acme")),
    ],
)
def test_what_may_not_be_asked_is_unavailable_and_quotes_nothing(operation: str, ask: Any) -> None:  # noqa: ANN401
    aws = Aws(**{operation: "AccessDeniedException"})
    with pytest.raises(Unavailable, match="AWS answered AccessDeniedException") as failed:
        ask(aws.inspected)
    assert "secret details" not in str(failed.value)
