"""The queues of a stage on the local stack, as the demonstration and the end-to-end tests meddle with them."""

import json
import secrets
import time
from dataclasses import dataclass

from cli.local.aws import LocalAws
from cli.local.backend import Event
from cli.local.state import Stage
from shared.events import conversation_group


@dataclass(frozen=True)
class Queues:
    """Inbound and outbound."""

    stage: Stage
    aws: LocalAws

    def deliver_again(self, event: Event) -> None:
        """Puts a text on the inbound queue once more, as if SQS had delivered it twice."""
        self.aws.sqs(self.stage.region).send_message(
            QueueUrl=self.stage.queues["inbound"],
            MessageBody=json.dumps(event),
            MessageGroupId=conversation_group(event),
            MessageDeduplicationId=secrets.token_hex(16),
        )

    def settle(self, *, within_seconds: float = 60) -> bool:
        """Whether both are empty in time, with nothing being worked on."""
        deadline = time.monotonic() + within_seconds
        while not (settled := not self._waiting()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return settled

    def _waiting(self) -> int:
        sqs = self.aws.sqs(self.stage.region)
        queues = [
            sqs.get_queue_attributes(
                QueueUrl=self.stage.queues[name],
                AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
            )
            for name in ("inbound", "outbound")
        ]
        return sum(int(count) for queue in queues for count in queue["Attributes"].values())
