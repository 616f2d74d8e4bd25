"""Whether the provider has for a tenant's numbers what it should have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from operations.numbers import drift
from operations.numbers.agent_webhook import deployed_stages
from operations.numbers.by_hand import WebhookByHand, is_set_by_hand, webhook_by_hand
from operations.numbers.drift import Difference
from operations.numbers.owned_numbers import find_numbers
from operations.numbers.pages import PAGE_SIZE, connections_of, numbers_of
from operations.numbers.state import NumberState
from operations.operator import Operator


@dataclass(frozen=True)
class CheckedNumber:
    """A number, and what keeps its texts from its agent.

    Attributes:
        number: the number in E.164, or another address.
        agent: the name of the agent that has the number; None when none has it.
        differences: what is not as it should be; empty when everything is.
        by_hand: what was to be set at the provider by hand, which cannot be checked; None for a phone number.
    """

    number: str = field(repr=False)
    agent: str | None
    differences: tuple[Difference, ...]
    by_hand: WebhookByHand | None = None

    @property
    def ok(self) -> bool | None:
        """Whether everything is as it should be; None when nothing is wrong here, and the provider cannot be asked."""
        if self.differences:
            return False
        return None if self.by_hand else True

    def describe(self) -> Mapping[str, object]:
        """The number as a record for the operator."""
        differences = [
            {"what": difference.what, "is": difference.current, "should_be": difference.desired}
            for difference in self.differences
        ]
        by_hand = {"by_hand": self.by_hand.describe()} if self.by_hand else {}
        return {"number": self.number, "agent": self.agent, "ok": self.ok, "differences": differences, **by_hand}


def check(
    operator: Operator, number: str | None = None, *, limit: int | None = None
) -> Iterator[Sequence[CheckedNumber]]:
    """The numbers compared with the provider, in pages. It changes nothing.

    Args:
        operator: who asks.
        number: in E.164, or another address; None for all that agents have or that were connected.
        limit: the most numbers to compare; None for all.

    Raises CommandDeclined, Unavailable, UpstreamRefused, Configuration.
    """
    tenant = operator.read()
    agent_ids = (
        dict(islice(_all_numbers(operator, tenant.id), limit))
        if number is None
        else {number: _agent_id(operator, tenant.id, number)}
    )
    owned_numbers = find_numbers(operator, tenant.accounts, agent_ids.keys())
    bases = deployed_stages(operator.target)
    numbers = list(agent_ids)
    begins = range(0, len(numbers), PAGE_SIZE)
    for begin in operator.progress.watched(begins, "Checking"):
        page = []
        for name in numbers[begin : begin + PAGE_SIZE]:
            agent = tenant.agent(agent_ids[name] or "")
            agent_name = agent.name if agent else None
            if is_set_by_hand(name):
                webhook = webhook_by_hand(name, agent, bases) if agent else None
                page.append(CheckedNumber(name, agent_name, drift.drift_here(agent, bases), webhook))
            else:
                provider_number = owned_numbers[name].number if name in owned_numbers else None
                page.append(CheckedNumber(name, agent_name, drift.drift(tenant, agent, provider_number, bases)))
        yield page


def _agent_id(operator: Operator, tenant_id: str, number: str) -> str | None:
    held = operator.target.numbers_directory.find(number)
    return NumberState(number, held).agent_id(tenant_id)


def _all_numbers(operator: Operator, tenant_id: str) -> Iterator[tuple[str, str | None]]:
    """The numbers that agents have, each with its agent's id, and then those that were connected and no agent has."""
    directory = operator.target.numbers_directory
    held_numbers = set()
    for held in numbers_of(directory, tenant_id):
        held_numbers.add(held.address)
        yield held.address, held.agent_id
    for connection in connections_of(directory, tenant_id):
        if connection.number not in held_numbers:
            yield connection.number, None
