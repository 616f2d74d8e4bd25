"""What the scenes of the demonstration are played with: persons with phones, and an agent that follows a script."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from devstack.aws import LocalAws
from devstack.backend import Answers, Backend, Event, Says, parrot
from devstack.demo.line import NUMBERS, SECOND, Line
from devstack.faults import Faults
from devstack.person import Person
from devstack.phones import Phones
from devstack.queues import Queues
from devstack.state import State
from operations.stage.target import Stage

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

    @property
    def queues(self) -> Queues:
        """The stage's queues."""
        return Queues(self.present.stages[STAGE], self.aws)

    def _following(self, path: str) -> Answers:
        def answer(event: Event) -> Says:
            return self._scripts.get((event["data"]["from"], path), parrot)(event)

        return answer
