"""Changing many numbers in the directory, as many at once as fit into a transaction."""

from collections.abc import Callable, Mapping, Sequence

from operations.audit import entries
from operations.numbers.batch import FailedNumber
from operations.operator import Operator
from operations.ports import CHANGED_AT_ONCE
from shared.errors import Conflict, NotFound, SmsReceiverError, Unavailable
from shared.tenants.agent import Agent
from shared.tenants.record import HeldNumber

_NOT_TRIED = "not tried, because AWS did not take the numbers before it"


def assign(operator: Operator, agent: Agent, descriptions: Mapping[str, str]) -> list[FailedNumber]:
    """Gives numbers to an agent; returns those that somebody else got meanwhile, or that AWS did not take.

    Args:
        operator: who changes it; the tenant must be certain.
        agent: the agent, which must take texts.
        descriptions: the numbers, each with its description, which may be empty.

    Raises NotFound when somebody deletes the agent meanwhile, Configuration.
    """
    directory, tenant_id = operator.target.numbers_directory, operator.tenant_id

    def change(numbers: Sequence[str]) -> Mapping[str, Conflict]:
        assigned = directory.assign_all(tenant_id, agent.id, {number: descriptions[number] for number in numbers})
        operator.record(*(entries.assigned(tenant_id, number, agent.name) for number in assigned.new))
        return assigned.refused

    return _in_parts(operator, list(descriptions), "Assigning", change)


def describe(operator: Operator, agent: Agent, descriptions: Mapping[str, str]) -> list[FailedNumber]:
    """Describes numbers of an agent; returns those that it does not have any more, or that AWS did not take.

    Args:
        operator: who changes it; the tenant must be certain.
        agent: the agent that has the numbers.
        descriptions: the numbers, each with its description; an empty one is none.

    Raises Configuration.
    """
    directory, tenant_id = operator.target.numbers_directory, operator.tenant_id

    def change(numbers: Sequence[str]) -> Mapping[str, NotFound]:
        missing = directory.describe_all(tenant_id, agent.id, {number: descriptions[number] for number in numbers})
        operator.record(
            *(entries.described(tenant_id, number, agent.name) for number in numbers if number not in missing)
        )
        return dict.fromkeys(missing, NotFound(f"agent {agent.name!r} does not hold this number any more"))

    return _in_parts(operator, list(descriptions), "Describing", change)


def release(
    operator: Operator, held_numbers: Sequence[HeldNumber], agent_name: Callable[[HeldNumber], str]
) -> list[FailedNumber]:
    """Takes numbers from their agents; returns those that these did not have any more, or that AWS did not take.

    Args:
        operator: who changes it; the tenant must be certain.
        held_numbers: the numbers with their agents.
        agent_name: the name of the agent that has a number, for the audit log.

    Raises Configuration.
    """
    directory, by_number = operator.target.numbers_directory, {held.address: held for held in held_numbers}

    def change(numbers: Sequence[str]) -> Mapping[str, Conflict]:
        missing = {held.address for held in directory.release_all([by_number[number] for number in numbers])}
        operator.record(
            *(
                entries.released(operator.tenant_id, number, agent_name(by_number[number]))
                for number in numbers
                if number not in missing
            )
        )
        return {number: Conflict("this number is not its agent's any more; see: sms number list") for number in missing}

    return _in_parts(operator, list(by_number), "Releasing", change)


def _in_parts(
    operator: Operator,
    numbers: Sequence[str],
    doing: str,
    change: Callable[[Sequence[str]], Mapping[str, SmsReceiverError]],
) -> list[FailedNumber]:
    """The numbers that `change` refused, in order. After a part that AWS did not take, the others are not tried."""
    if not numbers:
        return []
    parts = [numbers[begin : begin + CHANGED_AT_ONCE] for begin in range(0, len(numbers), CHANGED_AT_ONCE)]
    failed: list[FailedNumber] = []
    is_away = False
    for part in operator.progress.watched(parts, doing):
        errors: Mapping[str, SmsReceiverError]
        try:
            errors = dict.fromkeys(part, Unavailable(_NOT_TRIED)) if is_away else change(part)
        except Unavailable as error:
            errors, is_away = dict.fromkeys(part, error), True
        failed += [FailedNumber(number, errors[number]) for number in part if number in errors]
    return failed
