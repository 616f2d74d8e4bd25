"""Connecting a number at its provider: the plan for an operator to confirm, and carrying it out.

`operations/numbers/connect.py` decides what changes. Here the tenant and the number are read, and the changes made: the
document first, then the provider.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.audit.entries import Change, masked
from operations.numbers import connect, drift
from operations.numbers.agent_webhook import deployed_stages
from operations.numbers.connect import Plan
from operations.numbers.drift import Key
from operations.numbers.owned_numbers import OwnedNumber, find_number, resumable
from operations.operator import Operator
from operations.tenants.editor import Administration
from shared.errors import CommandDeclined, Conflict, Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Role, Tenant

CHANGED_MEANWHILE = "somebody changed something of it meanwhile, so nothing was changed; run the command again to see"


@dataclass(frozen=True)
class PlannedConnection:
    """What connecting a number would change, and what that was decided on.

    Attributes:
        number: E.164.
        agent: the name of the agent that gets the number's texts.
        plan: what changes.
        key: the API key to use, unless a working one is in the number's webhooks already.
        bases: the URL that the webhooks of each deployed stage begin with, by stage.
        take_over: whether to remove what keeps the texts from the number's own webhooks.
    """

    number: str = field(repr=False)
    agent: str
    plan: Plan
    key: Key
    bases: Mapping[str, str]
    take_over: bool

    def check_possible(self) -> None:
        """Returns when nothing takes the texts elsewhere. Raises CommandDeclined."""
        if self.plan.obstacles:
            raise CommandDeclined("; ".join(self.plan.obstacles))


def agent_with(tenant: Tenant, number: str) -> str:
    """The name of the agent that has the number already. Raises CommandDeclined."""
    agent = tenant.agent_at(number)
    if agent is None:
        message = "no agent has this number yet; say who is to get its texts: --agent NAME"
        raise CommandDeclined(message)
    return agent.name


def plan(
    operator: Operator, number: str, *, agent: str | None = None, key: str | None = None, take_over: bool = False
) -> PlannedConnection:
    """What connecting the number would change. It changes nothing.

    Args:
        operator: who asks; the tenant must be certain.
        number: E.164.
        agent: the name of the agent that gets the texts; None for the one that has the number already.
        key: the API key to use; None for a new one for this number alone.
        take_over: whether to remove what keeps the texts from the number's own webhooks.

    Raises InvalidKey, ForbiddenRole, CommandDeclined, Unavailable, UpstreamRefused, Configuration.
    """
    tenant = operator.read()
    agent_name = agent or agent_with(tenant, number)
    webhook_key = _issue_key(operator, tenant, number) if key is None else _existing_key(tenant, key)
    bases = deployed_stages(operator.target)
    provider_number = find_number(operator, tenant, number).number
    changes = connect.connect(tenant, provider_number, agent_name, bases, webhook_key, take_over=take_over)
    return PlannedConnection(number, agent_name, changes, webhook_key, bases, take_over)


def carry_out(operator: Operator, administration: Administration, planned: PlannedConnection) -> None:
    """Connects the number as planned; a plan without changes changes nothing.

    Raises Conflict, and changes nothing, when the tenant or the number is not as it was when this was planned;
    CommandDeclined when something takes the texts elsewhere; Unavailable when it is not finished, and then another run
    finishes it.
    """
    planned.check_possible()
    if not planned.plan.changes:
        return
    owned_number = find_number(operator, operator.read(), planned.number)
    tenant = administration.change(operator.tenant_id, lambda tenant: _confirmed_edit(tenant, owned_number, planned))
    with resumable("connecting"):
        owned_number.provider.set_webhooks(owned_number.account, owned_number.number, planned.plan.webhooks)
        if planned.plan.service:
            owned_number.provider.set_on_number(owned_number.account, planned.plan.service, on_number=True)
        operator.record(Change("number.set_webhooks", tenant.id, {"number": masked(planned.number)}))
        provider_number = find_number(operator, tenant, planned.number).number
        differences = drift.drift(tenant, planned.number, provider_number, planned.bases)
        if differences:
            message = f"Twilio still has something else: {', '.join(difference.what for difference in differences)}"
            raise Unavailable(message)


def _confirmed_edit(tenant: Tenant, owned_number: OwnedNumber, planned: PlannedConnection) -> Tenant:
    """The tenant with the number connected, if that changes exactly what was planned.

    Raises Conflict, CommandDeclined.
    """
    current_plan = connect.connect(
        tenant, owned_number.number, planned.agent, planned.bases, planned.key, take_over=planned.take_over
    )
    if current_plan.changes != planned.plan.changes:
        raise Conflict(CHANGED_MEANWHILE)
    return current_plan.edit(tenant)


def _existing_key(tenant: Tenant, text: str) -> Key:
    return Key(api_keys.texting_credential(tenant, text), text)


def _issue_key(operator: Operator, tenant: Tenant, number: str) -> Key:
    name = connect.credential_name(tenant, number)
    return Key(*api_keys.issue(tenant.id, name, Role.WRITER, operator.world.now()), is_new=True)
