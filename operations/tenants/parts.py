"""The parts that a tenant is stored in: what requests are checked with, accounts, signing secrets and agents."""

from collections.abc import Iterable
from dataclasses import replace

from operations.tenants.managed_tenant import ManagedTenant
from shared.tenants.account import ProviderSecrets
from shared.tenants.agent import Agent, BackendSettings
from shared.tenants.secret_documents import SigningSecrets, SigningSecretsByAgent
from shared.tenants.tenant import Tenant


def access(tenant: ManagedTenant) -> Tenant:
    """What requests of the tenant are checked with."""
    return Tenant(tenant.id, tenant.salt, tenant.roles_active, tenant.signature_mode, tenant.credentials)


def provider_secrets(tenant: ManagedTenant) -> ProviderSecrets:
    """What the tenant's webhooks are verified with, and its messages sent with."""
    return ProviderSecrets(tenant.salt, tenant.accounts)


def signing(agents: Iterable[Agent]) -> SigningSecretsByAgent:
    """The signing secrets of those agents that have any."""
    secrets = {agent.id: SigningSecrets(_secrets(agent.backend), _secrets(agent.second_backend)) for agent in agents}
    return {agent_id: of_agent for agent_id, of_agent in secrets.items() if any(of_agent)}


def without_secrets(agent: Agent) -> Agent:
    """The agent as the directory stores it."""
    return _with(agent, SigningSecrets())


def with_secrets(agent: Agent, secrets: SigningSecretsByAgent) -> Agent:
    """The agent with its secrets. Secrets of a backend whose requests are not signed are left out."""
    return _with(agent, secrets.get(agent.id, SigningSecrets()))


def _with(agent: Agent, secrets: SigningSecrets) -> Agent:
    return replace(
        agent,
        backend=_signed(agent.backend, secrets.backend),
        second_backend=_signed(agent.second_backend, secrets.second_backend),
    )


def _signed(backend: BackendSettings | None, secrets: tuple[str, ...]) -> BackendSettings | None:
    return backend and replace(backend, secrets=secrets if backend.signed else ())


def _secrets(backend: BackendSettings | None) -> tuple[str, ...]:
    return backend.secrets if backend else ()
