"""`sms url`: what to paste at the provider as the webhook of a number."""

from typing import Annotated

import typer

from cli.context import Invocation
from cli.secret_lines import SecretLine
from operations.numbers.agent_webhook import PLACEHOLDER, texting_agent, usable_webhook

WHERE_TO_PASTE = (
    "Set it with `sms number connect`, or paste it in Twilio's console: the number, Messaging, A message comes in, "
    "Webhook, HTTP POST."
)

app = typer.Typer()


@app.command()
def url(
    ctx: typer.Context,
    agent: Annotated[str | None, typer.Option(help="The agent's name; not needed when only one takes texts.")] = None,
    key_from_stdin: Annotated[
        bool, typer.Option("--key-from-stdin", help="Put this API key in, read from standard input or a hidden prompt.")
    ] = False,
) -> None:
    """Show the webhook URL of an agent's numbers, and the URL to send messages with (SmsSend)."""
    run: Invocation = ctx.obj
    tenant = run.read()
    texted = texting_agent(tenant, agent)
    key = run.secrets(SecretLine("API key"))[0] if key_from_stdin else None
    run.output.record(usable_webhook(run.target, tenant, texted, key).describe())
    run.output.note(WHERE_TO_PASTE)
    if key is None:
        run.output.note(f"Put the key that `sms credential create` showed in the place of {PLACEHOLDER}.")
