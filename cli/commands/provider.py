"""`sms provider`: the SMS providers that an operator can choose from."""

import typer

from cli.context import Invocation
from shared.providers.rules import RULES

app = typer.Typer(help="Providers: the SMS carriers that you can choose from.", no_args_is_help=True)


@app.command("list")
def list_providers(ctx: typer.Context) -> None:
    """List the SMS providers."""
    run: Invocation = ctx.obj
    run.output.records([{"name": name} for name in RULES.names], none="There is no provider.")
