"""Numbers of an agent from a file: the plan for an operator to confirm, carrying it out, and a file of numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from operations.numbers import changing, csv_file
from operations.numbers.agent_webhook import require_texting_agent
from operations.numbers.batch import FailedNumber
from operations.numbers.csv_file import CsvNumber, WrongLine, WrongLines
from operations.numbers.described_number import DescribedNumber
from operations.numbers.holding import ListedNumber, taken_elsewhere
from operations.numbers.pages import numbers_of
from operations.operator import Operator
from operations.tenants.agent_edits import agent_named
from shared.errors import CommandDeclined
from shared.tenants.agent import Agent

PARKED_WHEN_REMOVED = "it is connected, so its texts are parked as no_agent until it is given away or disconnected"


@dataclass(frozen=True)
class PlannedNumber:
    """A number of which something changes.

    Attributes:
        number: the number in E.164, or another address.
        before: its description; None when the agent does not have it yet.
        after: its description; None when the agent will not have it any more.
        connected: whether its webhooks at the provider bring its texts here.
    """

    number: str = field(repr=False)
    before: str | None = field(repr=False)
    after: str | None = field(repr=False)
    connected: bool = False

    def describe(self) -> Mapping[str, object]:
        """The change as a record for the operator."""
        if self.before is None:
            return {"number": self.number, "what": "added", "is": None, "will_be": self.after or None}
        if self.after is not None:
            return {
                "number": self.number,
                "what": "description",
                "is": self.before or None,
                "will_be": self.after or None,
            }
        becomes = PARKED_WHEN_REMOVED if self.connected else None
        return {"number": self.number, "what": "removed", "is": self.before or None, "will_be": becomes}


@dataclass(frozen=True)
class PlannedImport:
    """What a file changes about the numbers of an agent.

    Attributes:
        agent: the agent.
        added: the numbers that it gets.
        described: the numbers whose descriptions change.
        removed: the numbers that it loses.
        kept: how many numbers of the file it has already, as the file says.
    """

    agent: Agent
    added: tuple[PlannedNumber, ...]
    described: tuple[PlannedNumber, ...]
    removed: tuple[PlannedNumber, ...]
    kept: int

    @property
    def changes(self) -> tuple[PlannedNumber, ...]:
        """All that changes; first what the agent loses."""
        return (*self.removed, *self.added, *self.described)

    def counts(self, besides: Iterable[FailedNumber] = ()) -> dict[str, int]:
        """How many numbers are added, kept, described anew and removed, besides those that failed."""
        failed_numbers = {failure.number for failure in besides}

        def count(numbers: Iterable[PlannedNumber]) -> int:
            return sum(each.number not in failed_numbers for each in numbers)

        return {
            "added": count(self.added),
            "kept": self.kept,
            "described": count(self.described),
            "removed": count(self.removed),
        }


def plan(operator: Operator, rows: Iterable[CsvNumber], agent_name: str, *, replace: bool) -> PlannedImport:
    """What the numbers of a file change about an agent. It changes nothing.

    Args:
        operator: who asks; the tenant must be certain.
        rows: the numbers of the file, each once.
        agent_name: the name of the agent that gets them.
        replace: whether it will have no other numbers.

    Raises WrongLines, with all lines whose number another agent or tenant has, or the file gives to another agent;
    NotFound when there is no such agent; CommandDeclined when it takes no texts, or there are no numbers; Unavailable,
    Configuration.
    """
    by_number = {row.number: row for row in rows}
    if not by_number:
        message = "the file has no numbers; to take numbers from an agent: sms number release"
        raise CommandDeclined(message)
    tenant, directory = operator.read(), operator.target.numbers_directory
    agent = require_texting_agent(agent_named(tenant, agent_name))
    taken = taken_elsewhere(tenant, agent, by_number, directory.find_all(by_number))
    wrong = [WrongLine(by_number[failure.number].line, str(failure.error)) for failure in taken]
    wrong += csv_file.for_another_agent(by_number.values(), agent.name)
    if wrong:
        raise WrongLines(wrong)
    held = {each.address: each for each in numbers_of(directory, tenant.id, agent.id)}
    leaving = [each for number, each in held.items() if replace and number not in by_number]
    connected = directory.connections_with(tenant.id, [each.address for each in leaving])
    described = tuple(_described_anew(held, by_number.values()))
    return PlannedImport(
        agent,
        added=tuple(
            PlannedNumber(number, None, row.description or "")
            for number, row in by_number.items()
            if number not in held
        ),
        described=described,
        removed=tuple(
            PlannedNumber(each.address, each.description, None, each.address in connected) for each in leaving
        ),
        kept=sum(number in held for number in by_number) - len(described),
    )


def carry_out(operator: Operator, planned: PlannedImport) -> list[FailedNumber]:
    """Changes the numbers as planned; returns those with which it failed, which another run does.

    The tenant must be certain. Raises NotFound when somebody deletes the agent meanwhile, Configuration.
    """
    agent = planned.agent
    leaving = [DescribedNumber(each.number, operator.tenant_id, agent.id) for each in planned.removed]
    return [
        *changing.release(operator, leaving, lambda _: agent.name),
        *changing.assign(operator, agent, {each.number: each.after or "" for each in planned.added}),
        *changing.describe(operator, agent, {each.number: each.after or "" for each in planned.described}),
    ]


def exported(pages: Iterable[Sequence[ListedNumber]], *, with_agents: bool) -> str:
    """A CSV file of numbers, which `operations.numbers.csv_file.read` reads back.

    Args:
        pages: the numbers.
        with_agents: whether the file has a column with the names of their agents.
    """
    columns = ("number", "description", "agent") if with_agents else ("number", "description")
    numbers = (number for page in pages for number in page)
    records = ((each.number, each.description, each.agent)[: len(columns)] for each in numbers)
    return csv_file.write(columns, records)


def _described_anew(held: Mapping[str, DescribedNumber], rows: Iterable[CsvNumber]) -> Iterator[PlannedNumber]:
    for row in rows:
        before = held[row.number].description if row.number in held else None
        if before is not None and row.description not in {None, before}:
            yield PlannedNumber(row.number, before, row.description)
