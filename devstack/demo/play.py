"""What the scenes of the demonstration need: people with phones, and an agent that follows a script."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from devstack.aws import LocalAws
from devstack.backend import Answers, CannedAnswer, Event, LocalBackend, parrot
from devstack.demo.demo_tenant import NUMBERS, SECOND, DemoTenant
from devstack.faults import Faults
from devstack.person import Person
from devstack.phones import Phones
from devstack.queues import Queues
from devstack.state import StackState
from operations.stage.names import Stage

STAGE: Stage = "east"


@dataclass
class Play:
    """The tenant, the local stack, the phones and the agent's backend."""

    tenant: DemoTenant
    stack: StackState
    phones: Phones
    backend: LocalBackend
    aws: LocalAws
    _scripts: dict[tuple[str, str], Answers] = field(default_factory=dict)
    _persons: Iterator[int] = field(default_factory=lambda: itertools.count(200))

    def __post_init__(self) -> None:
        """Makes the backend follow a separate script for each person."""
        for path in ("/", SECOND):
            self.backend.on(self.tenant.id, self._following(path), path=path)

    @property
    def faults(self) -> Faults:
        """Faults to cause on the stage."""
        return Faults(STAGE, self.aws)

    def person(self, answers: Answers = parrot, *, second: Answers = parrot, to: str = NUMBERS[STAGE]) -> Person:
        """A new person, with the answers of the agent's first location and those of its second one."""
        address = f"+1202555{next(self._persons):04}"
        self._scripts[address, "/"] = answers
        self._scripts[address, SECOND] = second
        return Person(address, to, self.phones, self.backend)

    @property
    def queues(self) -> Queues:
        """The stage's queues."""
        return Queues(self.stack.stages[STAGE], self.aws)

    def _following(self, path: str) -> Answers:
        def answer(event: Event) -> CannedAnswer:
            return self._scripts.get((event["data"]["from"], path), parrot)(event)

        return answer
