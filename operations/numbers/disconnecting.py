"""Disconnecting a number from its agent: the plan for an operator to confirm, and carrying it out.

`operations/numbers/disconnect.py` decides what changes. Here what is stored and the number are read, and the changes
are made: the provider first, then what is stored.
"""

from dataclasses import dataclass, field

from operations.audit import entries
from operations.audit.entries import Change, masked
from operations.numbers.connect import Plan
from operations.numbers.connecting import CHANGED_MEANWHILE
from operations.numbers.disconnect import disconnect
from operations.numbers.owned_numbers import OwnedNumber, read_states, resumable
from operations.numbers.state import NumberState
from operations.operator import Operator
from operations.tenants.edits import account_named
from shared.errors import Conflict


@dataclass(frozen=True)
class PlannedDisconnection:
    """What disconnecting a number would change.

    Attributes:
        number: E.164.
        plan: what changes.
        force: whether the former webhooks also replace what somebody else set.
    """

    number: str = field(repr=False)
    plan: Plan
    force: bool


def plan(operator: Operator, number: str, *, force: bool = False) -> PlannedDisconnection:
    """What disconnecting the number would change. It changes nothing.

    Args:
        operator: who asks; the tenant must be certain.
        number: E.164.
        force: whether the former webhooks also replace what somebody else set.

    Raises NotFound when the number was not connected, Unavailable, UpstreamRefused, Configuration.
    """
    return PlannedDisconnection(number, _current_plan(operator, number, force=force)[0], force)


def carry_out(operator: Operator, planned: PlannedDisconnection) -> None:
    """Disconnects the number as planned.

    Raises Conflict, and changes nothing, when the number is not as it was when this was planned; Unavailable when it is
    not finished, and then another run finishes it; CommandDeclined, Configuration.
    """
    current_plan, state, owned_number = _current_plan(operator, planned.number, force=planned.force)
    if current_plan.changes != planned.plan.changes or state.connection is None:
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


def _current_plan(operator: Operator, number: str, *, force: bool) -> tuple[Plan, NumberState, OwnedNumber | None]:
    """What disconnecting changes now, the number's state, and the number if the account still has it."""
    tenant = operator.read()
    connection = operator.target.numbers_directory.connection(tenant.id, number)
    accounts = [account_named(tenant, connection.account)] if connection else []
    states = read_states(operator, accounts, [number])
    state = states.by_number[number]
    return disconnect(tenant.id, state, force=force), state, states.owned.get(number)
