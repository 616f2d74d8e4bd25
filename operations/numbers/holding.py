"""Which agent has a number: giving numbers to agents, taking them back, and looking."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from operations.audit import entries
from operations.numbers.agent_webhook import require_texting_agent
from operations.numbers.batch import FailedNumber, each_number, unless_alone
from operations.numbers.connect import check_free
from operations.numbers.pages import PAGE_SIZE
from operations.numbers.state import NumberState
from operations.operator import Operator
from operations.tenants.agent_edits import agent_named
from operations.tenants.edits import existing
from operations.tenants.managed_tenant import ManagedTenant
from shared.address import Address
from shared.errors import NotFound
from shared.tenants.record import HeldNumber


@dataclass(frozen=True)
class ListedNumber:
    """A number in a list.

    Attributes:
        number: the number in E.164, or another address.
        agent: the name of the agent that has it; its id when the agent does not exist any more.
        stage: the agent's stage; None when the agent does not exist any more.
    """

    number: str = field(repr=False)
    agent: str
    stage: str | None

    def describe(self) -> Mapping[str, object]:
        """The number as a record for the operator."""
        return {"number": self.number, "agent": self.agent, "region": self.stage}


@dataclass(frozen=True)
class NumberHolder:
    """Who has a number.

    Attributes:
        tenant: the tenant's id.
        agent: the agent's name; its id when the tenant or the agent does not exist any more.
    """

    number: str = field(repr=False)
    tenant: str
    agent: str

    def describe(self) -> Mapping[str, object]:
        """The holder as a record for the operator."""
        return {"number": self.number, "tenant": self.tenant, "agent": self.agent}


def assign(operator: Operator, numbers: Sequence[str], agent_name: str) -> list[FailedNumber]:
    """Gives numbers to an agent; returns those that it could not be given.

    Raises NotFound when there is no such agent, CommandDeclined when it takes no texts; Unavailable, Configuration;
    and, when there is only one number, Conflict when another agent or tenant has it.
    """
    tenant, directory = operator.read(), operator.target.numbers_directory
    agent = require_texting_agent(agent_named(tenant, agent_name))
    operator.announce_change()

    def assign_number(number: str) -> None:
        check_free(tenant, NumberState(number, directory.find(number)), agent)
        if directory.assign(tenant.id, agent.id, number):
            operator.record(entries.assigned(tenant.id, number, agent.name))

    return unless_alone(each_number(operator, numbers, "Assigning", assign_number), len(numbers))


def release(operator: Operator, numbers: Sequence[str]) -> list[FailedNumber]:
    """Takes numbers from the agents that have them; returns those that could not be released.

    Raises Unavailable, Configuration; and, when there is only one number, NotFound when no agent of the tenant has it.
    """
    tenant, directory = operator.read(), operator.target.numbers_directory
    operator.announce_change()

    def release_number(number: str) -> None:
        held = directory.find(number)
        if held is None or held.tenant_id != tenant.id:
            message = f"no agent of tenant {tenant.id!r} holds this number; see: sms number list"
            raise NotFound(message)
        directory.release(held)
        operator.record(entries.released(tenant.id, number, _agent_name(tenant, held)))

    return unless_alone(each_number(operator, numbers, "Releasing", release_number), len(numbers))


def list_numbers(
    operator: Operator, *, agent: str | None = None, after: str | None = None, limit: int | None = None
) -> Iterator[Sequence[ListedNumber]]:
    """The tenant's numbers in pages, in the order of agents' ids and numbers.

    Args:
        operator: who asks.
        agent: the name of the agent whose numbers are wanted; None for all agents.
        after: the last number that was listed before; it must still belong to the same agent. None for the beginning.
        limit: the most numbers to list; None for all.

    Raises NotFound for an agent that does not exist, or when `after` is not the tenant's number any more; Unavailable,
    Configuration.
    """
    tenant, directory = operator.read(), operator.target.numbers_directory
    agent_id = None if agent is None else agent_named(tenant, agent).id
    position = None if after is None else _position(operator, tenant, after, agent_id)
    remaining = limit
    while remaining is None or remaining > 0:
        page = directory.page(
            tenant.id, agent_id, after=position, limit=PAGE_SIZE if remaining is None else min(remaining, PAGE_SIZE)
        )
        yield [_listed(tenant, held) for held in page.items]
        remaining = None if remaining is None else remaining - len(page.items)
        if (position := page.next) is None:
            return


def find(operator: Operator, number: str) -> NumberHolder | None:
    """Who gets the texts to an address, of whichever tenant; None for nobody. Raises Unavailable, Configuration."""
    directory = operator.target.numbers_directory
    held = next(filter(None, map(directory.find, Address.parse(number).held_as)), None)
    if held is None:
        return None
    try:
        tenant, _ = operator.target.store.read(held.tenant_id)
    except NotFound:
        return NumberHolder(held.address, held.tenant_id, held.agent_id)
    return NumberHolder(held.address, tenant.id, _agent_name(tenant, held))


def _listed(tenant: ManagedTenant, held: HeldNumber) -> ListedNumber:
    agent = tenant.agent(held.agent_id)
    return ListedNumber(held.address, _agent_name(tenant, held), agent.stage if agent else None)


def _agent_name(tenant: ManagedTenant, held: HeldNumber) -> str:
    agent = tenant.agent(held.agent_id)
    return agent.name if agent else held.agent_id


def _position(operator: Operator, tenant: ManagedTenant, number: str, agent_id: str | None) -> str:
    """Where a list goes on after a number."""
    if agent_id is not None:
        return f"{agent_id}#{number}"
    sentence = f"no agent of tenant {tenant.id!r} holds the number to go on after; list from the beginning"
    held = operator.target.numbers_directory.find(number)
    holder = existing(NumberState(number, held).agent_id(tenant.id), sentence)
    return f"{holder}#{number}"
