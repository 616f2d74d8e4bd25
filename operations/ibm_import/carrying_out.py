"""Making what was planned: accounts first, then all agents at once, then their numbers."""

from dataclasses import dataclass

from operations.ibm_import.planning import PlannedAgent, PlannedImport
from operations.numbers import changing
from operations.numbers.batch import FailedNumber
from operations.operator import Operator
from operations.stage.names import Stage
from operations.tenants import agent_edits
from operations.tenants.agents import new_agent_id
from operations.tenants.backends import BackendChange, BackendChanges
from operations.tenants.editor import Administration
from operations.tenants.edits import Edit, in_turn
from operations.twilio import account_settings
from shared.errors import CommandDeclined
from shared.tenants.agent import Agent, AgentKind


@dataclass(frozen=True)
class CarriedOut:
    """What was made, and what was not.

    Attributes:
        accounts: the SIDs of the accounts that were added.
        agents: the names of the agents that were made.
        numbers: how many numbers agents were given.
        failed_accounts: the accounts that were not added, each with the reason.
        failed_numbers: the numbers that were not given.
    """

    accounts: tuple[str, ...]
    agents: tuple[str, ...]
    numbers: int
    failed_accounts: dict[str, str]
    failed_numbers: tuple[FailedNumber, ...]


def carry_out(
    operator: Operator, administration: Administration, planned: PlannedImport, *, stage: Stage
) -> CarriedOut:
    """Makes what was planned. What was interrupted is finished by planning and carrying out once more.

    Args:
        operator: who changes it; the tenant must be certain.
        administration: changes the tenant.
        planned: what to make.
        stage: the stage of the agents.

    Raises CommandDeclined when somebody makes an agent of the same name meanwhile, or a stage may not use a backend;
    Unavailable, Configuration.
    """
    new = [agent for agent in planned.agents if agent.existing is None]
    for agent in new:
        _backends(agent).check_allowed(operator)
    added, failed_accounts = list[str](), dict[str, str]()
    for account in planned.accounts:
        try:
            change = account_settings.plan(operator, account.sid)
            account_settings.carry_out(operator, administration, change, token=account.token)
        except CommandDeclined as error:
            failed_accounts[account.sid] = str(error)
        else:
            added.append(account.sid)
    if new:
        edits = [edit for agent in new for edit in _edits(operator, agent, stage)]
        administration.change(operator.tenant_id, in_turn(*edits))
    tenant = operator.read()
    failed_numbers = list[FailedNumber]()
    for each in planned.agents:
        agent_name = each.existing.name if each.existing else each.name
        failed_numbers += changing.assign(operator, agent_edits.agent_named(tenant, agent_name), each.numbers)
    count = sum(len(agent.numbers) for agent in planned.agents) - len(failed_numbers)
    return CarriedOut(tuple(added), tuple(agent.name for agent in new), count, failed_accounts, tuple(failed_numbers))


def _edits(operator: Operator, planned: PlannedAgent, stage: Stage) -> list[Edit]:
    agent = Agent(new_agent_id(), planned.name, AgentKind.SMS, stage)
    backend_edits = _backends(planned).edits(planned.name, local=operator.local)
    return [agent_edits.add_agent(agent), *backend_edits, *planned.change.edits(planned.name)]


def _backends(planned: PlannedAgent) -> BackendChanges:
    return BackendChanges(planned.backend or BackendChange())
