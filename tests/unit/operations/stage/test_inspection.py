"""The state of a stage as read from AWS. botocore lets a handler answer instead of the network."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel

from operations.stage.inspection import Alarm, Inspected, Queue, Trigger
from shared.errors import NotFound, Unavailable
from tests.fakes import NOW

REGIONS = {"east": "us-east-1", "south": "us-east-2"}
Document = dict[str, Any]


class Aws:
    """Answers each operation with a canned document or error code, and records the requests."""

    def __init__(self, **answers: Document | str | list[Document]) -> None:
        self.session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
        self.session.events.register("before-call", self._answer)
        self._answers = answers
        self.requests: list[str] = []

    @property
    def inspected(self) -> Inspected:
        return Inspected("east", REGIONS, self.session)

    def _answer(self, model: OperationModel, params: Document, **_: object) -> Any:  # noqa: ANN401 - no stub knows
        answers = self._answers[model.name]
        canned = answers.pop(0) if isinstance(answers, list) else answers
        self.requests.append(f"{model.name} {params['body'] or params['query_string']} {params['url']}")
        meta = {"ResponseMetadata": {"HTTPStatusCode": 400 if isinstance(canned, str) else 200}}
        answer = {"Error": {"Code": canned, "Message": "secret details"}} if isinstance(canned, str) else canned
        return AWSResponse("", meta["ResponseMetadata"]["HTTPStatusCode"], HTTPHeaders(), None), {**answer, **meta}


def test_tells_the_stacks_status() -> None:
    aws = Aws(DescribeStacks={"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]})
    assert aws.inspected.stack_status() == "UPDATE_COMPLETE"
    assert "sms-receiver-east" in aws.requests[0]


def test_a_stack_that_does_not_exist_has_no_status() -> None:
    assert Aws(DescribeStacks="ValidationError").inspected.stack_status() is None


def test_counts_a_queues_messages_and_tells_whether_it_redrives() -> None:
    attributes = {
        "ApproximateNumberOfMessages": "4",
        "ApproximateNumberOfMessagesNotVisible": "1",
        "RedrivePolicy": "{}",
    }
    assert Aws(GetQueueAttributes={"Attributes": attributes}).inspected.queue("u") == Queue(4, 1, redrives=True)
    assert Aws(GetQueueAttributes={"Attributes": {}}).inspected.queue("u") == Queue(0, 0, redrives=False)


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist.NonExistentQueue"])
def test_a_queue_that_does_not_exist_is_told_apart(code: str) -> None:
    with pytest.raises(NotFound):
        Aws(GetQueueAttributes=code).inspected.queue("u")


def test_tells_the_age_of_the_oldest_message_as_it_is_now() -> None:
    points = [{"Timestamp": NOW - timedelta(minutes=minutes), "Maximum": 100.0 + minutes} for minutes in (3, 1, 2)]
    aws = Aws(GetMetricStatistics={"Datapoints": points})
    assert aws.inspected.oldest_seconds("https://sqs/1/sms-receiver-east-inbound.fifo", NOW) == 101
    assert '"sms-receiver-east-inbound.fifo"' in aws.requests[0]
    assert Aws(GetMetricStatistics={"Datapoints": []}).inspected.oldest_seconds("u", NOW) is None


def test_tells_the_alarms() -> None:
    alarms = [{"AlarmName": "a", "StateValue": "OK"}, {"AlarmName": "b", "StateValue": "ALARM"}]
    aws = Aws(DescribeAlarms={"MetricAlarms": alarms})
    assert aws.inspected.alarms() == [Alarm("a", "OK"), Alarm("b", "ALARM")]
    assert "sms-receiver-east-" in aws.requests[0]


def test_counts_the_confirmed_subscriptions_of_the_alarms_topic() -> None:
    subscriptions = [{"SubscriptionArn": "arn:aws:sns:us-east-1:1:t:2"}, {"SubscriptionArn": "PendingConfirmation"}]
    assert Aws(ListSubscriptionsByTopic={"Subscriptions": subscriptions}).inspected.listeners("arn:t") == 1
    assert Aws(ListSubscriptionsByTopic={}).inspected.listeners("arn:t") == 0


def test_tells_which_alarms_the_stack_made() -> None:
    resources = [
        {"ResourceType": "AWS::CloudWatch::Alarm", "PhysicalResourceId": "a"},
        {"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "q"},
    ]
    assert Aws(ListStackResources={"StackResourceSummaries": resources}).inspected.alarm_names() == {"a"}


def test_tells_how_many_lambdas_may_run() -> None:
    limit = {"AccountLimit": {"ConcurrentExecutions": 10}}
    assert Aws(GetAccountSettings=limit).inspected.concurrency() == 10


def test_tells_the_trigger_of_a_function() -> None:
    mapping = {"State": "Enabled", "ScalingConfig": {"MaximumConcurrency": 4}}
    aws = Aws(ListEventSourceMappings={"EventSourceMappings": [mapping, {"State": "Disabled"}]})
    assert aws.inspected.trigger("forwarder") == Trigger(4, enabled=True)
    assert "sms-receiver-east-forwarder" in aws.requests[0]
    off = Aws(ListEventSourceMappings={"EventSourceMappings": [{"State": "Disabled"}]})
    assert off.inspected.trigger("sender") == Trigger(None, enabled=False)
    assert Aws(ListEventSourceMappings={"EventSourceMappings": []}).inspected.trigger("sender") is None


def test_tells_the_gateways_log_role() -> None:
    assert Aws(GetAccount={"cloudwatchRoleArn": "arn:role"}).inspected.log_role() == "arn:role"
    assert Aws(GetAccount={}).inspected.log_role() is None


def test_digests_the_copies_of_a_tenant() -> None:
    aws = Aws(GetSecretValue=[{"SecretString": "one"}, {"SecretString": "two"}])
    copies = aws.inspected.copies("acme")
    assert list(copies) == ["us-east-1", "us-east-2"]
    assert len(set(copies.values())) == 2
    assert "one" not in str(copies)
    assert [f"secretsmanager.{region}" in request for region, request in zip(copies, aws.requests, strict=True)] == [
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
        ("ListEventSourceMappings", lambda aws: aws.trigger("sender")),
        ("GetAccount", lambda aws: aws.log_role()),
        ("GetSecretValue", lambda aws: aws.copies("acme")),
    ],
)
def test_a_refusal_of_aws_is_unavailable_and_its_details_are_not_quoted(operation: str, ask: Any) -> None:  # noqa: ANN401
    aws = Aws(**{operation: "AccessDeniedException"})
    with pytest.raises(Unavailable, match="AWS answered AccessDeniedException") as failed:
        ask(aws.inspected)
    assert "secret details" not in str(failed.value)
