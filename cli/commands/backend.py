"""`sms backend`: the secrets that sign what an HTTP backend gets."""

from typing import Annotated

import typer

from cli.context import Invocation
from cli.output import Record
from operations.tenants import agent_edits
from operations.tenants.backends import new_secret
from operations.tenants.edits import last_four
from shared.tenants.tenant import Tenant

SIGNING_SHOWN_ONCE = "Give the backend its signing secret now: it is not shown again."

app = typer.Typer(help="The signing secrets of agents' HTTP backends.", no_args_is_help=True)

AgentName = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's name.")]
Second = Annotated[bool, typer.Option("--second", help="Of its second backend.")]


@app.command("rotate-secret")
def rotate_secret(ctx: typer.Context, agent: AgentName, second: Second = False) -> None:
    """Make a new signing secret and show it, once; the old one signs too until it is dropped."""
    run: Invocation = ctx.obj.changing()
    secret = new_secret()
    tenant = run.change(agent_edits.add_signing_secret(agent, secret, second=second))
    run.output.record({"signing_secret": secret, **_describe(tenant, agent, second=second)})
    run.output.note(SIGNING_SHOWN_ONCE)
    drop = f"sms backend drop-secret {agent!r} LAST4{' --second' if second else ''}"
    run.output.note(f"When it verifies with the new one, drop the old one: {drop}")


@app.command("drop-secret")
def drop_secret(
    ctx: typer.Context,
    agent: AgentName,
    ending: Annotated[str, typer.Argument(metavar="LAST4", help="The last four characters of the one to drop.")],
    second: Second = False,
) -> None:
    """Let a signing secret sign no longer; within two minutes it does not."""
    run: Invocation = ctx.obj.changing()
    tenant = run.change(agent_edits.drop_signing_secret(agent, ending, second=second))
    run.output.record(_describe(tenant, agent, second=second))


def _describe(tenant: Tenant, agent: str, *, second: bool) -> Record:
    backend = agent_edits.backend_of(agent_edits.agent_named(tenant, agent), second=second)
    return {"agent": agent, "secrets_last_four": [last_four(secret) for secret in (backend.secrets if backend else ())]}
