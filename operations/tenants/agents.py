"""Making, changing and deleting agents, together with their backends and numbers."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.audit import entries
from operations.numbers.agent_key import agent_credentials
from operations.numbers.pages import numbers_of
from operations.operator import Operator
from operations.tenants import agent_edits
from operations.tenants.backends import BackendChanges
from operations.tenants.credentials import count_numbers
from operations.tenants.editor import Administration
from operations.tenants.edits import Edit, in_turn, revoke_credential
from shared.errors import CommandDeclined, InvalidValue
from shared.tenants.agent import Agent, AgentKind

_ID_ALPHABET = string.digits + string.ascii_letters
_ID_LENGTH = 8


def new_agent_id() -> str:
    """An id that no other agent has: it is random, of 62^8 that are possible."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


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
        answer_within_seconds: how long an answer may take that comes later; 0 for as long as it likes.
    """

    name: str | None = None
    kind: AgentKind | None = None
    stage: str | None = None
    session_seconds: float | None = None
    failure_reply: str | None = field(default=None, repr=False)
    no_failure_reply: bool = False
    answer_within_seconds: float | None = None

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        if self.no_failure_reply and self.failure_reply is not None:
            message = "give a failure reply or none, not both"
            raise InvalidValue(message)

    @property
    def changes_anything(self) -> bool:
        """Whether anything changes."""
        values = (
            self.name,
            self.kind,
            self.stage,
            self.session_seconds,
            self.failure_reply,
            self.answer_within_seconds,
        )
        return self.no_failure_reply or any(value is not None for value in values)

    def edits(self, name: str) -> list[Edit]:
        """The edits that change the agent of this name, in order."""
        edits = [
            agent_edits.update_agent(
                name,
                new_name=self.name,
                kind=self.kind,
                region=self.stage,
                session_seconds=self.session_seconds,
                answer_within_seconds=self.answer_within_seconds,
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

    Raises NotFound; CommandDeclined when its new name is taken, when it has numbers and would take no texts, or when a
    stage may not use a backend; Unavailable, Configuration.
    """
    backends.check_allowed(operator)
    if change.kind and not change.kind.takes_texts:
        _check_no_numbers(operator, name, change.kind)
    tenant = operator.change(in_turn(*backends.edits(name, local=operator.local), *change.edits(name)))
    return agent_edits.agent_named(tenant, name if change.name is None else change.name)


@dataclass(frozen=True)
class DeletedAgent:
    """What became of the API keys that only a deleted agent's numbers have.

    Attributes:
        revoked: the names of the credentials that were revoked: no number has their keys.
        connected: the other credentials' names, each with how many numbers are still connected with its key at the
            provider. Their texts are parked, and would be refused without the key.
    """

    revoked: tuple[str, ...]
    connected: Mapping[str, int]


def delete_agent(operator: Operator, administration: Administration, name: str) -> DeletedAgent:
    """Releases the agent's numbers and removes it, and the keys of its numbers that no number has any more.

    The tenant must be certain. Goes on where it was interrupted.

    Raises NotFound; CommandDeclined when somebody gives it a number meanwhile; Unavailable, Configuration.
    """
    tenant = operator.read()
    agent = agent_edits.agent_named(tenant, name)
    directory = operator.target.numbers_directory
    numbers = list(numbers_of(directory, operator.tenant_id, agent.id))
    for held in operator.progress.watched(numbers, "Releasing"):
        directory.release(held)
        operator.record(entries.released(operator.tenant_id, held.address, name))
    counts = {credential.name: count_numbers(operator, credential) for credential in agent_credentials(tenant, agent)}
    revoked = tuple(credential for credential, count in counts.items() if not count)
    administration.change(operator.tenant_id, in_turn(agent_edits.delete_agent(name), *map(revoke_credential, revoked)))
    return DeletedAgent(revoked, {credential: count for credential, count in counts.items() if count})


def _check_no_numbers(operator: Operator, name: str, kind: AgentKind) -> None:
    agent = agent_edits.agent_named(operator.read(), name)
    if operator.target.numbers_directory.page(operator.tenant_id, agent.id, limit=1).items:
        message = f"an agent of kind {kind} takes no texts, but agent {name!r} holds numbers: release them first"
        raise CommandDeclined(message)
