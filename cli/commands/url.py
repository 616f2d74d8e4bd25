"""`sms url`: what to paste at the provider as the webhook of a number."""

from typing import Annotated, get_args

import typer

from cli.context import Invocation
from cli.secret_lines import SecretLine
from operations.numbers import webhook_url
from operations.stage.target import Stage, Target
from operations.tenants import agent_edits
from shared.errors import Declined
from shared.tenants import api_keys
from shared.tenants.agent import Agent
from shared.tenants.tenant import Tenant

PLACEHOLDER = "YOUR_API_KEY"
WHERE_TO_PASTE = (
    "Set it with `sms number connect`, or paste it in Twilio's console: the number, Messaging, A message comes in, "
    "Webhook, HTTP POST."
)

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
    key = PLACEHOLDER
    if key_from_stdin:
        [key] = run.secrets(SecretLine("API key"))
        api_keys.texting_credential(tenant, key)
    found = describe(run.target, chosen, key)
    if found["url"] is None:
        raise Declined(not_deployed(chosen.stage))
    run.output.record(found)
    run.output.note(WHERE_TO_PASTE)
    if not key_from_stdin:
        run.output.note(f"Put the key that `sms credential create` showed in the place of {PLACEHOLDER}.")


def describe(target: Target, agent: Agent, key: str) -> dict[str, str | None]:
    """The URLs for an agent's numbers; None for a stage that is not deployed. Raises Unavailable."""
    url, fallback_url = webhook_url.urls(deployed(target), agent.stage, key)
    return {
        "url": url or None,
        "fallback_url": fallback_url or None,
        "agent": agent.name,
        "region": agent.stage,
    }


def deployed(target: Target) -> dict[str, str]:
    """The URL that the webhooks of each deployed stage begin with. Raises Unavailable."""
    return {stage: base for stage in get_args(Stage) if (base := target.base_url(stage))}


def not_deployed(stage: str) -> str:
    """Says that a stage has no URL yet."""
    return f"stage {stage} is not deployed; run: make deploy STAGE={stage}; then: sms url"


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
