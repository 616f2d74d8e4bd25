"""The FIFO queue adapter with botocore's stubber for SQS: what is sent, and how errors are converted."""

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from mypy_boto3_sqs import SQSClient

from shared.aws.fifo_queue import BYTES_MAX, FifoQueue
from shared.errors import Malformed, Unavailable

QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/inbound.fifo"
SENT = {"MessageId": "m", "MD5OfMessageBody": "0" * 32, "SequenceNumber": "1"}


@pytest.fixture
def sqs() -> SQSClient:
    return boto3.client("sqs", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def stub(sqs: SQSClient) -> Iterator[Stubber]:
    with Stubber(sqs) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_sends_the_event_as_json_with_its_group_and_deduplication_id(sqs: SQSClient, stub: Stubber) -> None:
    expected = {
        "QueueUrl": QUEUE_URL,
        "MessageBody": '{"id":"SM1","data":{"text":"hello"}}',
        "MessageGroupId": "acme.conversation",
        "MessageDeduplicationId": "SM1",
    }
    stub.add_response("send_message", SENT, expected)
    event = {"id": "SM1", "data": {"text": "hello"}}
    FifoQueue(sqs, QUEUE_URL).send(event, group="acme.conversation", deduplication="SM1")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_survives_in_characters_that_sqs_accepts(text: str) -> None:
    client = boto3.client("sqs", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    bodies: list[str] = []

    def keep(params: dict[str, str], **_: object) -> None:
        bodies.append(params["MessageBody"])

    client.meta.events.register("provide-client-params.sqs.SendMessage", keep)
    with Stubber(client) as stub:
        stub.add_response("send_message", SENT)
        FifoQueue(client, QUEUE_URL).send({"text": text}, group="g", deduplication="d")
    assert json.loads(bodies[0]) == {"text": text}
    assert bodies[0].isascii()
    assert bodies[0].isprintable()


def test_sends_what_just_fits(sqs: SQSClient, stub: Stubber) -> None:
    stub.add_response("send_message", SENT)
    FifoQueue(sqs, QUEUE_URL).send({"t": "x" * (BYTES_MAX - len('{"t":""}'))}, group="g", deduplication="d")


@pytest.mark.parametrize("event", [{"t": "x" * (BYTES_MAX - len('{"t":""}') + 1)}, {"t": "é" * (BYTES_MAX // 6)}])
def test_refuses_an_event_that_is_too_large_without_a_call_to_sqs(
    event: dict[str, str], sqs: SQSClient, stub: Stubber
) -> None:
    with pytest.raises(
        Malformed, match=r"^the event has \d+ bytes on the queue, where no more than 262144 are allowed$"
    ):
        FifoQueue(sqs, QUEUE_URL).send(event, group="g", deduplication="d")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AWS.SimpleQueueService.NonExistentQueue", 400),
        ("AccessDenied", 403),
        ("RequestThrottled", 403),
        ("KmsDisabled", 400),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_whatever_aws_answers_is_unavailable(code: str, status: int, sqs: SQSClient, stub: Stubber) -> None:
    stub.add_client_error("send_message", code, "quotes hello", status)
    with pytest.raises(Unavailable) as failed:
        FifoQueue(sqs, QUEUE_URL).send({"text": "hello"}, group="g", deduplication="d")
    assert str(failed.value) == f"the message could not be queued: AWS answered {code}"


@pytest.mark.parametrize(
    "error", [EndpointConnectionError(endpoint_url="https://x"), ConnectTimeoutError(endpoint_url="https://x")]
)
def test_no_answer_is_unavailable(error: Exception, sqs: SQSClient) -> None:
    def fail(**_: object) -> None:
        raise error

    sqs.meta.events.register("before-send.sqs.SendMessage", fail)
    with pytest.raises(Unavailable, match=f"^the message could not be queued: {type(error).__name__}$"):
        FifoQueue(sqs, QUEUE_URL).send({"text": "hello"}, group="g", deduplication="d")


@pytest.mark.parametrize(("seconds", "whole"), [(0, 0), (0.25, 1), (5, 5), (118.6, 119)])
def test_postpones_in_whole_seconds(seconds: float, whole: int, sqs: SQSClient, stub: Stubber) -> None:
    expected = {"QueueUrl": QUEUE_URL, "ReceiptHandle": "r", "VisibilityTimeout": whole}
    stub.add_response("change_message_visibility", {}, expected)
    FifoQueue(sqs, QUEUE_URL).postpone("r", seconds)


@pytest.mark.parametrize("code", ["ReceiptHandleIsInvalid", "AWS.SimpleQueueService.MessageNotInflight"])
def test_a_message_that_is_no_longer_ours_cannot_be_postponed(code: str, sqs: SQSClient, stub: Stubber) -> None:
    stub.add_client_error("change_message_visibility", code, "said by AWS", 400)
    with pytest.raises(Unavailable, match=f"^the message could not be postponed: AWS answered {code}$"):
        FifoQueue(sqs, QUEUE_URL).postpone("r", 5)
