"""The agents by their addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from shared.address import Address
from shared.errors import Configuration
from shared.tenants.agent import Agent, BackendSettings

if TYPE_CHECKING:
    from shared.tenants.cache import Cache
    from shared.tenants.record import HeldNumber, TenantRecord
    from shared.tenants.secret_documents import SigningSecrets, SigningSecretsByAgent


class AgentKey(NamedTuple):
    """What identifies an agent."""

    tenant_id: str
    agent_id: str


@dataclass(frozen=True)
class AgentsByNumber:
    """Implements `shared.tenants.lookup.AgentLookup` with a cache for each step.

    Attributes:
        records: the tenants that are not deleted; a deleted one has no agents.
        numbers: who has a number or another address.
        agents: the agents, without their signing secrets.
        signing: the signing secrets of each tenant; None where no backend is asked, so that nobody may read them.
    """

    records: Cache[str, TenantRecord]
    numbers: Cache[str, HeldNumber]
    agents: Cache[AgentKey, Agent]
    signing: Cache[str, SigningSecretsByAgent] | None = None

    def agent_at(self, tenant_id: str, address: str) -> Agent | None:
        """The tenant's agent that gets the texts to this address, with its signing secrets if they may be read.

        An agent whose secrets are missing is looked for again: they are dropped when it does not need them any more.

        Raises Configuration when a backend's requests must be signed and the secrets for it cannot be found.
        """
        unsignable: Agent | None = None

        def agent_of(held: HeldNumber) -> Agent | None:
            nonlocal unsignable
            unsignable = None
            return self._agent(AgentKey(tenant_id, held.agent_id), usable) if held.tenant_id == tenant_id else None

        def usable(agent: Agent) -> Agent | None:
            nonlocal unsignable
            complete = self._with_secrets(tenant_id, agent)
            unsignable = None if complete else agent
            return complete

        if self.records.find(tenant_id, lambda record: record) is None:
            return None
        for held_address in Address.parse(address).held_as:
            agent = self.numbers.find(held_address, agent_of)
            if agent is None and unsignable:
                message = f"the signing secrets of agent {unsignable.name!r} cannot be found; see: sms agent show"
                raise Configuration(message)
            if agent:
                return agent
        return None

    def _agent(self, key: AgentKey, usable: Callable[[Agent], Agent | None]) -> Agent | None:
        """The agent; where backends are asked, its item is read again before one without a backend is returned."""
        ready = self.agents.find(key, lambda agent: usable(agent) if agent.backend else None) if self.signing else None
        return ready or self.agents.find(key, usable)

    def _with_secrets(self, tenant_id: str, agent: Agent) -> Agent | None:
        """The agent with the secrets that it needs; None when they cannot be found."""
        first, second = agent.backend, agent.second_backend
        needs_first, needs_second = bool(first and first.signed), bool(second and second.signed)
        if self.signing is None or not (needs_first or needs_second):
            return agent

        def complete(by_agent: SigningSecretsByAgent) -> SigningSecrets | None:
            secrets = by_agent.get(agent.id)
            is_complete = (
                secrets and bool(secrets.backend) >= needs_first and bool(secrets.second_backend) >= needs_second
            )
            return secrets if is_complete else None

        secrets = self.signing.find(tenant_id, complete)
        return secrets and replace(
            agent,
            backend=_signed_with(first, secrets.backend),
            second_backend=_signed_with(second, secrets.second_backend),
        )


def _signed_with(backend: BackendSettings | None, secrets: tuple[str, ...]) -> BackendSettings | None:
    return replace(backend, secrets=secrets) if backend and backend.signed else backend
