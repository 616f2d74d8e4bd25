"""What operators change of agents: their backends, numbers and manners. Edits, as in `operations/tenants/edits.py`."""

from collections.abc import Callable
from dataclasses import replace

from operations.tenants.edits import Edit, exchanged, found, the_one_ending
from shared.errors import Conflict, Declined
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.tenant import Tenant


def add_agent(agent: Agent) -> Edit:
    """Adds an agent. Declines a name that is taken."""
    return lambda tenant: replace(tenant, agents=(*tenant.agents, agent))


def update_agent(
    name: str,
    *,
    new_name: str | None = None,
    kind: AgentKind | None = None,
    region: str | None = None,
    session_seconds: float | None = None,
) -> Edit:
    """Renames an agent, or changes its kind, its region or how long its sessions last; None leaves them.

    Declines a name that does not exist or is taken, and a kind that takes no texts while the agent holds numbers.
    """

    def change(agent: Agent) -> Agent:
        if agent.numbers and kind and not kind.takes_texts:
            message = f"an agent of kind {kind} takes no texts, but agent {name!r} holds numbers: release them first"
            raise Declined(message)
        return replace(
            agent,
            name=name if new_name is None else new_name,
            kind=kind or agent.kind,
            stage=region or agent.stage,
            session_seconds=agent.session_seconds if session_seconds is None else session_seconds,
        )

    return _changed(name, change)


def set_failure_reply(name: str, text: str | None) -> Edit:
    """Sets what a person hears when the agent's backend failed for good; None for nothing.

    Declines an agent that does not exist, and a text that is empty or too long.
    """
    return _changed(name, lambda agent: replace(agent, failure_reply=text))


def change_backend(
    name: str, change: Callable[[BackendSettings | None], BackendSettings | None], *, second: bool = False
) -> Edit:
    """Gives an agent the backend that `change` makes of the present one; None stands for none.

    Declines an agent that does not exist, what `change` declines, and a second backend without a first one.
    """
    return _changed(name, lambda agent: _with_backend(agent, change(backend_of(agent, second=second)), second=second))


def set_backend(name: str, backend: BackendSettings | None, *, second: bool = False) -> Edit:
    """Gives an agent a backend, whatever it had before, or takes it away. Declines as `change_backend` does."""
    return change_backend(name, lambda _: backend, second=second)


def add_signing_secret(name: str, secret: str, *, second: bool = False) -> Edit:
    """Lets a backend's requests be signed by one more secret, which comes first; the others go on signing.

    Declines an agent that does not exist, and a backend that is not there or signs nothing.
    """

    def change(backend: BackendSettings | None) -> BackendSettings:
        signing = _signing(name, backend, second=second)
        return signing if secret in signing.secrets else replace(signing, secrets=(secret, *signing.secrets))

    return change_backend(name, change, second=second)


def drop_signing_secret(name: str, ending: str, *, second: bool = False) -> Edit:
    """Lets the secret with these last four characters sign no longer.

    Declines as `add_signing_secret` does, and a secret that is not there, that is the only one, or that four characters
    do not single out.
    """

    def change(backend: BackendSettings | None) -> BackendSettings:
        signing = _signing(name, backend, second=second)
        dropped = the_one_ending(
            signing.secrets, ending, "signing secret", of=f"agent {name!r}", see=f"sms agent show {name!r}"
        )
        if len(signing.secrets) == 1:
            message = f"this is the only signing secret of agent {name!r}; first: sms backend rotate-secret {name!r}"
            raise Declined(message)
        return replace(signing, secrets=exchanged(signing.secrets, instead_of=dropped))

    return change_backend(name, change, second=second)


def delete_agent(name: str) -> Edit:
    """Takes an agent away and releases its numbers. Declines a name that does not exist."""
    return lambda tenant: replace(tenant, agents=exchanged(tenant.agents, instead_of=agent_named(tenant, name)))


def assign_number(number: str, agent_name: str) -> Edit:
    """Gives an agent a number in E.164 form. Declines a number that another agent holds, and an agent for voice."""

    def edit(tenant: Tenant) -> Tenant:
        agent, holder = agent_named(tenant, agent_name), _holder(tenant, number)
        if holder is agent:
            return tenant
        if holder:
            message = f"agent {holder.name!r} holds this number; release it there first, with: sms number release"
            raise Conflict(message)
        assigned = replace(agent, numbers=(*agent.numbers, number))
        return replace(tenant, agents=exchanged(tenant.agents, assigned, instead_of=agent))

    return edit


def release_number(number: str) -> Edit:
    """Takes a number from the agent that holds it. Declines a number that none holds."""

    def edit(tenant: Tenant) -> Tenant:
        sentence = f"no agent of tenant {tenant.id!r} holds this number; see: sms number list"
        holder = found(_holder(tenant, number), sentence)
        released = replace(holder, numbers=exchanged(holder.numbers, instead_of=number))
        return replace(tenant, agents=exchanged(tenant.agents, released, instead_of=holder))

    return edit


def agent_named(tenant: Tenant, name: str) -> Agent:
    """The agent with this name. Raises NotFound."""
    agent = next((agent for agent in tenant.agents if agent.name == name), None)
    return found(agent, f"tenant {tenant.id!r} has no agent {name!r}; see: sms agent list")


def backend_of(agent: Agent, *, second: bool = False) -> BackendSettings | None:
    """The agent's backend, the first or the second one, or None."""
    return agent.second_backend if second else agent.backend


def _changed(name: str, change: Callable[[Agent], Agent]) -> Edit:
    def edit(tenant: Tenant) -> Tenant:
        agent = agent_named(tenant, name)
        return replace(tenant, agents=exchanged(tenant.agents, change(agent), instead_of=agent))

    return edit


def _with_backend(agent: Agent, backend: BackendSettings | None, *, second: bool) -> Agent:
    return replace(agent, second_backend=backend) if second else replace(agent, backend=backend)


def _signing(name: str, backend: BackendSettings | None, *, second: bool) -> BackendSettings:
    if backend is None or not backend.secrets:
        message = f"agent {name!r} has no {'second ' if second else ''}backend whose requests are signed"
        raise Declined(message)
    return backend


def _holder(tenant: Tenant, number: str) -> Agent | None:
    return next((agent for agent in tenant.agents if number in agent.numbers), None)
