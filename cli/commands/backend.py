"""`sms backend`: the secrets that sign requests to an HTTP backend."""

from typing import Annotated

import typer

from cli.context import Invocation
from cli.output import Record
from operations.tenants import agent_edits, sample_text
from operations.tenants.backends import rotate_signing_secret
from operations.tenants.edits import last_four
from shared.tenants.agent import Agent

SIGNING_SHOWN_ONCE = "Give the backend its signing secret now: it is not shown again."

app = typer.Typer(help="The signing secrets of agents' HTTP backends.", no_args_is_help=True)

AgentName = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's name.")]
Second = Annotated[bool, typer.Option("--second", help="Of its second backend.")]


@app.command("rotate-secret")
def rotate_secret(ctx: typer.Context, agent: AgentName, second: Second = False) -> None:
    """Make a new signing secret and show it once. The old one signs too until it is dropped."""
    run: Invocation = ctx.obj.changing()
    changed, secret = rotate_signing_secret(run, agent, second=second)
    run.output.record({"signing_secret": secret, **_describe(changed, second=second)})
    run.output.note(SIGNING_SHOWN_ONCE)
    drop = f"sms backend drop-secret {agent!r} LAST4{' --second' if second else ''}"
    run.output.note(f"When it verifies with the new one, drop the old one: {drop}")


@app.command("drop-secret")
def drop_secret(
    ctx: typer.Context,
    agent: AgentName,
    ending: Annotated[str, typer.Argument(metavar="LAST4", help="The last four characters of the secret to drop.")],
    second: Second = False,
) -> None:
    """Drop a signing secret. It stops signing within two minutes."""
    run: Invocation = ctx.obj.changing()
    tenant = run.change(agent_edits.drop_signing_secret(agent, ending, second=second))
    run.output.record(_describe(agent_edits.agent_named(tenant, agent), second=second))


@app.command("test")
def ask_backend(
    ctx: typer.Context,
    agent: AgentName,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What to say.")] = sample_text.SAMPLE_TEXT,
    second: Second = False,
) -> None:
    """Ask an agent's backend with a sample text, from this computer, and show what it answers.

    The backend is really asked, as a person's first text would, and may act on it. Nobody is texted, and nothing is
    stored. A queue and a bot of Lex cannot be asked from here.
    """
    run: Invocation = ctx.obj
    run.output.record(sample_text.ask(run, agent, text, second=second).describe())


def _describe(agent: Agent, *, second: bool) -> Record:
    backend = agent_edits.backend_of(agent, second=second)
    secrets = backend.secrets if backend else ()
    return {"agent": agent.name, "secrets_last_four": [last_four(secret) for secret in secrets]}
