"""Whether the provider has for a tenant's numbers what it should have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.numbers import drift
from operations.numbers.agent_webhook import deployed_stages
from operations.numbers.drift import Difference
from operations.numbers.owned_numbers import find_numbers
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


def check(operator: Operator, number: str | None = None) -> list[CheckedNumber]:
    """Each number compared with the provider. It changes nothing.

    Args:
        operator: who asks.
        number: E.164; None for all that agents have or that were connected.

    Raises CommandDeclined, Unavailable, UpstreamRefused, Configuration.
    """
    tenant = operator.read()
    numbers = drift.numbers_of(tenant) if number is None else [number]
    owned_numbers = find_numbers(operator, tenant.accounts, numbers)
    bases = deployed_stages(operator.target)
    results = []
    for name in numbers:
        agent = tenant.agent_at(name)
        provider_number = owned_numbers[name].number if name in owned_numbers else None
        differences = drift.drift(tenant, name, provider_number, bases)
        results.append(CheckedNumber(name, agent.name if agent else None, differences))
    return results
