"""The queue of reminders, with botocore's stubber for SQS and on a real one: what comes when."""

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from mypy_boto3_sqs import SQSClient

from devstack.aws import LocalAws
from shared.aws.delayed_queue import StandardQueue
from shared.errors import Unavailable

QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/sms-receiver-east-reminders"
REMINDER = {"tenant": "acme", "id": "SM1"}
BODY = '{"tenant":"acme","id":"SM1"}'


@pytest.fixture
def sqs() -> SQSClient:
    return boto3.client("sqs", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def stub(sqs: SQSClient) -> Iterator[Stubber]:
    with Stubber(sqs) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("after", "delay"), [(-5, 0), (0, 0), (0.2, 1), (60, 60), (899.5, 900), (901, 900), (12 * 3600, 900)]
)
def test_asks_for_the_delay_in_whole_seconds_up_to_what_sqs_takes(
    after: float, delay: int, sqs: SQSClient, stub: Stubber
) -> None:
    expected = {"QueueUrl": QUEUE_URL, "MessageBody": BODY, "DelaySeconds": delay}
    stub.add_response("send_message", {"MessageId": "m", "MD5OfMessageBody": "0" * 32}, expected)
    StandardQueue(sqs, QUEUE_URL).send(REMINDER, after_seconds=after)


@pytest.mark.parametrize(("seconds", "visibility"), [(0, 0), (0.2, 1), (60, 60), (12 * 3600, 12 * 3600 - 300)])
def test_puts_off_in_whole_seconds_up_to_what_sqs_takes(
    seconds: float, visibility: int, sqs: SQSClient, stub: Stubber
) -> None:
    expected = {"QueueUrl": QUEUE_URL, "ReceiptHandle": "r1", "VisibilityTimeout": visibility}
    stub.add_response("change_message_visibility", {}, expected)
    StandardQueue(sqs, QUEUE_URL).postpone("r1", seconds)


def test_a_queue_that_cannot_be_reached_is_unavailable(sqs: SQSClient) -> None:
    def fail(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url=QUEUE_URL)

    sqs.meta.events.register("before-call.sqs", fail)
    queue = StandardQueue(sqs, QUEUE_URL)
    with pytest.raises(Unavailable, match=r"^the message could not be queued: EndpointConnectionError$"):
        queue.send(REMINDER, after_seconds=1)
    with pytest.raises(Unavailable, match=r"^the message could not be postponed: EndpointConnectionError$"):
        queue.postpone("r1", 1)


@pytest.mark.parametrize(("name", "is_source"), [("sms-receiver-east-reminders", True), ("reminders", False)])
def test_knows_its_own_messages_by_the_name_in_the_arn(name: str, *, is_source: bool, sqs: SQSClient) -> None:
    assert StandardQueue(sqs, QUEUE_URL).is_source_of(f"arn:aws:sqs:us-east-1:123456789012:{name}") is is_source


def test_a_reminder_is_not_there_before_its_time_and_then_as_often_as_it_was_queued(local_aws: str) -> None:
    with closing(LocalAws(local_aws).sqs("us-east-1")) as sqs:
        url = sqs.create_queue(QueueName=f"reminders-{uuid4().hex}")["QueueUrl"]
        queue = StandardQueue(sqs, url)
        queue.send(REMINDER, after_seconds=1)
        queue.send(REMINDER, after_seconds=1)
        assert "Messages" not in sqs.receive_message(QueueUrl=url)
        bodies: list[str] = []
        while len(bodies) < 2:
            for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=3)["Messages"]:
                bodies.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        sqs.delete_queue(QueueUrl=url)
    assert bodies == [BODY, BODY]
