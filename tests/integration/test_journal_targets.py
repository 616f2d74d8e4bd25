"""The targets of journals: which calls are made, and the forwarder's handler that delivers what waits for them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from handlers import forwarder
from handlers.aws_events import BatchResponse
from shared.aws.agent_queue import AgentQueue
from shared.aws.fifo_queue import BYTES_MAX
from shared.aws.topic import Topic
from shared.errors import Malformed, Unavailable, UpstreamRefused
from shared.journal import Journal
from shared.messages.journal import Entry, Happening
from shared.wiring import backends
from shared.wiring import forwarder as forwarding
from tests.fakes import DESK
from tests.integration.aws_stub import SEND, AwsStub
from tests.integration.conftest import forget
from tests.integration.events import delivered
from tests.integration.test_reminders import AGAIN, CONTEXT, DONE, SETTINGS
from tests.journal_entries import TARGET, WITH_TEXT
from tests.promises_fake import FakeReminders

TOPIC = "arn:aws:sns:eu-west-1:123456789012:journal"
EVENT = {"id": "x", "text": "größer"}
BODY = '{"id":"x","text":"gr\\u00f6\\u00dfer"}'


@pytest.fixture
def sns() -> Any:  # noqa: ANN401 - boto3's client
    return boto3.client("sns", "eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def stub(sns: Any) -> Iterator[Stubber]:  # noqa: ANN401 - boto3's client
    with Stubber(sns) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_a_topic_gets_the_event_alone(sns: Any, stub: Stubber) -> None:  # noqa: ANN401 - boto3's client
    stub.add_response("publish", {"MessageId": "m"}, {"TopicArn": TOPIC, "Message": BODY})
    Topic(sns, TOPIC).send(EVENT, group="acme.c", deduplication="x")


def test_a_fifo_topic_gets_group_and_deduplication_too(sns: Any, stub: Stubber) -> None:  # noqa: ANN401 - boto3's client
    expected = {
        "TopicArn": f"{TOPIC}.fifo",
        "Message": BODY,
        "MessageGroupId": "acme.c",
        "MessageDeduplicationId": "x",
    }
    stub.add_response("publish", {"MessageId": "m"}, expected)
    Topic(sns, f"{TOPIC}.fifo").send(EVENT, group="acme.c", deduplication="x")


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("NotFound", 404, UpstreamRefused),
        ("AuthorizationError", 403, UpstreamRefused),
        ("InternalError", 500, Unavailable),
        ("Throttled", 429, Unavailable),
    ],
)
def test_what_the_topic_does_not_take_is_later_or_never(
    code: str,
    status: int,
    error: type[Exception],
    sns: Any,  # noqa: ANN401 - boto3's client
    stub: Stubber,
) -> None:
    stub.add_client_error("publish", code, "secret words", status)
    with pytest.raises(error, match=f"^the event could not be published to the topic: AWS answered {code}$"):
        Topic(sns, TOPIC).send(EVENT, group="acme.c", deduplication="x")


def test_an_event_that_is_too_large_is_not_published(sns: Any, stub: Stubber) -> None:  # noqa: ANN401 - boto3's client
    assert stub
    with pytest.raises(Malformed):
        Topic(sns, TOPIC).send({"t": "x" * BYTES_MAX}, group="g", deduplication="d")


@pytest.mark.parametrize(("arn", "kind"), [(TOPIC, Topic), (f"{TOPIC}.fifo", Topic), (TARGET, AgentQueue)])
def test_the_arn_tells_what_the_target_is(arn: str, kind: type[object], aws: AwsStub) -> None:
    assert aws
    assert isinstance(backends.journal_target(arn), kind)


def told() -> dict[str, Any]:
    """A message of the queue of journals."""
    queue = FakeReminders()
    entry = Entry(Happening.RECEIVED, "SM5.received", datetime.now(UTC), "c" * 64, text="private words")
    agent = DESK.__class__(**{**vars(DESK), "journal": WITH_TEXT})
    Journal(queue, "east", lambda: datetime.now(UTC)).write("acme", agent, entry)
    return dict(queue.sent[0][0])


@pytest.fixture
def cold(aws: AwsStub, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsStub]:
    """A cold start of the forwarder."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", aws.url)
    _forget()
    yield aws
    _forget()


def _forget() -> None:
    forget()
    for wired in (forwarding, backends):
        for made in vars(wired).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()


def deliver(message: object, *, receives: int = 1) -> BatchResponse:
    """The handler's answer to a message of the queue of journals."""
    event = delivered(json.dumps(message), receives=receives)
    event["Records"][0]["eventSourceARN"] = "arn:aws:sqs:us-east-1:123456789012:journal"
    return forwarder.lambda_handler(event, CONTEXT)


def test_an_entry_goes_to_its_target_without_a_word(cold: AwsStub, logged: Callable[[], str]) -> None:
    message = told()
    assert deliver(message) == DONE
    [sent] = cold.queued
    assert sent["QueueUrl"] == "https://sqs.us-east-1.amazonaws.com/111122223333/sms-journal"
    assert [json.loads(sent["MessageBody"])] == message["entries"]
    assert logged() == ""


@pytest.mark.parametrize("receives", [1, 11, 150])
def test_a_target_that_takes_nothing_is_seen_and_what_is_for_it_comes_again_for_ever(
    receives: int, cold: AwsStub, logged: Callable[[], str]
) -> None:
    cold.failing[SEND] = (400, "AWS.SimpleQueueService.NonExistentQueue", "private words")
    assert deliver(told(), receives=receives) == AGAIN
    [asked] = cold.postponed
    assert asked["VisibilityTimeout"] == (15 if receives == 1 else 30)
    written = logged()
    [line] = [json.loads(line) for line in written.splitlines()]
    assert (line["message"], line["reason"], line["level"]) == ("Failed", "journal_unavailable", "ERROR")
    assert (line["tenant"], line["correlation_id"], line["queue"] if receives > 1 else "journal") == (
        "acme",
        "SM5.received",
        "journal",
    )
    assert line["Failed"] == 1
    assert "LastTry" not in line, "there is no dead-letter queue behind it"
    assert "private" not in written


@pytest.mark.parametrize("message", [[], {"tenant": "acme"}, {"tenant": "acme", "target": TARGET, "entries": [1]}])
def test_what_is_none_of_ours_is_refused_and_does_not_come_again(
    message: object, cold: AwsStub, logged: Callable[[], str]
) -> None:
    assert deliver(message) == DONE
    assert cold.queued == []
    [line] = [json.loads(line) for line in logged().splitlines()]
    assert (line["message"], line["reason"]) == ("Refused", "malformed")
