"""`sms url`: what to paste at the provider as the webhook of a number."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar, get_args

import typer

from cli.invocation import Invocation
from cli.target import Stage, Target
from shared import agent_edits, credentials
from shared.agent import Agent
from shared.errors import Declined
from shared.tenant import Tenant

T = TypeVar("T")

PLACEHOLDER = "YOUR_API_KEY"
PATH = "/sms.receiver/SmsRecv"
OVERRIDES = "#ct=2000&rt=5000&tt=15000&rc=2&rp=ct,rt,5xx"
"""Milliseconds to connect, to answer and in all; two retries, also after a timeout or a 5xx, after which Twilio makes
none by itself (Twilio docs, "Webhooks: connection overrides")."""

WHERE_TO_PASTE = "Paste the URL in Twilio's console: the number, Messaging, A message comes in, Webhook, HTTP POST."

app = typer.Typer()


@app.command()
def url(
    ctx: typer.Context,
    agent: Annotated[str | None, typer.Option(help="The agent's name; not needed when one takes texts.")] = None,
    key_from_stdin: Annotated[
        bool, typer.Option("--key-from-stdin", help="Put this API key in, read from standard input or a hidden prompt.")
    ] = False,
) -> None:
    """Show the webhook URL of an agent's numbers."""
    run: Invocation = ctx.obj
    tenant = run.read()
    chosen = _texting(tenant, agent)
    key = _checked(run.secret("API key"), tenant) if key_from_stdin else PLACEHOLDER
    found = describe(run.target, chosen, key)
    if found["url"] is None:
        raise Declined(not_deployed(chosen.region))
    run.output.record(found)
    run.output.note(WHERE_TO_PASTE)
    if not key_from_stdin:
        run.output.note(f"Put the key that `sms credential create` showed in the place of {PLACEHOLDER}.")


def describe(target: Target, agent: Agent, key: str) -> dict[str, str | None]:
    """The URLs for an agent's numbers; None for a stage that is not deployed. Raises Unavailable."""
    other = next(stage for stage in get_args(Stage) if stage != agent.region)
    return {
        "url": webhook_url(target.base_url(agent.region), key),
        "fallback_url": webhook_url(target.base_url(other), key),
        "agent": agent.name,
        "region": agent.region,
    }


def not_deployed(stage: str) -> str:
    """Says that a stage has no URL yet."""
    return f"stage {stage} is not deployed; run: make deploy STAGE={stage}; then: sms url"


def webhook_url(base_url: str | None, key: str) -> str | None:
    """The URL to paste; neither the key nor anything else in it needs percent-encoding."""
    if base_url is None:
        return None
    scheme, _, rest = base_url.rstrip("/").partition("://")
    return f"{scheme}://{credentials.USERNAME}:{key}@{rest}{PATH}{OVERRIDES}"


def _texting(tenant: Tenant, name: str | None) -> Agent:
    if name is not None:
        agent = agent_edits.agent_named(tenant, name)
        if not agent.kind.takes_texts:
            message = f"agent {name!r} is of kind {agent.kind} and takes no texts"
            raise Declined(message)
        return agent
    agents = [agent for agent in tenant.agents if agent.kind.takes_texts]
    if not agents:
        message = f"tenant {tenant.id!r} has no agent that takes texts; make one with: sms agent create"
        raise Declined(message)
    if len(agents) > 1:
        message = f"several agents take texts; choose one with --agent: {', '.join(agent.name for agent in agents)}"
        raise Declined(message)
    return agents[0]


@dataclass(frozen=True)
class _Stored:
    """`shared.ports.TenantLookup` over one tenant that was just read."""

    tenant: Tenant

    def find(self, tenant_id: str, wanted: Callable[[Tenant], T | None]) -> T | None:
        return wanted(self.tenant) if tenant_id == self.tenant.id else None


def _checked(key: str, tenant: Tenant) -> str:
    """The key, if it will work as this tenant's webhook key. Raises InvalidKey, ForbiddenRole."""
    _, credential = credentials.authenticate(_Stored(tenant), key)
    credentials.require_texting(credential)
    return key
