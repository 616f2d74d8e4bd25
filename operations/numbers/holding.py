"""Which agent has a number: giving numbers to agents, taking them back, and looking."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from operations.numbers import changing
from operations.numbers.agent_webhook import require_texting_agent
from operations.numbers.batch import FailedNumber, unless_alone
from operations.numbers.connect import check_free
from operations.numbers.described_number import DescribedNumber, check_description
from operations.numbers.pages import PAGE_SIZE
from operations.numbers.state import NumberState
from operations.operator import Operator
from operations.ports import Page
from operations.tenants.agent_edits import agent_named
from operations.tenants.edits import existing
from operations.tenants.managed_tenant import ManagedTenant
from shared.address import Address
from shared.errors import Conflict, NotFound
from shared.tenants.agent import Agent
from shared.tenants.record import HeldNumber

_SEARCHED_MAX = 10
"""How many pages of the directory are searched for one page of a list."""


@dataclass(frozen=True)
class ListedNumber:
    """A number in a list.

    Attributes:
        number: the number in E.164, or another address.
        agent: the name of the agent that has it; its id when the agent does not exist any more.
        stage: the agent's stage; None when the agent does not exist any more.
        description: what the operators noted down about it; empty for nothing.
    """

    number: str = field(repr=False)
    agent: str
    stage: str | None
    description: str = field(repr=False)

    def describe(self) -> Mapping[str, object]:
        """The number as a record for the operator."""
        return {
            "number": self.number,
            "agent": self.agent,
            "region": self.stage,
            "description": self.description or None,
        }


@dataclass(frozen=True)
class NumberHolder:
    """Who has a number.

    Attributes:
        tenant: the tenant's id.
        agent: the agent's name; its id when the tenant or the agent does not exist any more.
        description: what the operators of that tenant noted down about it; empty for nothing.
    """

    number: str = field(repr=False)
    tenant: str
    agent: str
    description: str = field(repr=False)

    def describe(self) -> Mapping[str, object]:
        """The holder as a record for the operator."""
        return {
            "number": self.number,
            "tenant": self.tenant,
            "agent": self.agent,
            "description": self.description or None,
        }


def assign(
    operator: Operator, numbers: Sequence[str], agent_name: str, *, description: str | None = None
) -> list[FailedNumber]:
    """Gives numbers to an agent; returns those that it could not be given.

    Args:
        operator: who changes it; the tenant must be certain.
        numbers: each in E.164, or another address, and once.
        agent_name: the agent's name.
        description: describes each of the numbers, also those that the agent has already; None leaves these as is.

    Raises NotFound when there is no such agent, CommandDeclined when it takes no texts, InvalidValue for a description
    that is too long; Unavailable, Configuration; and, when there is only one number, Conflict when another agent or
    tenant has it.
    """
    text = None if description is None else check_description(description)
    tenant = operator.read()
    agent = require_texting_agent(agent_named(tenant, agent_name))
    held_numbers = operator.target.numbers_directory.find_all(numbers)
    taken = list(taken_elsewhere(tenant, agent, numbers, held_numbers))
    operator.announce_change()
    free = [number for number in numbers if number not in held_numbers]
    failed = [*taken, *changing.assign(operator, agent, dict.fromkeys(free, text or ""))]
    if text is not None:
        mine = set(held_numbers) - {failure.number for failure in taken}
        failed += changing.describe(operator, agent, {number: text for number in numbers if number in mine})
    return unless_alone(failed, len(numbers))


def taken_elsewhere(
    tenant: ManagedTenant, agent: Agent, numbers: Iterable[str], held_numbers: Mapping[str, HeldNumber]
) -> Iterator[FailedNumber]:
    """Those of the numbers that another agent or another tenant has, so that this agent cannot have them."""
    for number in numbers:
        try:
            check_free(tenant, NumberState(number, held_numbers.get(number)), agent)
        except Conflict as error:
            yield FailedNumber(number, error)


def describe(operator: Operator, number: str, description: str) -> None:
    """Notes down something about a number that an agent of the tenant, which must be certain, has; nothing when empty.

    Raises InvalidValue for a description that is too long, NotFound when no agent of the tenant has the number;
    Unavailable, Configuration.
    """
    text = check_description(description)
    tenant = operator.read()
    held = operator.target.numbers_directory.find(number)
    agent = tenant.agent(NumberState(number, held).agent_id(tenant.id) or "")
    operator.announce_change()
    unless_alone(changing.describe(operator, existing(agent, _not_held(tenant)), {number: text}), 1)


def release(operator: Operator, numbers: Sequence[str]) -> list[FailedNumber]:
    """Takes numbers from the agents that have them; returns those that could not be released.

    Raises Unavailable, Configuration; and, when there is only one number, NotFound when no agent of the tenant has it.
    """
    tenant = operator.read()
    found = operator.target.numbers_directory.find_all(numbers)
    mine = {number: held for number, held in found.items() if held.tenant_id == tenant.id}
    operator.announce_change()
    not_held = [FailedNumber(number, NotFound(_not_held(tenant))) for number in numbers if number not in mine]
    held_numbers = [mine[number] for number in numbers if number in mine]
    failed = changing.release(operator, held_numbers, lambda held: agent_name(tenant, held))
    return unless_alone([*not_held, *failed], len(numbers))


def list_numbers(
    operator: Operator,
    *,
    agent: str | None = None,
    search: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Iterator[Sequence[ListedNumber]]:
    """The tenant's numbers in pages, in the order of agents' ids and numbers.

    Args:
        operator: who asks.
        agent: the name of the agent whose numbers are wanted; None for all agents.
        search: a part of the number or of its description; None for all numbers.
        after: the last number that was listed before; it must still belong to the same agent. None for the beginning.
        limit: the most numbers to list; None for all.

    Raises NotFound for an agent that does not exist, or when `after` is not the tenant's number any more; Unavailable,
    Configuration.
    """
    tenant = operator.read()
    agent_id = None if agent is None else agent_named(tenant, agent).id
    position = None if after is None else _position(operator, tenant, after, agent_id)
    remaining = limit
    while remaining is None or remaining > 0:
        size = PAGE_SIZE if remaining is None else min(remaining, PAGE_SIZE)
        page = _page(operator, tenant, agent_id, search, position, size)
        yield page.items
        remaining = None if remaining is None else remaining - len(page.items)
        if (position := page.next) is None:
            return


def page_of_numbers(
    operator: Operator,
    *,
    agent: str | None = None,
    search: str | None = None,
    position: str | None = None,
    limit: int = 100,
) -> Page[ListedNumber]:
    """Some of the tenant's numbers, in the order of agents' ids and numbers.

    Of many numbers only some are searched at a time: so a page may have fewer than `limit`, or none, and go on all the
    same.

    Args:
        operator: who asks.
        agent: the name of the agent whose numbers are wanted; None for all agents.
        search: a part of the number or of its description; None for all numbers.
        position: `next` of the page before; None for the beginning.
        limit: the most numbers to list.

    Raises NotFound for an agent that does not exist; Unavailable, Configuration.
    """
    tenant = operator.read()
    agent_id = None if agent is None else agent_named(tenant, agent).id
    return _page(operator, tenant, agent_id, search, position, limit)


def _page(  # noqa: PLR0913, PLR0917 -- which numbers, and how many
    operator: Operator,
    tenant: ManagedTenant,
    agent_id: str | None,
    search: str | None,
    position: str | None,
    limit: int,
) -> Page[ListedNumber]:
    directory, matches = operator.target.numbers_directory, matching(search)
    wanted: list[ListedNumber] = []
    for _ in range(_SEARCHED_MAX):
        page = directory.page(tenant.id, agent_id, after=position, limit=PAGE_SIZE if search else limit)
        for held in page.items:
            if matches(held):
                wanted.append(_listed(tenant, held))
            if len(wanted) == limit:
                is_last = held is page.items[-1] and page.next is None
                return Page(wanted, None if is_last else f"{held.agent_id}#{held.address}")
        if (position := page.next) is None:
            return Page(wanted)
    return Page(wanted, position)


def find(operator: Operator, number: str) -> NumberHolder | None:
    """Who gets the texts to an address, of whichever tenant; None for nobody. Raises Unavailable, Configuration."""
    directory = operator.target.numbers_directory
    held = next(filter(None, map(directory.find, Address.parse(number).held_as)), None)
    if held is None:
        return None
    try:
        tenant, _ = operator.target.store.read(held.tenant_id)
    except NotFound:
        return NumberHolder(held.address, held.tenant_id, held.agent_id, "")
    return NumberHolder(held.address, tenant.id, agent_name(tenant, held), directory.description(held))


def matching(search: str | None) -> Callable[[DescribedNumber], bool]:
    """Whether a number or its description has the text in it; punctuation between digits does not count."""
    if not search:
        return lambda _: True
    text, digits = search.strip().casefold(), re.sub(r"[\s().\-/]", "", search).casefold()
    return lambda held: text in held.description.casefold() or (digits != "" and digits in held.address.casefold())


def _listed(tenant: ManagedTenant, held: DescribedNumber) -> ListedNumber:
    agent = tenant.agent(held.agent_id)
    return ListedNumber(held.address, agent_name(tenant, held), agent.stage if agent else None, held.description)


def _not_held(tenant: ManagedTenant) -> str:
    return f"no agent of tenant {tenant.id!r} holds this number; see: sms number list"


def agent_name(tenant: ManagedTenant, held: HeldNumber) -> str:
    """The name of the agent that has a number; its id when the agent does not exist any more."""
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
