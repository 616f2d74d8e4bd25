"""Making and changing agents, together with their backends."""

from dataclasses import dataclass, field

from operations.operator import Operator
from operations.tenants import agent_edits
from operations.tenants.backends import BackendChanges
from operations.tenants.edits import Edit, in_turn
from shared.errors import InvalidValue
from shared.tenants.agent import Agent, AgentKind


@dataclass(frozen=True)
class AgentChange:
    """What changes about an agent besides its backends; None for what stays as it is.

    Attributes:
        name: its new name.
        kind: its kind.
        stage: the stage whose URL its numbers use.
        session_seconds: how long its sessions last.
        failure_reply: what a person is told when no backend could answer.
        no_failure_reply: whether the person is told nothing then.
    """

    name: str | None = None
    kind: AgentKind | None = None
    stage: str | None = None
    session_seconds: float | None = None
    failure_reply: str | None = field(default=None, repr=False)
    no_failure_reply: bool = False

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        if self.no_failure_reply and self.failure_reply is not None:
            message = "give a failure reply or none, not both"
            raise InvalidValue(message)

    @property
    def changes_anything(self) -> bool:
        """Whether anything changes."""
        values = (self.name, self.kind, self.stage, self.session_seconds, self.failure_reply)
        return self.no_failure_reply or any(value is not None for value in values)

    def edits(self, name: str) -> list[Edit]:
        """The edits that change the agent of this name, in order."""
        edits = [
            agent_edits.update_agent(
                name, new_name=self.name, kind=self.kind, region=self.stage, session_seconds=self.session_seconds
            )
        ]
        if self.no_failure_reply or self.failure_reply is not None:
            edits.insert(0, agent_edits.set_failure_reply(name, self.failure_reply))
        return edits


def create_agent(operator: Operator, agent: Agent, change: AgentChange, backends: BackendChanges) -> Agent:
    """The agent, stored with its backends; the tenant must be certain.

    Args:
        operator: who makes it.
        agent: the agent, without backends.
        change: what it has that is not the default.
        backends: its backends.

    Raises CommandDeclined when its name is taken, or a stage may not use a backend; Unavailable, Configuration.
    """
    backends.check_allowed(operator)
    edits = (*backends.edits(agent.name, local=operator.local), *change.edits(agent.name))
    tenant = operator.change(in_turn(agent_edits.add_agent(agent), *edits))
    return agent_edits.agent_named(tenant, agent.name)


def change_agent(operator: Operator, name: str, change: AgentChange, backends: BackendChanges) -> Agent:
    """The agent of this name, stored with what changes about it and its backends; the tenant must be certain.

    Raises NotFound; CommandDeclined when its new name is taken, it cannot be of this kind, or a stage may not use a
    backend; Unavailable, Configuration.
    """
    backends.check_allowed(operator)
    tenant = operator.change(in_turn(*backends.edits(name, local=operator.local), *change.edits(name)))
    return agent_edits.agent_named(tenant, name if change.name is None else change.name)
