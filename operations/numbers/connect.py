"""The plan to connect a number, so that its texts come to its agent.

These functions are pure: they get what is stored and what the provider has, and return a plan. The command shows the
plan, makes it again from the newest state right before it writes, and then writes what is stored first and the provider
second. So a key at the provider is always known here, even after an interruption, and running the command again does
what remains.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from operations.numbers import webhook_url
from operations.numbers.agent_webhook import require_texting_agent
from operations.numbers.drift import Difference, Key, capturing_service, differences, ideal_webhooks, obstacles
from operations.numbers.provider_number import ProviderNumber
from operations.numbers.state import NumberState
from operations.tenants.edits import add_credential, existing
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, Conflict
from shared.tenants.agent import Agent
from shared.tenants.connection import Connection, Webhooks


@dataclass(frozen=True)
class Plan:
    """What connecting or disconnecting a number will change.

    Attributes:
        changes: everything that changes, in words.
        obstacles: sentences, each with its cure; as long as there is one, the texts would still go elsewhere.
        webhooks: what the number's webhooks become.
        service: the SID of the Messaging Service that will leave texts to its numbers, or when disconnecting no longer;
            empty for none.
        agent: the agent that the number is assigned to, unless it has it; None when it stays where it is.
        connection: the connection to store; None when it is forgotten.
        keeps: sentences about what stays as it is.
    """

    changes: tuple[Difference, ...]
    webhooks: Webhooks
    connection: Connection | None
    agent: Agent | None = None
    service: str = ""
    obstacles: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


def connect(  # noqa: PLR0913 -- who, what and how
    tenant: ManagedTenant,
    state: NumberState,
    agent: Agent,
    bases: Mapping[str, str],
    key: Key,
    *,
    keep: bool,
    take_over: bool,
) -> Plan:
    """The plan to connect a number.

    Args:
        tenant: the tenant as it is.
        state: the number as it is stored and as the provider has it.
        agent: the agent that will get its texts.
        bases: the URL that each deployed stage's webhooks begin with.
        key: the key to use; if it is new, its credential is added to the tenant before.
        keep: whether another key that works in the fallback stays.
        take_over: whether to remove what keeps the texts from the number's own webhooks.

    Raises CommandDeclined.
    """
    require_texting_agent(agent)
    check_free(tenant, state, agent)
    provider_number = existing(
        state.at_provider,
        f"no account of tenant {tenant.id!r} has this number; see: sms twilio show-accounts; add the account or "
        "subaccount that owns it with: sms twilio set-account",
    )
    if agent.stage not in bases:
        message = f"stage {agent.stage} is not deployed; run: make deploy STAGE={agent.stage}"
        raise CommandDeclined(message)
    if key.is_new:
        add_credential(key.credential)(tenant)  # raises now what it would raise when it is added
    ideal = ideal_webhooks(tenant, provider_number, agent, bases, key.text, keep=keep)
    service = capturing_service(tenant, provider_number, ideal)
    old = state.connection
    connection = Connection(
        number=provider_number.number,
        number_sid=provider_number.sid,
        account=provider_number.account,
        credential_id=key.credential.id,
        former=old.former if old and old.number_sid == provider_number.sid else _former_webhooks(provider_number),
        service=service.sid if service else _service_in_use(state, provider_number),
    )
    key_in_words = f"of a new credential, {key.credential.name!r}" if key.is_new else f"of {key.credential.name!r}"
    current_agent = tenant.agent(state.agent_id(tenant.id) or "")
    changes = [
        Difference("agent", current_agent.name if current_agent else webhook_url.NONE, agent.name),
        *([] if old else [Difference("connection", webhook_url.NONE, "remembered, with what was before")]),
        *differences(tenant, provider_number, ideal, key_in_words),
    ]
    return Plan(
        changes=tuple(change for change in changes if change.current != change.desired),
        webhooks=ideal,
        connection=connection,
        agent=agent,
        service=service.sid if service else "",
        obstacles=() if take_over else tuple(obstacles(provider_number, service)),
        keeps=tuple(_unrestorable_webhook(tenant, provider_number)),
    )


def check_free(tenant: ManagedTenant, state: NumberState, agent: Agent) -> None:
    """Raises Conflict when another agent or another tenant has the number."""
    held = state.held
    if held is None or (held.tenant_id, held.agent_id) == (tenant.id, agent.id):
        return
    if held.tenant_id != tenant.id:
        message = (
            f"tenant {held.tenant_id!r} has this number; release it there first: "
            f"sms --tenant {held.tenant_id} number release NUMBER"
        )
        raise Conflict(message)
    holder = tenant.agent(held.agent_id)
    name = f"agent {holder.name!r}" if holder else f"agent {held.agent_id}, which does not exist any more,"
    message = f"{name} holds this number; release it there first, with: sms number release"
    raise Conflict(message)


def _service_in_use(state: NumberState, provider_number: ProviderNumber) -> str:
    """The SID of the number's service, if it leaves texts to its numbers because one of them was connected."""
    sid = provider_number.service.sid if provider_number.service else ""
    relies_on_it = state.service_needed or (state.connection is not None and state.connection.service == sid)
    return sid if relies_on_it else ""


def _former_webhooks(provider_number: ProviderNumber) -> Webhooks:
    """The webhooks from before, except those with an API key of this or another tenant: keys are stored nowhere."""
    webhooks = provider_number.webhooks
    return replace(
        webhooks,
        url="" if webhook_url.tenant_in(webhooks.url) else webhooks.url,
        fallback_url="" if webhook_url.tenant_in(webhooks.fallback_url) else webhooks.fallback_url,
    )


def _unrestorable_webhook(tenant: ManagedTenant, provider_number: ProviderNumber) -> list[str]:
    """A sentence about the webhook of another tenant, whose key is stored nowhere."""
    other = webhook_url.tenant_in(provider_number.webhooks.url)
    if other in {None, tenant.id}:
        return []
    return [
        f"the current webhook is that of tenant {other!r}, whose key is stored nowhere: disconnecting cannot restore it"
    ]
