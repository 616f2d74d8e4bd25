"""Disconnecting numbers from their agents: the plan for an operator to confirm, and carrying it out.

`operations/numbers/disconnect.py` decides what changes. Here what is stored and the numbers are read, and the changes
are made, one number after the other: the provider first, then what is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from operations.audit import entries
from operations.audit.entries import Change, masked
from operations.numbers.batch import FailedNumber, each_number, unless_alone
from operations.numbers.connect import Plan
from operations.numbers.connecting import CHANGED_MEANWHILE
from operations.numbers.disconnect import SERVICE, disconnect
from operations.numbers.drift import Difference
from operations.numbers.owned_numbers import OwnedNumber, read_states, resumable
from operations.numbers.state import NumberState
from operations.operator import Operator
from operations.tenants.edits import account_named
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import Conflict


@dataclass(frozen=True)
class PlannedDisconnection:
    """What disconnecting a number would change.

    Attributes:
        number: E.164.
        plan: what changes.
    """

    number: str = field(repr=False)
    plan: Plan


@dataclass(frozen=True)
class PlannedDisconnections:
    """What disconnecting numbers would change.

    Attributes:
        numbers: the numbers that can be disconnected.
        failed: the numbers that cannot, and why.
        force: whether the former webhooks also replace what somebody else set.
    """

    numbers: tuple[PlannedDisconnection, ...]
    failed: tuple[FailedNumber, ...]
    force: bool


def plan(operator: Operator, numbers: Sequence[str], *, force: bool = False) -> PlannedDisconnections:
    """What disconnecting the numbers would change. It changes nothing.

    Args:
        operator: who asks; the tenant must be certain.
        numbers: each in E.164 form, and once.
        force: whether the former webhooks also replace what somebody else set.

    Raises Configuration, and, when there is only one number, NotFound when it was not connected, Unavailable,
    UpstreamRefused.
    """
    planned: list[PlannedDisconnection] = []
    tenant = operator.read()
    by_account: dict[str, list[str]] = {}
    for connection in operator.target.numbers_directory.connections_with(tenant.id, numbers).values():
        by_account.setdefault(connection.account, []).append(connection.number)
    states: dict[str, NumberState] = {}
    for sid, of_account in by_account.items():
        accounts = [account for account in tenant.accounts if account.sid == sid]
        states |= read_states(operator, accounts, of_account).by_number

    def plan_number(number: str) -> None:
        state = states.get(number, NumberState(number))
        if state.connection:
            account_named(tenant, state.connection.account)
        planned.append(PlannedDisconnection(number, disconnect(tenant.id, state, force=force)))

    failed = unless_alone(each_number(operator, numbers, "Planning", plan_number), len(numbers))
    return PlannedDisconnections(tuple(planned), tuple(failed), force)


def carry_out(operator: Operator, planned: PlannedDisconnections) -> list[FailedNumber]:
    """Disconnects the numbers as planned; returns those that could not be, besides those that were impossible.

    A number that is not as it was when this was planned stays as it is. One that is not finished is finished by another
    run. Raises Configuration, and, when there is only one number, what is wrong with it.
    """
    by_number = {each.number: each for each in planned.numbers}
    tenant = operator.read()
    asked = len(planned.numbers) + len(planned.failed)
    failed = each_number(
        operator,
        list(by_number),
        "Disconnecting",
        lambda number: _disconnect(operator, tenant, by_number[number], force=planned.force, alone=asked == 1),
    )
    return unless_alone(failed, asked)


def _disconnect(
    operator: Operator, tenant: ManagedTenant, planned: PlannedDisconnection, *, force: bool, alone: bool
) -> None:
    """Disconnects a number. Raises Conflict when it is not as it was; Unavailable when it is not finished."""
    current_plan, state, owned_number = _current_plan(operator, tenant, planned.number, force=force)
    now, before = current_plan.changes, planned.plan.changes
    if not alone:  # the last number of a Messaging Service gives it its texts back, and which one is the last changes
        now, before = _without_service(now), _without_service(before)
    if now != before or state.connection is None:
        raise Conflict(CHANGED_MEANWHILE)
    with resumable("disconnecting"):
        if owned_number:
            provider, account = owned_number.provider, owned_number.account
            if current_plan.service:
                provider.set_on_number(account, current_plan.service, on_number=False)
            provider.set_webhooks(account, owned_number.number, current_plan.webhooks)
            operator.record(Change("number.set_webhooks", operator.tenant_id, {"number": masked(planned.number)}))
        operator.target.numbers_directory.delete_connection(operator.tenant_id, state.connection)
    operator.record(*entries.of_connection(operator.tenant_id, state.connection, None))


def _without_service(changes: tuple[Difference, ...]) -> tuple[Difference, ...]:
    return tuple(change for change in changes if change.what != SERVICE)


def _current_plan(
    operator: Operator, tenant: ManagedTenant, number: str, *, force: bool
) -> tuple[Plan, NumberState, OwnedNumber | None]:
    """What disconnecting changes now, the number's state, and the number if the account still has it."""
    connection = operator.target.numbers_directory.connection(tenant.id, number)
    accounts = [account_named(tenant, connection.account)] if connection else []
    states = read_states(operator, accounts, [number])
    state = states.by_number[number]
    return disconnect(tenant.id, state, force=force), state, states.owned.get(number)
