"""Connecting numbers at their provider: the plan for an operator to confirm, and carrying it out.

`operations/numbers/connect.py` decides what changes. Here what is stored and the numbers are read, and the changes are
made: what is stored first, then the provider.
"""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from operations.audit import entries
from operations.audit.entries import Change, masked
from operations.numbers import agent_key, drift
from operations.numbers.agent_webhook import deployed_stages, not_deployed
from operations.numbers.batch import FailedNumber, each_number, unless_alone
from operations.numbers.by_hand import is_set_by_hand, webhook_by_hand
from operations.numbers.connect import Plan, connect
from operations.numbers.drift import Key, kept_key
from operations.numbers.owned_numbers import NumberStates, find_numbers, read_states, resumable
from operations.numbers.state import NumberState
from operations.operator import Operator
from operations.rotation.waiting import wait_until_known
from operations.tenants.agent_edits import agent_named
from operations.tenants.editor import Administration
from operations.tenants.edits import add_credential, in_turn
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, Conflict, Unavailable
from shared.tenants import api_keys
from shared.tenants.agent import Agent

CHANGED_MEANWHILE = "somebody changed something of it meanwhile, so nothing was changed; run the command again to see"


@dataclass(frozen=True)
class PlannedConnection:
    """What connecting a number would change.

    Attributes:
        number: E.164.
        agent: the name of the agent that gets the number's texts.
        plan: what changes.
        key: the API key that its webhooks get.
    """

    number: str = field(repr=False)
    agent: str
    plan: Plan
    key: Key

    @property
    def is_blocked(self) -> bool:
        """Whether something takes the texts elsewhere, and nobody said that it may be taken over."""
        return bool(self.plan.changes and self.plan.obstacles)

    def check_possible(self) -> None:
        """Returns when nothing takes the texts elsewhere. Raises CommandDeclined."""
        if self.plan.obstacles:
            raise CommandDeclined("; ".join(self.plan.obstacles))


@dataclass(frozen=True)
class PlannedConnections:
    """What connecting numbers would change, and what that was decided on.

    Attributes:
        numbers: the numbers that can be connected, or are.
        failed: the numbers that cannot be connected, and why.
        bases: the URL that the webhooks of each deployed stage begin with, by stage.
        keep: whether a key that works in a number's webhooks already stays.
        take_over: whether to remove what keeps the texts from the numbers' own webhooks.
        keeps: sentences about what stays as it is and concerns no single number.
    """

    numbers: tuple[PlannedConnection, ...]
    failed: tuple[FailedNumber, ...]
    bases: Mapping[str, str]
    keep: bool
    take_over: bool
    keeps: tuple[str, ...] = ()

    @property
    def to_change(self) -> tuple[PlannedConnection, ...]:
        """The numbers of which something changes."""
        return tuple(planned for planned in self.numbers if planned.plan.changes and not planned.is_blocked)

    @property
    def impossible(self) -> list[FailedNumber]:
        """The numbers that cannot be connected, those whose texts somebody else takes among them."""
        blocked = [
            FailedNumber(each.number, CommandDeclined("; ".join(each.plan.obstacles)))
            for each in self.numbers
            if each.is_blocked
        ]
        return [*self.failed, *blocked]

    def check_possible(self) -> None:
        """Returns unless it is for a single number whose texts go elsewhere. Raises CommandDeclined."""
        if len(self.numbers) == 1 and not self.failed:
            self.numbers[0].check_possible()


class _Keys:
    """The API key for each agent's numbers; looked for, or issued, only when a number needs it."""

    def __init__(self, operator: Operator, tenant: ManagedTenant, states: NumberStates) -> None:
        self._operator = operator
        self._tenant = tenant
        self._seen = [state.at_provider for state in states.by_number.values() if state.at_provider]
        self._keys: dict[str, Key] = {}
        self.keeps: list[str] = []

    def of(self, agent: Agent) -> Key:
        """The key for the agent's numbers. Raises Unavailable, UpstreamRefused, Configuration."""
        if agent.id not in self._keys:
            self._keys[agent.id] = self._find(agent)
        return self._keys[agent.id]

    def _find(self, agent: Agent) -> Key:
        key = agent_key.read_back(self._operator, self._tenant, agent, self._seen)
        if key is not None:
            return key
        self.keeps += [
            f"the key of credential {lost.name!r} was seen in no webhook and is stored nowhere, so the agent gets a "
            f"new one; when no number has the old one: sms credential revoke {shlex.quote(lost.name)}"
            for lost in agent_key.agent_credentials(self._tenant, agent)
        ]
        return agent_key.issue_key(self._tenant, agent, self._operator.world.now())


def plan(
    operator: Operator,
    numbers: Sequence[str],
    *,
    agent: str | None = None,
    key: str | None = None,
    take_over: bool = False,
) -> PlannedConnections:
    """What connecting the numbers would change. It changes nothing.

    Args:
        operator: who asks; the tenant must be certain.
        numbers: each in E.164, or another address, and once.
        agent: the name of the agent that gets the texts; None for the one that has each number already.
        key: the API key to use; None for the one that the agent's numbers have.
        take_over: whether to remove what keeps the texts from the numbers' own webhooks.

    Raises InvalidKey, ForbiddenRole, Unavailable, UpstreamRefused, Configuration; CommandDeclined for an agent that
    does not exist and, when there is only one number, for one that cannot be connected.
    """
    tenant = operator.read()
    given_key = None if key is None else Key(api_keys.texting_credential(tenant, key), key)
    named_agent = None if agent is None else agent_named(tenant, agent)
    states = read_states(operator, tenant.accounts, numbers)
    bases = deployed_stages(operator.target)
    keys = _Keys(operator, tenant, states)
    planned: list[PlannedConnection] = []

    def plan_number(number: str) -> None:
        state = states.by_number[number]
        number_agent = named_agent or _holder(tenant, state)
        if is_set_by_hand(number):
            raise CommandDeclined(_by_hand(number, number_agent, bases))
        number_key = given_key or _kept_key(tenant, state, number_agent) or keys.of(number_agent)
        number_plan = connect(
            tenant, state, number_agent, bases, number_key, keep=given_key is None, take_over=take_over
        )
        planned.append(PlannedConnection(number, number_agent.name, number_plan, number_key))

    failed = unless_alone(each_number(operator, numbers, "Planning", plan_number), len(numbers))
    return PlannedConnections(
        tuple(planned), tuple(failed), bases, keep=given_key is None, take_over=take_over, keeps=tuple(keys.keeps)
    )


def carry_out(operator: Operator, administration: Administration, planned: PlannedConnections) -> list[FailedNumber]:
    """Connects the numbers as planned; returns those that could not be connected, besides those that were impossible.

    A number that is not as it was when this was planned stays as it is. One that is not finished is finished by another
    run. A plan without changes changes nothing.

    Raises CommandDeclined when a new credential cannot be stored, Unavailable, UpstreamRefused, Configuration; and,
    when there is only one number, what is wrong with it.
    """
    planned.check_possible()
    if not planned.to_change:
        return []
    by_number = {each.number: each for each in planned.to_change}
    states, tenant, stale = _unchanged(operator, planned, list(by_number))
    remaining = [by_number[number] for number in by_number if number not in {each.number for each in stale}]
    _store_credentials(operator, administration, remaining)
    writer = _Writer(operator, tenant, states)
    failed = each_number(
        operator,
        [each.number for each in remaining],
        "Connecting",
        lambda number: writer.write(by_number[number]),
    )
    written = [each for each in remaining if each.number not in {failure.number for failure in failed}]
    return unless_alone(
        [*stale, *failed, *_not_as_planned(operator, planned, written)],
        len(planned.numbers) + len(planned.failed),
    )


def _holder(tenant: ManagedTenant, state: NumberState) -> Agent:
    """The agent that has the number already. Raises CommandDeclined."""
    agent = tenant.agent(state.agent_id(tenant.id) or "")
    if agent is None:
        message = "no agent has this number yet; say who is to get its texts: --agent NAME"
        raise CommandDeclined(message)
    return agent


def _by_hand(number: str, agent: Agent, bases: Mapping[str, str]) -> str:
    webhook = webhook_by_hand(number, agent, bases)
    if webhook is None:
        return not_deployed(agent.stage)
    return f"Twilio lets this be set by hand only: {webhook.advice}; and give it to its agent with: sms number assign"


def _kept_key(tenant: ManagedTenant, state: NumberState, agent: Agent) -> Key | None:
    return kept_key(tenant, state.at_provider, agent) if state.at_provider else None


def _unchanged(
    operator: Operator, planned: PlannedConnections, numbers: Sequence[str]
) -> tuple[NumberStates, ManagedTenant, list[FailedNumber]]:
    """The newest state of everything, and the numbers of which something changed since they were planned."""
    by_number = {each.number: each for each in planned.numbers}
    accounts = operator.read().accounts
    states = read_states(operator, accounts, numbers)
    tenant = operator.read()

    def check(number: str) -> None:
        before, state = by_number[number], states.by_number[number]
        agent = agent_named(tenant, before.agent)
        kept = _kept_key(tenant, state, agent) if planned.keep else None
        key = kept or before.key
        if not key.is_new and tenant.credential(key.credential.id) != key.credential:
            raise Conflict(CHANGED_MEANWHILE)
        current = connect(tenant, state, agent, planned.bases, key, keep=planned.keep, take_over=planned.take_over)
        if (current.changes, current.connection) != (before.plan.changes, before.plan.connection):
            raise Conflict(CHANGED_MEANWHILE)

    return states, tenant, each_number(operator, numbers, "Checking", check)


def _store_credentials(
    operator: Operator, administration: Administration, planned: Sequence[PlannedConnection]
) -> None:
    """Stores the new credentials, and returns when every stage knows them. Raises CommandDeclined, Unavailable."""
    credentials = dict.fromkeys(each.key.credential for each in planned if each.key.is_new)
    if not credentials:
        return

    def edit(tenant: ManagedTenant) -> ManagedTenant:
        missing = [credential for credential in credentials if tenant.credential(credential.id) is None]
        names = {credential.name for credential in tenant.credentials}
        if any(credential.name in names for credential in missing):
            raise Conflict(CHANGED_MEANWHILE)
        return in_turn(*map(add_credential, missing))(tenant)

    administration.change(operator.tenant_id, edit)
    with resumable("connecting"):
        wait_until_known(operator)


class _Writer:
    """Writes what was planned for a number: what is stored, then the provider."""

    def __init__(self, operator: Operator, tenant: ManagedTenant, states: NumberStates) -> None:
        self._operator = operator
        self._tenant = tenant
        self._states = states
        self._services: set[str] = set()

    def write(self, planned: PlannedConnection) -> None:
        """Connects the number. Raises CommandDeclined; Unavailable when it is not finished."""
        changes: list[Change] = []
        try:
            with resumable("connecting"):
                self._store(planned, changes.append)
                self._set_webhooks(planned, changes.append)
        finally:
            self._operator.record(*changes)

    def _store(self, planned: PlannedConnection, changed: Callable[[Change], None]) -> None:
        directory, tenant_id = self._operator.target.numbers_directory, self._tenant.id
        number, before = planned.number, self._states.by_number[planned.number].connection
        agent = agent_named(self._tenant, planned.agent)
        if directory.assign(tenant_id, agent.id, number):
            changed(entries.assigned(tenant_id, number, agent.name))
        after = planned.plan.connection
        if after is not None and after != before:
            directory.put_connection(tenant_id, after, instead_of=before)
            for change in entries.of_connection(tenant_id, before, after):
                changed(change)

    def _set_webhooks(self, planned: PlannedConnection, changed: Callable[[Change], None]) -> None:
        owned_number, plan = self._states.owned[planned.number], planned.plan
        owned_number.provider.set_webhooks(owned_number.account, owned_number.number, plan.webhooks)
        changed(Change("number.set_webhooks", self._tenant.id, {"number": masked(planned.number)}))
        if plan.service and plan.service not in self._services:
            owned_number.provider.set_on_number(owned_number.account, plan.service, on_number=True)
            self._services.add(plan.service)


def _not_as_planned(
    operator: Operator, planned: PlannedConnections, written: Sequence[PlannedConnection]
) -> list[FailedNumber]:
    """The numbers for which the provider still has something else."""
    if not written:
        return []
    with resumable("connecting"):
        tenant = operator.read()
        owned_numbers = find_numbers(operator, tenant.accounts, [each.number for each in written])
    agent_names = {each.number: each.agent for each in written}

    def check(number: str) -> None:
        owned_number = owned_numbers.get(number)
        agent = agent_named(tenant, agent_names[number])
        differences = drift.drift(tenant, agent, owned_number.number if owned_number else None, planned.bases)
        if differences:
            message = f"Twilio still has something else: {', '.join(difference.what for difference in differences)}"
            with resumable("connecting"):
                raise Unavailable(message)

    return each_number(operator, list(agent_names), "Checking", check)
