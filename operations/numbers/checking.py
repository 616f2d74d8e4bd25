"""Whether the provider has for a tenant's numbers what it should have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from operations.numbers import drift
from operations.numbers.agent_webhook import deployed_stages
from operations.numbers.drift import Difference
from operations.numbers.owned_numbers import find_numbers
from operations.numbers.pages import PAGE_SIZE, connections_of, numbers_of
from operations.numbers.state import NumberState
from operations.operator import Operator


@dataclass(frozen=True)
class CheckedNumber:
    """A number, and what keeps its texts from its agent.

    Attributes:
        number: E.164.
        agent: the name of the agent that has the number; None when none has it.
        differences: what is not as it should be; empty when everything is.
    """

    number: str = field(repr=False)
    agent: str | None
    differences: tuple[Difference, ...]

    def describe(self) -> Mapping[str, object]:
        """The number as a record for the operator."""
        differences = [
            {"what": difference.what, "is": difference.current, "should_be": difference.desired}
            for difference in self.differences
        ]
        return {"number": self.number, "agent": self.agent, "ok": not differences, "differences": differences}


def check(operator: Operator, number: str | None = None) -> Iterator[Sequence[CheckedNumber]]:
    """The numbers compared with the provider, in pages. It changes nothing.

    Args:
        operator: who asks.
        number: E.164; None for all that agents have or that were connected.

    Raises CommandDeclined, Unavailable, UpstreamRefused, Configuration.
    """
    tenant = operator.read()
    agent_ids = (
        _all_numbers(operator, tenant.id) if number is None else {number: _agent_id(operator, tenant.id, number)}
    )
    owned_numbers = find_numbers(operator, tenant.accounts, agent_ids.keys())
    bases = deployed_stages(operator.target)
    numbers = list(agent_ids)
    begins = range(0, len(numbers), PAGE_SIZE)
    for begin in operator.progress.watched(begins, "Checking"):
        page = []
        for name in numbers[begin : begin + PAGE_SIZE]:
            agent = tenant.agent(agent_ids[name] or "")
            provider_number = owned_numbers[name].number if name in owned_numbers else None
            differences = drift.drift(tenant, agent, provider_number, bases)
            page.append(CheckedNumber(name, agent.name if agent else None, differences))
        yield page


def _agent_id(operator: Operator, tenant_id: str, number: str) -> str | None:
    held = operator.target.numbers_directory.find(number)
    return NumberState(number, held).agent_id(tenant_id)


def _all_numbers(operator: Operator, tenant_id: str) -> Mapping[str, str | None]:
    """The numbers that agents have, each with its agent's id, and then those that were connected and no agent has."""
    directory = operator.target.numbers_directory
    agent_ids: dict[str, str | None] = {held.address: held.agent_id for held in numbers_of(directory, tenant_id)}
    for connection in connections_of(directory, tenant_id):
        agent_ids.setdefault(connection.number, None)
    return agent_ids
