"""Edits of agents: their backends and how they behave. See `operations/tenants/edits.py`.

Edits do not know numbers: whether an agent has any is checked before (`operations/tenants/agents.py`) and by the store.
"""

from collections.abc import Callable
from dataclasses import replace

from operations.tenants.edits import Edit, existing, replaced, secret_ending_with
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined
from shared.tenants.agent import Agent, AgentKind, BackendSettings, JournalSettings


def add_agent(agent: Agent) -> Edit:
    """Adds an agent. Declines a name that another agent has."""
    return lambda tenant: replace(tenant, agents=(*tenant.agents, agent))


def update_agent(  # noqa: PLR0913 - what may change about it
    name: str,
    *,
    new_name: str | None = None,
    kind: AgentKind | None = None,
    region: str | None = None,
    session_seconds: float | None = None,
    answer_within_seconds: float | None = None,
    initiates_from_inbound: bool | None = None,
) -> Edit:
    """Changes an agent's name, kind, stage (`region`), sessions, or how long its late answers take; None leaves it.

    Declines a name that does not exist, and a new name that another agent has.
    """

    def change(agent: Agent) -> Agent:
        return replace(
            agent,
            name=name if new_name is None else new_name,
            kind=kind or agent.kind,
            stage=region or agent.stage,
            session_seconds=agent.session_seconds if session_seconds is None else session_seconds,
            answer_within_seconds=agent.answer_within_seconds
            if answer_within_seconds is None
            else answer_within_seconds,
            initiates_from_inbound=agent.initiates_from_inbound
            if initiates_from_inbound is None
            else initiates_from_inbound,
        )

    return _changed(name, change)


def set_failure_reply(name: str, text: str | None) -> Edit:
    """Sets the reply that a person gets when the agent's backend has failed for good; None for no reply.

    Declines an agent that does not exist, and a text that is empty or too long.
    """
    return _changed(name, lambda agent: replace(agent, failure_reply=text))


def set_timeout_notice(name: str, text: str | None) -> Edit:
    """Sets the message to a person whose session timed out; None for no message.

    Declines an agent that does not exist, and a text that is blank or too long.
    """
    return _changed(name, lambda agent: replace(agent, timeout_notice=text))


def set_journal(name: str, settings: JournalSettings | None) -> Edit:
    """Sets where an agent's journal is told; None for nowhere. Declines an agent that does not exist."""
    return _changed(name, lambda agent: replace(agent, journal=settings))


def change_backend(
    name: str, change: Callable[[BackendSettings | None], BackendSettings | None], *, second: bool = False
) -> Edit:
    """Sets an agent's backend to what `change` returns for the current one; None stands for no backend.

    Declines an agent that does not exist, what `change` declines, and a second backend without a first.
    """
    return _changed(name, lambda agent: _with_backend(agent, change(backend_of(agent, second=second)), second=second))


def set_backend(name: str, backend: BackendSettings | None, *, second: bool = False) -> Edit:
    """Sets or removes an agent's backend, whatever it had before. Declines as `change_backend` does."""
    return change_backend(name, lambda _: backend, second=second)


def add_signing_secret(name: str, secret: str, *, second: bool = False) -> Edit:
    """Adds a secret, as the first one, to those that sign a backend's requests.

    Declines an agent that does not exist, a backend that does not exist, and a backend whose requests are not signed.
    """

    def change(backend: BackendSettings | None) -> BackendSettings:
        signing = _signing(name, backend, second=second)
        return signing if secret in signing.secrets else replace(signing, secrets=(secret, *signing.secrets))

    return change_backend(name, change, second=second)


def drop_signing_secret(name: str, ending: str, *, second: bool = False) -> Edit:
    """Removes the secret with these last four characters from those that sign a backend's requests.

    Declines as `add_signing_secret` does. It also declines a secret that does not exist, that is the only one, or whose
    last four characters another secret has too.
    """

    def change(backend: BackendSettings | None) -> BackendSettings:
        signing = _signing(name, backend, second=second)
        dropped = secret_ending_with(
            ending, signing.secrets, "signing secret", of=f"agent {name!r}", see=f"sms agent show {name!r}"
        )
        if len(signing.secrets) == 1:
            message = f"this is the only signing secret of agent {name!r}; first: sms backend rotate-secret {name!r}"
            raise CommandDeclined(message)
        return replace(signing, secrets=replaced(signing.secrets, instead_of=dropped))

    return change_backend(name, change, second=second)


def delete_agent(name: str) -> Edit:
    """Removes an agent. Declines a name that does not exist."""
    return lambda tenant: replace(tenant, agents=replaced(tenant.agents, instead_of=agent_named(tenant, name)))


def agent_named(tenant: ManagedTenant, name: str) -> Agent:
    """The agent with this name. Raises NotFound."""
    agent = next((agent for agent in tenant.agents if agent.name == name), None)
    return existing(agent, f"tenant {tenant.id!r} has no agent {name!r}; see: sms agent list")


def backend_of(agent: Agent, *, second: bool = False) -> BackendSettings | None:
    """The agent's first or second backend; None when there is none."""
    return agent.second_backend if second else agent.backend


def _changed(name: str, change: Callable[[Agent], Agent]) -> Edit:
    def edit(tenant: ManagedTenant) -> ManagedTenant:
        agent = agent_named(tenant, name)
        return replace(tenant, agents=replaced(tenant.agents, change(agent), instead_of=agent))

    return edit


def _with_backend(agent: Agent, backend: BackendSettings | None, *, second: bool) -> Agent:
    return replace(agent, second_backend=backend) if second else replace(agent, backend=backend)


def _signing(name: str, backend: BackendSettings | None, *, second: bool) -> BackendSettings:
    if backend is None or not backend.signed or backend.user:
        message = f"agent {name!r} has no {'second ' if second else ''}backend whose requests are signed"
        raise CommandDeclined(message)
    return backend
