"""Making, changing and deleting agents, together with their backends and numbers."""

import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from operations.numbers import changing
from operations.numbers.agent_key import agent_credentials
from operations.numbers.holding import matching
from operations.numbers.pages import numbers_of
from operations.operator import Operator
from operations.tenants import agent_edits
from operations.tenants.backends import BackendChanges, new_secret, secrets_among
from operations.tenants.credentials import count_numbers
from operations.tenants.editor import Administration
from operations.tenants.edits import Edit, in_turn, revoke_credential
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, InvalidValue
from shared.tenants.agent import Agent, AgentKind, BackendSettings

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
        initiates_from_inbound: whether a text begins a session; otherwise only programs do.
        timeout_notice: what a person is told whose session timed out.
        no_timeout_notice: whether the person is told nothing then.
    """

    name: str | None = None
    kind: AgentKind | None = None
    stage: str | None = None
    session_seconds: float | None = None
    failure_reply: str | None = field(default=None, repr=False)
    no_failure_reply: bool = False
    answer_within_seconds: float | None = None
    initiates_from_inbound: bool | None = None
    timeout_notice: str | None = field(default=None, repr=False)
    no_timeout_notice: bool = False

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        if self.no_failure_reply and self.failure_reply is not None:
            message = "give a failure reply or none, not both"
            raise InvalidValue(message)
        if self.no_timeout_notice and self.timeout_notice is not None:
            message = "give a notice of a time-out or none, not both"
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
            self.initiates_from_inbound,
            self.timeout_notice,
        )
        return self.no_failure_reply or self.no_timeout_notice or any(value is not None for value in values)

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
                initiates_from_inbound=self.initiates_from_inbound,
            )
        ]
        if self.no_timeout_notice or self.timeout_notice is not None:
            edits.insert(0, agent_edits.set_timeout_notice(name, self.timeout_notice))
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
class ClonedAgent:
    """A copy of an agent.

    Attributes:
        agent: the copy.
        secrets: the signing secrets that were made for it, by name; they are shown only now.
    """

    agent: Agent
    secrets: Mapping[str, str] = field(repr=False)


def clone_agent(operator: Operator, name: str, new_name: str) -> ClonedAgent:
    """A copy of the agent with another name, stored; the tenant must be certain.

    It has all of the agent's settings and its backends. It has no numbers, since a number has one agent, and so no API
    key in their webhooks. The requests to its backends are signed with secrets of its own: whoever may answer for one
    agent need not be able to pretend to be asked for the other, and each is rotated by itself.

    Raises NotFound; CommandDeclined when the new name is taken; Unavailable, Configuration.
    """
    copy_id, new_secrets = new_agent_id(), {"signing_secret": new_secret(), "second_signing_secret": new_secret()}

    def edit(tenant: ManagedTenant) -> ManagedTenant:
        agent = agent_edits.agent_named(tenant, name)
        copy = replace(
            agent,
            id=copy_id,
            name=new_name,
            backend=_with_secret(agent.backend, new_secrets["signing_secret"]),
            second_backend=_with_secret(agent.second_backend, new_secrets["second_signing_secret"]),
        )
        return agent_edits.add_agent(copy)(tenant)

    copy = agent_edits.agent_named(operator.change(edit), new_name)
    return ClonedAgent(copy, secrets_among(copy, new_secrets))


def _with_secret(backend: BackendSettings | None, secret: str) -> BackendSettings | None:
    return replace(backend, secrets=(secret,)) if backend and backend.kind == "http" else backend


def search_agents(operator: Operator, search: str | None = None, *, after: str | None = None) -> list[Agent]:
    """The tenant's agents by name; only those that the text is found for, if there is one.

    Args:
        operator: who asks.
        search: what is looked for in an agent's name, in the kinds of its backends, in where they are without what may
            be secret in a URL, in its numbers, and in their descriptions; None for all agents.
        after: only agents whose names come after this one; None for all.

    Raises Unavailable, Configuration.
    """
    agents = sorted(operator.read().agents, key=lambda agent: _place(agent.name))
    agents = [agent for agent in agents if after is None or _place(agent.name) > _place(after)]
    text = (search or "").strip().casefold()
    if not text:
        return agents
    matching_ids = {agent.id for agent in agents if any(text in word.casefold() for word in _searched(agent))}
    if len(matching_ids) < len(agents):
        matches = matching(search)
        numbers = numbers_of(operator.target.numbers_directory, operator.tenant_id)
        matching_ids |= {held.agent_id for held in numbers if matches(held)}
    return [agent for agent in agents if agent.id in matching_ids]


def _place(name: str) -> tuple[str, str]:
    """Where a name is in the list of agents."""
    return name.casefold(), name


def _searched(agent: Agent) -> Iterator[str]:
    yield agent.name
    for backend in (agent.backend, agent.second_backend):
        if backend:
            yield backend.kind
            is_url = "://" in backend.target
            yield (urlsplit(backend.target).hostname or "") if is_url else backend.target


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
    numbers = list(numbers_of(operator.target.numbers_directory, operator.tenant_id, agent.id))
    for failure in changing.release(operator, numbers, lambda _: name):
        raise failure.error
    counts = {credential.name: count_numbers(operator, credential) for credential in agent_credentials(tenant, agent)}
    revoked = tuple(credential for credential, count in counts.items() if not count)
    administration.change(operator.tenant_id, in_turn(agent_edits.delete_agent(name), *map(revoke_credential, revoked)))
    return DeletedAgent(revoked, {credential: count for credential, count in counts.items() if count})


def _check_no_numbers(operator: Operator, name: str, kind: AgentKind) -> None:
    agent = agent_edits.agent_named(operator.read(), name)
    if operator.target.numbers_directory.page(operator.tenant_id, agent.id, limit=1).items:
        message = f"an agent of kind {kind} takes no texts, but agent {name!r} holds numbers: release them first"
        raise CommandDeclined(message)
