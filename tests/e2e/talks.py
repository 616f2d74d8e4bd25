"""A talk: a line of its own, a person of its own, and an agent that answers as the test says."""

from dataclasses import dataclass
from typing import Any

from devstack.aws import LocalAws
from devstack.backend import Answers, LocalBackend, parrot
from devstack.faults import Faults
from devstack.person import Person
from devstack.phones import Phones
from devstack.queues import Queues
from shared.tenants.account import RestKey
from tests.e2e.lines import Line, Lines, fresh_number
from tests.e2e.waiting import until

SECOND = "/second"


@dataclass(frozen=True)
class Talk:
    """Who talks, and over what."""

    line: Line
    person: Person
    queues: Queues
    faults: Faults


@dataclass(frozen=True)
class Talks:
    """Begins talks."""

    lines: Lines
    phones: Phones
    backend: LocalBackend
    aws: LocalAws

    def begin(
        self,
        stage: str,
        answers: Answers = parrot,
        *,
        second: Answers | None = None,
        statuses: bool = False,
        rest_key: RestKey | None = None,
        **agent: Any,  # noqa: ANN401 - any field of an agent
    ) -> Talk:
        """A new tenant whose agent answers so, its second location so if there is one, and somebody to text it."""
        given = {
            "backend": self.backend.settings(statuses=statuses),
            "second_backend": self.backend.settings(path=SECOND) if second else None,
            **agent,
        }
        line = self.lines.open(stage, rest_key=rest_key, **given)
        self.backend.on(line.tenant, answers)
        if second:
            self.backend.on(line.tenant, second, path=SECOND)
        return Talk(
            line=line,
            person=self.person(line),
            queues=Queues(self.lines.present.stages[stage], self.aws),
            faults=Faults(stage, self.aws),
        )

    def rest(self, stage: str) -> None:
        """Returns when nothing is on its way.

        ministack kills what a function is at when the function is changed, and then at times what it began since.
        """
        queues = Queues(self.lines.present.stages[stage], self.aws)
        quiet = until(lambda: queues.settle() and self.phones.idle() and queues.settle(), within_seconds=60)
        assert quiet, "the stage did not come to rest"

    def person(self, line: Line) -> Person:
        """Somebody else who texts the line."""
        address = fresh_number()
        self.lines.secret.add(address)
        return Person(address, line.number, self.phones, self.backend)
