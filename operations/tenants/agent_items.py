"""The items of a tenant's agents in the directory: each agent, and its name, which is held once."""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from operations.tenants import parts
from operations.tenants.queries import items_behind
from operations.tenants.record_items import NOT_DELETED
from operations.tenants.transactions import IS_NEW, WRITES_MAX, check, delete, key_attributes
from operations.tenants.transactions import put as put_item
from operations.tenants.transactions import update as update_item
from shared.aws.botocore_errors import unavailable
from shared.aws.transactions import Transactions
from shared.errors import CommandDeclined, Conflict
from shared.tenants import directory_items as items
from shared.tenants.agent import Agent
from shared.tenants.directory_items import ItemKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_WRITES_AN_AGENT = 3
"""The most writes for one agent: its item, its former name and its new one."""
_AGENTS_MAX = WRITES_MAX // _WRITES_AN_AGENT - 1
"""The most agents in one transaction, with space for what it depends on."""


class AgentItems:
    """Reads and writes agents, without their signing secrets. All methods raise Unavailable.

    Args:
        dynamodb: a client for the home region, where the directory is written.
        sleep: waits for a number of seconds.
    """

    def __init__(self, dynamodb: "DynamoDBClient", sleep: Callable[[float], None] = time.sleep) -> None:
        self._dynamodb = dynamodb
        self._transactions = Transactions(dynamodb, sleep)

    def read(self, tenant_id: str) -> dict[str, tuple[Agent, str]]:
        """All agents of a tenant with their versions, by id. Raises Configuration."""
        prefix = items.agent_key(tenant_id, "")
        return {
            item["sk"]["S"].removeprefix(prefix.sk): (
                items.load_agent(tenant_id, item["document"]["S"]),
                item["version"]["S"],
            )
            for item in items_behind(self._dynamodb, prefix, f"the agents of tenant {tenant_id!r} could not be read")
        }

    def write(
        self, tenant_id: str, before: Iterable[Agent], after: Iterable[Agent], versions: Mapping[str, str]
    ) -> None:
        """Stores what differs between two states of the agents, if their versions are still current.

        Up to `_AGENTS_MAX` agents are stored all or none. Raises Conflict, and CommandDeclined for an agent that is
        removed while it has numbers.
        """
        old = {agent.id: parts.without_secrets(agent) for agent in before}
        new = {agent.id: parts.without_secrets(agent) for agent in after}
        differing = [agent_id for agent_id in {**old, **new} if old.get(agent_id) != new.get(agent_id)]
        for start in range(0, len(differing), _AGENTS_MAX):
            batch = differing[start : start + _AGENTS_MAX]
            changes = [(old.get(agent_id), new.get(agent_id)) for agent_id in batch]
            names = self._names(tenant_id, changes)
            agents = [self._agent(tenant_id, *change, versions) for change in changes]
            writes = [check(items.record_key(tenant_id), NOT_DELETED), *agents, *names]
            refused = self._transactions.write(writes, f"the agents of tenant {tenant_id!r} could not be changed")
            if refused:
                message = f"the agents of tenant {tenant_id!r} were changed by somebody else meanwhile"
                raise Conflict(message)

    @staticmethod
    def first(tenant_id: str, agents: Iterable[Agent]) -> "list[TransactWriteItemTypeDef]":
        """The writes for the agents of a new tenant: two for each."""
        writes = []
        for agent in agents:
            name = {"agent_id": {"S": agent.id}}
            writes.append(put_item(items.agent_key(tenant_id, agent.id), _attributes(agent), IS_NEW))
            writes.append(put_item(items.agent_name_key(tenant_id, agent.name), name, IS_NEW))
        return writes

    def _agent(
        self, tenant_id: str, old: Agent | None, new: Agent | None, versions: Mapping[str, str]
    ) -> "TransactWriteItemTypeDef":
        """The write for one agent."""
        if old is None and new is not None:
            return put_item(items.agent_key(tenant_id, new.id), _attributes(new), IS_NEW)
        agent_id = (old or new).id  # type: ignore[union-attr] # one of them is there
        key, values = items.agent_key(tenant_id, agent_id), {":read": {"S": versions.get(f"agent#{agent_id}", "")}}
        if new is None:
            return self._removal(key, tenant_id, agent_id, values)
        attributes = _attributes(new)
        values |= {":document": attributes["document"], ":version": attributes["version"]}
        names = {"#document": "document", "#version": "version"}
        return update_item(key, "SET #document = :document, #version = :version", "#version = :read", values, names)

    def _removal(
        self, key: ItemKey, tenant_id: str, agent_id: str, values: dict[str, Any]
    ) -> "TransactWriteItemTypeDef":
        """Removes an agent that has no number, and gets none meanwhile: each assignment counts in its item."""
        with unavailable(f"agent {agent_id} of tenant {tenant_id!r} could not be read"):
            answer = self._dynamodb.get_item(TableName=items.TABLE, Key=key_attributes(key), ConsistentRead=True)
        assigned = answer.get("Item", {}).get("assigned")
        prefix = items.listed_number_key(tenant_id, agent_id, "")
        numbers = items_behind(self._dynamodb, prefix, f"the numbers of agent {agent_id} could not be read")
        if next(iter(numbers), None):
            message = "the agent has numbers, so it is not deleted; release them first, with: sms number release"
            raise CommandDeclined(message)
        condition = "version = :read AND attribute_not_exists(assigned)"
        if assigned:
            condition, values = "version = :read AND assigned = :assigned", {**values, ":assigned": assigned}
        return delete(key, condition, values)

    def _names(
        self, tenant_id: str, changes: Sequence[tuple[Agent | None, Agent | None]]
    ) -> "list[TransactWriteItemTypeDef]":
        """The writes for names that are given up, taken, or passed from one agent to another."""
        given_up = {old.name: old.id for old, _ in changes if old}
        taken = {new.name: new.id for _, new in changes if new}
        writes = []
        for name in {**given_up, **taken}:
            key, holder, heir = items.agent_name_key(tenant_id, name), given_up.get(name), taken.get(name)
            values = {":holder": {"S": holder}} if holder else {}
            if holder == heir:
                continue
            if heir:
                condition = "agent_id = :holder" if holder else IS_NEW
                writes.append(put_item(key, {"agent_id": {"S": heir}}, condition, values))
            else:
                writes.append(delete(key, "agent_id = :holder", values))
        return writes


def _attributes(agent: Agent) -> dict[str, Any]:
    return {"document": {"S": items.dump_agent(agent)}, "version": {"S": str(uuid.uuid4())}}
