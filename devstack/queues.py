"""The queues of a stage on the local stack: reading them, waiting for them and repeating a delivery."""

import json
import secrets
import time
from dataclasses import dataclass

from devstack.aws import LocalAws
from devstack.backend import Event
from devstack.state import DeployedStage
from operations.stage.names import QUEUES
from shared.messages.events import conversation_group


@dataclass(frozen=True)
class Queued:
    """An event on a queue."""

    event: Event
    group: str
    deduplication: str


@dataclass(frozen=True)
class Queues:
    """The inbound and the outbound queue of a stage."""

    stage: DeployedStage
    aws: LocalAws

    def deliver_again(self, event: Event) -> None:
        """Puts a text on the inbound queue once more, as if SQS had delivered it twice."""
        self.aws.sqs(self.stage.region).send_message(
            QueueUrl=self.stage.queues["inbound"],
            MessageBody=json.dumps(event),
            MessageGroupId=conversation_group(event),
            MessageDeduplicationId=secrets.token_hex(16),
        )

    def peek(self, name: str, *, within_seconds: float = 10) -> list[Queued]:
        """The events on a queue, once there are any. They stay on it. Nobody else may read the queue meanwhile."""
        sqs, url = self.aws.sqs(self.stage.region), self.stage.queues[name]
        self.holds(name, 1, within_seconds=within_seconds)
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
        )
        return [
            Queued(
                event=json.loads(message["Body"]),
                group=message["Attributes"]["MessageGroupId"],
                deduplication=message["Attributes"]["MessageDeduplicationId"],
            )
            for message in answer.get("Messages", [])
        ]

    def holds(self, name: str, count: int, *, within_seconds: float = 15) -> bool:
        """Whether a queue has at least `count` events in time."""
        deadline = time.monotonic() + within_seconds
        while (waiting := self._waiting(name)) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        return waiting >= count

    def settle(self, *, within_seconds: float = 60) -> bool:
        """Whether both queues are empty in time, with no event being worked on."""
        deadline = time.monotonic() + within_seconds
        while not (settled := self.are_empty()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return settled

    def are_empty(self) -> bool:
        """Whether nothing is on the queues, and no event is being worked on."""
        return not self._waiting(*QUEUES)

    def _waiting(self, *names: str) -> int:
        sqs = self.aws.sqs(self.stage.region)
        queues = [
            sqs.get_queue_attributes(
                QueueUrl=self.stage.queues[name],
                AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
            )
            for name in names
        ]
        return sum(int(count) for queue in queues for count in queue["Attributes"].values())
