"""`sms doctor`: what is wrong, and what to do about it."""

import typer

from cli.commands.doctor import checkup, signature

app = typer.Typer()
app.callback(invoke_without_command=True)(checkup.check_up)
app.command("signature")(signature.explain)
