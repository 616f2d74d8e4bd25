"""A desk: a backend behind a queue of its own, which answers in its own time."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devstack.aws import LocalAws
from devstack.backend import Event
from shared.tenants.agent import BackendSettings
from tests.e2e.contract import Contract
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


@dataclass(frozen=True)
class Desk:
    """What works on one agent's events."""

    aws: LocalAws
    region: str
    url: str
    arn: str
    contract: Contract

    @classmethod
    def open(cls, aws: LocalAws, region: str, name: str, contract: Contract) -> "Desk":
        """A desk with a new FIFO queue. Its name is one of those that the local stack is deployed for."""
        sqs = aws.sqs(region)
        url = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return cls(aws, region, url, arn, contract)

    def close(self) -> None:
        """Deletes the queue."""
        self.aws.sqs(self.region).delete_queue(QueueUrl=self.url)

    def settings(self, *, statuses: bool = False) -> BackendSettings:
        """What an agent's document says to reach it."""
        return BackendSettings(kind="queue", target=self.arn, statuses=statuses)

    def take(self) -> Event:
        """The next event, once it is there."""
        sqs = self.aws.sqs(self.region)

        def received() -> "list[MessageTypeDef]":
            return sqs.receive_message(QueueUrl=self.url, MessageSystemAttributeNames=["All"]).get("Messages", [])

        messages = until(received, within_seconds=15)
        assert messages, "nothing came to the desk"
        [message] = messages
        event: Event = json.loads(message["Body"])
        about = message["Attributes"]
        self.contract.queued(
            "backend", event, group=about["MessageGroupId"], deduplication=about["MessageDeduplicationId"]
        )
        sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return event
