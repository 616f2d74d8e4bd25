"""Setting up a tenant with what a first text needs: account, agent and credential, stored at once, and a number."""

from dataclasses import dataclass, field

from operations.audit import entries
from operations.numbers.agent_webhook import AgentWebhook, agent_webhook
from operations.operator import Operator
from operations.tenants import agent_edits, edits
from operations.tenants.agents import new_agent_id
from operations.tenants.editor import Administration
from operations.tenants.record_items import was_deleted
from shared.errors import CommandDeclined, Conflict, Unavailable
from shared.tenants import api_keys
from shared.tenants.account import Account
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Role, check_tenant_id


@dataclass(frozen=True)
class TenantSetup:
    """What a new tenant gets.

    Attributes:
        tenant_id: the tenant's id.
        account: the provider's account that owns the agent's numbers.
        agent: who answers, with its backend.
        number: the agent's number in E.164, or another address.
        credential_name: a name for the credential whose API key goes into the webhook.
        role: the credential's role.
    """

    tenant_id: str
    account: Account
    agent: Agent
    number: str = field(repr=False)
    credential_name: str
    role: Role


@dataclass(frozen=True)
class NewTenant:
    """A tenant that was set up, with what is shown only now.

    Attributes:
        setup: what it was made from.
        key: the API key of its credential.
        webhook: the URLs for its number.
        has_number: whether the agent got its number; False when somebody else got it at the same moment.
    """

    setup: TenantSetup
    key: str = field(repr=False)
    webhook: AgentWebhook
    has_number: bool

    @property
    def signing_secret(self) -> str | None:
        """What signs the requests to the agent's backend; None when nothing does."""
        backend = self.setup.agent.backend
        return backend.secrets[0] if backend and backend.secrets else None


def check_free(operator: Operator, tenant_id: str) -> str:
    """The id itself, if no tenant has it. Raises Conflict, InvalidValue, Unavailable, Configuration."""
    record = operator.target.store.record(check_tenant_id(tenant_id))
    if record:
        exists = was_deleted(tenant_id) if record.deleted_at else f"tenant {tenant_id!r} exists already"
        message = f"{exists}; or choose another id"
        raise Conflict(message)
    return tenant_id


def check_agent_name(name: str) -> str:
    """The name itself. Raises InvalidValue when no agent can have it."""
    return Agent(id=new_agent_id(), name=name, kind=AgentKind.SMS, stage="east").name


def check_number_free(operator: Operator, number: str) -> str:
    """The number itself, if no agent of any tenant has it. Raises Conflict, Unavailable, Configuration."""
    held = operator.target.numbers_directory.find(number)
    if held is None:
        return number
    record = operator.target.store.record(held.tenant_id)
    if record and record.deleted_at:
        message = f"the number is still that of a deleted tenant: {was_deleted(held.tenant_id)}"
    else:
        message = (
            f"tenant {held.tenant_id!r} has this number; release it there first, "
            f"with: sms --tenant {held.tenant_id} number release NUMBER"
        )
    raise Conflict(message)


def set_up(operator: Operator, administration: Administration, setup: TenantSetup) -> NewTenant:
    """The tenant, stored with all that it gets, or not at all; but somebody else may get its number in between.

    Raises Conflict when the tenant exists, or the number is another agent's; CommandDeclined, Unavailable.
    """
    check_number_free(operator, setup.number)
    credential, key = api_keys.issue(setup.tenant_id, setup.credential_name, setup.role, operator.world.now())
    webhook = agent_webhook(operator.target, setup.agent, key)
    administration.create(
        setup.tenant_id,
        edits=[
            edits.add_account(setup.account),
            agent_edits.add_agent(setup.agent),
            edits.add_credential(credential),
        ],
    )
    return NewTenant(setup, key, webhook, has_number=_assign(operator, setup))


def _assign(operator: Operator, setup: TenantSetup) -> bool:
    """Whether the agent got its number. If not, the operator hears why, and what to do: the tenant is there."""
    agent, later = setup.agent, f"sms --tenant {setup.tenant_id} number assign NUMBER --agent {setup.agent.name!r}"
    try:
        operator.target.numbers_directory.assign(setup.tenant_id, agent.id, setup.number)
    except (CommandDeclined, Unavailable) as error:
        operator.progress.warning(f"The tenant is made, but its agent has no number: {error}. Later: {later}")
        return False
    operator.record(entries.assigned(setup.tenant_id, setup.number, agent.name))
    return True
