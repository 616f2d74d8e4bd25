"""Queues on a real SQS, and the fake of the unit tests: order, and what is dropped as a repetition."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from uuid import uuid4

import pytest
from mypy_boto3_sqs import SQSClient
from mypy_boto3_sqs.literals import QueueAttributeNameType

from devstack.aws import LocalAws
from shared.aws.fifo_queue import BYTES_MAX, FifoQueue
from shared.errors import Malformed
from shared.ports import MessageQueue
from tests.fakes import FakeQueue, Sent

EVENT = {"id": "SM1", "data": {"text": "Grüße 🌍\u0000", "media": [], "turn": 3, "opt_out": None}}
FITTING = BYTES_MAX - len('{"t":""}')
ATTRIBUTES: dict[QueueAttributeNameType, str] = {  # as in infra/queues.yml
    "FifoQueue": "true",
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
    "MaximumMessageSize": str(BYTES_MAX),
}


@dataclass(frozen=True)
class Rig:
    """A queue, and what its consumer gets that it has not got yet."""

    queue: MessageQueue
    received: Callable[[], list[Sent]]


@pytest.fixture(scope="module")
def aws(local_aws: str) -> LocalAws:
    return LocalAws(local_aws)


@pytest.fixture(params=["the adapter", "the fake"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    if request.param == "the fake":
        fake = FakeQueue()
        yield Rig(fake, lambda: [fake.sent.pop(0) for _ in range(len(fake.sent))])
        return
    aws: LocalAws = request.getfixturevalue("aws")
    with closing(aws.sqs("us-east-1")) as sqs:
        url = sqs.create_queue(QueueName=f"{uuid4().hex}.fifo", Attributes=ATTRIBUTES)["QueueUrl"]
        yield Rig(FifoQueue(sqs, url), lambda: list(consumed(sqs, url)))
        sqs.delete_queue(QueueUrl=url)


def consumed(sqs: SQSClient, url: str) -> Iterator[Sent]:
    """Takes everything off the queue."""
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    ).get("Messages", []):
        for message in messages:
            attributes = message["Attributes"]
            yield Sent(
                event=json.loads(message["Body"]),
                group=attributes["MessageGroupId"],
                deduplication=attributes["MessageDeduplicationId"],
            )
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_an_event_comes_as_it_was_sent_with_its_group_and_id(rig: Rig) -> None:
    rig.queue.send(EVENT, group="acme.c1", deduplication="SM1")
    assert rig.received() == [Sent(EVENT, "acme.c1", "SM1")]


def test_an_event_is_what_it_was_when_it_was_sent(rig: Rig) -> None:
    event = {"text": "before", "links": ("https://example.com/a.png",)}
    rig.queue.send(event, group="acme.c1", deduplication="SM1")
    event["text"] = "after"
    assert rig.received() == [Sent({"text": "before", "links": ["https://example.com/a.png"]}, "acme.c1", "SM1")]


def test_within_a_group_the_order_is_kept(rig: Rig) -> None:
    for number in range(12):
        rig.queue.send({"n": number}, group=f"acme.c{number % 2}", deduplication=str(number))
    received = rig.received()
    for group in range(2):
        assert [sent.event["n"] for sent in received if sent.group == f"acme.c{group}"] == [*range(group, 12, 2)]


def test_a_repeated_id_is_dropped_though_its_event_is_another_or_was_received(rig: Rig) -> None:
    for text in ("first", "second"):
        rig.queue.send({"text": text}, group="acme.c1", deduplication="SM1")
    assert [sent.event["text"] for sent in rig.received()] == ["first"]
    rig.queue.send({"text": "third"}, group="acme.c1", deduplication="SM1")
    rig.queue.send({"text": "fourth"}, group="acme.c1", deduplication="SM1.1")
    assert [sent.event["text"] for sent in rig.received()] == ["fourth"]


def test_the_same_id_in_another_group_is_another_event(rig: Rig) -> None:
    for group in ("acme.c1", "globex.c1", "acme.c1"):
        rig.queue.send(EVENT, group=group, deduplication="SM1")
    assert sorted(sent.group for sent in rig.received()) == ["acme.c1", "globex.c1"]


def test_takes_what_just_fits_and_refuses_what_does_not(rig: Rig) -> None:
    with pytest.raises(Malformed):
        rig.queue.send({"t": "x" * (FITTING + 1)}, group="acme.c1", deduplication="SM1")
    with pytest.raises(Malformed):
        rig.queue.send({"t": "é" * (FITTING // 6 + 1)}, group="acme.c1", deduplication="SM1")
    rig.queue.send({"t": "x" * FITTING}, group="acme.c1", deduplication="SM1")
    assert [len(sent.event["t"]) for sent in rig.received()] == [FITTING]
