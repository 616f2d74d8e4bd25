"""Which URLs the numbers of an agent need as their webhooks at the provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.numbers import webhook_url
from operations.stage.names import STAGES
from operations.stage.target import Target
from operations.tenants.agent_edits import agent_named
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined
from shared.tenants import api_keys
from shared.tenants.agent import Agent
from shared.tenants.tenant import Tenant

PLACEHOLDER = "YOUR_API_KEY"
"""What a URL has in the place of the API key when the key is not known."""


@dataclass(frozen=True)
class AgentWebhook:
    """The webhook URLs for an agent's numbers, with an API key in them.

    Attributes:
        url: on the agent's stage; None when that stage is not deployed.
        fallback_url: on the other stage; None when that one is not deployed.
        send_url: where backends and programs post messages to the agent's stage; None when it is not deployed.
        agent: the agent's name.
        stage: the agent's stage.
    """

    url: str | None = field(repr=False)
    fallback_url: str | None = field(repr=False)
    send_url: str | None
    agent: str
    stage: str

    def describe(self) -> Mapping[str, object]:
        """The URLs as a record for the operator."""
        return {
            "url": self.url,
            "fallback_url": self.fallback_url,
            "send_url": self.send_url,
            "agent": self.agent,
            "region": self.stage,
        }


def agent_webhook(target: Target, agent: Agent, key: str) -> AgentWebhook:
    """The URLs for an agent's numbers, with this key, whatever it is. Raises Unavailable."""
    url, fallback_url = webhook_url.urls(deployed_stages(target), agent.stage, key)
    return AgentWebhook(url or None, fallback_url or None, target.send_url(agent.stage), agent.name, agent.stage)


def usable_webhook(target: Target, tenant: Tenant, agent: Agent, key: str | None) -> AgentWebhook:
    """The URLs for an agent's numbers, with a key that works or, for None, with a placeholder.

    Raises InvalidKey and ForbiddenRole when no text is accepted with the key, CommandDeclined when the agent's stage
    is not deployed, Unavailable.
    """
    if key is not None:
        api_keys.texting_credential(tenant, key)
    webhook = agent_webhook(target, agent, PLACEHOLDER if key is None else key)
    if webhook.url is None:
        raise CommandDeclined(not_deployed(webhook.stage))
    return webhook


def deployed_stages(target: Target) -> dict[str, str]:
    """The URL that the webhooks of each deployed stage begin with, by stage. Raises Unavailable."""
    return {stage: base for stage in STAGES if (base := target.base_url(stage))}


def not_deployed(stage: str) -> str:
    """The sentence for an operator about a stage that has no URL yet."""
    return f"stage {stage} is not deployed; run: make deploy STAGE={stage}; then: sms url"


def require_texting_agent(agent: Agent) -> Agent:
    """The agent itself. Raises CommandDeclined when it takes no texts."""
    if not agent.kind.takes_texts:
        message = f"agent {agent.name!r} is of kind {agent.kind} and takes no texts"
        raise CommandDeclined(message)
    return agent


def texting_agent(tenant: ManagedTenant, name: str | None) -> Agent:
    """The agent with this name or, for None, the only one that takes texts.

    Raises NotFound when there is no agent of this name, CommandDeclined when it takes no texts, or when not exactly
    one does.
    """
    if name is not None:
        return require_texting_agent(agent_named(tenant, name))
    agents = [agent for agent in tenant.agents if agent.kind.takes_texts]
    if not agents:
        message = f"tenant {tenant.id!r} has no agent that takes texts; make one with: sms agent create"
        raise CommandDeclined(message)
    if len(agents) > 1:
        message = f"several agents take texts; choose one with --agent: {', '.join(agent.name for agent in agents)}"
        raise CommandDeclined(message)
    return agents[0]
