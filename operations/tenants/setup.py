"""Setting up a tenant with what a first text needs: account, agent, number and credential, stored at once."""

from contextlib import suppress
from dataclasses import dataclass, field

from operations.numbers.agent_webhook import AgentWebhook, agent_webhook
from operations.operator import Operator
from operations.tenants import agent_edits, edits
from operations.tenants.editor import Administration
from shared.errors import Conflict, NotFound
from shared.tenants import api_keys
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Account, Role, check_tenant_id


@dataclass(frozen=True)
class TenantSetup:
    """What a new tenant gets.

    Attributes:
        tenant_id: the tenant's id.
        account: the provider's account that owns the agent's numbers.
        agent: who answers, with its numbers and its backend.
        credential_name: a name for the credential whose API key goes into the webhook.
        role: the credential's role.
    """

    tenant_id: str
    account: Account
    agent: Agent
    credential_name: str
    role: Role


@dataclass(frozen=True)
class NewTenant:
    """A tenant that was set up, with what is shown only now.

    Attributes:
        setup: what it was made from.
        key: the API key of its credential.
        webhook: the URLs for its numbers.
    """

    setup: TenantSetup
    key: str = field(repr=False)
    webhook: AgentWebhook

    @property
    def signing_secret(self) -> str | None:
        """What signs the requests to the agent's backend; None when nothing does."""
        backend = self.setup.agent.backend
        return backend.secrets[0] if backend and backend.secrets else None


def check_free(operator: Operator, tenant_id: str) -> str:
    """The id itself, if no tenant has it. Raises Conflict, InvalidValue, Unavailable, Configuration.

    It reads the tenant, because a list of tenants may be some minutes old.
    """
    with suppress(NotFound):
        operator.target.store.read(check_tenant_id(tenant_id))
        message = f"tenant {tenant_id!r} exists already; choose another id"
        raise Conflict(message)
    return tenant_id


def check_agent_name(name: str) -> str:
    """The name itself. Raises InvalidValue when no agent can have it."""
    return Agent(name=name, kind=AgentKind.SMS, stage="east").name


def set_up(operator: Operator, administration: Administration, setup: TenantSetup) -> NewTenant:
    """The tenant, stored with all that it gets, or not at all.

    Raises Conflict when the tenant exists; CommandDeclined, Unavailable.
    """
    credential, key = api_keys.issue(setup.tenant_id, setup.credential_name, setup.role, operator.world.now())
    webhook = agent_webhook(operator.target, setup.agent, key)
    administration.create(
        setup.tenant_id,
        primary_region=operator.target.region,
        edits=[
            edits.add_account(setup.account),
            agent_edits.add_agent(setup.agent),
            edits.add_credential(credential),
        ],
    )
    return NewTenant(setup, key, webhook)
