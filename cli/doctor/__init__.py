"""`sms doctor`: what is wrong, and what to do."""

import typer

from cli.doctor import signature

app = typer.Typer(help="Find out what is wrong, and what to do.", no_args_is_help=True)
app.command("signature")(signature.explain)
