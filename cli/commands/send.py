"""`sms send`: a message to a person, as a program sends it."""

from typing import Annotated

import typer

from cli.context import Invocation
from cli.secret_lines import SecretLine
from operations.answers import send as answers
from operations.answers.send import MessageToSend
from operations.numbers import typed_address

app = typer.Typer()


@app.command()
def send(  # noqa: PLR0913 -- the options
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the person will read.")],
    *,
    sender: Annotated[str, typer.Option("--from", metavar="NUMBER", help="Your address, which an agent holds.")],
    to: Annotated[str, typer.Option(metavar="ADDRESS", help="The person's address, such as a number or whatsapp:+….")],
    in_reply_to: Annotated[
        str | None, typer.Option(metavar="ID", help="The text that it answers, as SM…: see sms waiting.")
    ] = None,
    end_session: Annotated[
        bool, typer.Option("--end-session", help="The session of that text ends: the next text begins a new one.")
    ] = False,
    account: Annotated[
        str | None, typer.Option(metavar="AC…", help="The account that owns your number, if the tenant has several.")
    ] = None,
) -> None:
    """Text a person from one of your numbers, first or in answer to a text.

    It goes through the stage's SmsSend, as a program's message does, so it needs an API key: typed at a hidden prompt,
    or on standard input. The key's tenant is the one that sends.
    """
    run: Invocation = ctx.obj
    message = MessageToSend(
        typed_address.read_ours(sender), typed_address.read(to), text, in_reply_to, end_session, account
    )
    [key] = run.secrets(SecretLine("API key"))
    run.output.record(answers.send(run, key, message))
