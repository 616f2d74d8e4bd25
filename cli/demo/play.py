"""What the scenes of the demonstration are played with: persons with phones, and an agent that follows a script."""

import itertools
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.demo.line import NUMBERS, SECOND, Line
from cli.local.aws import LocalAws
from cli.local.backend import Answers, Backend, Event, Says, parrot
from cli.local.faults import Faults
from cli.local.person import Person
from cli.local.phones import Phones
from cli.local.state import State
from cli.target import Stage
from shared.events import conversation_group

STAGE: Stage = "east"


@dataclass
class Play:
    """The stack, the line and the agent."""

    line: Line
    present: State
    phones: Phones
    backend: Backend
    aws: LocalAws
    _scripts: dict[tuple[str, str], Answers] = field(default_factory=dict)
    _persons: Iterator[int] = field(default_factory=lambda: itertools.count(200))

    def __post_init__(self) -> None:
        """Lets each person have a script of their own."""
        for path in ("/", SECOND):
            self.backend.on(self.line.tenant, self._following(path), path=path)

    @property
    def faults(self) -> Faults:
        """What can go wrong with the stage."""
        return Faults(STAGE, self.aws)

    def person(self, answers: Answers = parrot, *, second: Answers = parrot, to: str = NUMBERS[STAGE]) -> Person:
        """Somebody new, whom the agent answers so, and the agent's second location so."""
        address = f"+1202555{next(self._persons):04}"
        self._scripts[address, "/"] = answers
        self._scripts[address, SECOND] = second
        return Person(address, to, self.phones, self.backend)

    def deliver_again(self, event: Event) -> None:
        """Puts a text on the inbound queue once more, as if SQS had delivered it twice."""
        self.aws.sqs(self.present.stages[STAGE].region).send_message(
            QueueUrl=self.present.stages[STAGE].queues["inbound"],
            MessageBody=json.dumps(event),
            MessageGroupId=conversation_group(event),
            MessageDeduplicationId=secrets.token_hex(16),
        )

    def settle(self, *, within_seconds: float = 30) -> bool:
        """Whether all queues of the stage are empty in time."""
        deadline = time.monotonic() + within_seconds
        while not (settled := not self._waiting()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return settled

    def _waiting(self) -> int:
        stage = self.present.stages[STAGE]
        sqs = self.aws.sqs(stage.region)
        queues = [
            sqs.get_queue_attributes(
                QueueUrl=stage.queues[name],
                AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
            )
            for name in ("inbound", "outbound")
        ]
        return sum(int(count) for queue in queues for count in queue["Attributes"].values())

    def _following(self, path: str) -> Answers:
        def answer(event: Event) -> Says:
            return self._scripts.get((event["data"]["from"], path), parrot)(event)

        return answer
