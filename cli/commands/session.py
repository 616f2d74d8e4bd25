"""`sms session`: stretches of a person's conversation with an agent, as programs create and end them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.context import Invocation
from cli.secret_lines import SecretLine
from operations import sessions
from operations.numbers import typed_address
from operations.sessions import SessionToCreate
from shared.errors import InvalidValue
from shared.messages.sessions import CONTEXT_BYTES_MAX, Context

app = typer.Typer(help="Sessions: which are open, and creating and ending one as a program does.", no_args_is_help=True)

Ours = Annotated[str, typer.Option("--from", metavar="NUMBER", help="Your address, which an agent holds.")]
Person = Annotated[str, typer.Option("--to", metavar="ADDRESS", help="The person's address.")]


@app.command("list")
def list_sessions(
    ctx: typer.Context,
    *,
    full: Annotated[bool, typer.Option("--full", help="Show whole phone numbers.")] = False,
) -> None:
    """List the sessions that are open on this stage.

    The two addresses are known of sessions that programs created, and of those whose agent says when they time out.
    """
    run: Invocation = ctx.obj
    pages = ([session.describe(full=full) for session in page] for page in sessions.open_sessions(run))
    if not run.output.pages(pages):
        run.output.note(f"No session is open on stage {run.stage}.")


@app.command()
def create(  # noqa: PLR0913 -- the options
    ctx: typer.Context,
    *,
    sender: Ours,
    to: Person,
    context: Annotated[
        str | None,
        typer.Option(
            metavar="JSON|@FILE",
            help=f"An object that comes with each text of the session to the backend, up to {CONTEXT_BYTES_MAX} bytes.",
        ),
    ] = None,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The first message to the person. [nobody is texted]")
    ] = None,
    account: Annotated[
        str | None, typer.Option(metavar="AC…", help="The account that owns your number, if the tenant has several.")
    ] = None,
) -> None:
    """Create a session with a person; one that is open ends.

    It goes through the stage's SmsSession, as a program's request does, so it needs an API key: typed at a hidden
    prompt, or on standard input. The key's tenant is meant.
    """
    run: Invocation = ctx.obj
    session = SessionToCreate(typed_address.read_ours(sender), typed_address.read(to), _context(context), text, account)
    [key] = run.secrets(SecretLine("API key"))
    run.output.record(sessions.create(run, key, session))


@app.command()
def end(
    ctx: typer.Context,
    *,
    sender: Ours,
    to: Person,
    session_id: Annotated[
        str | None, typer.Option("--id", metavar="SE…", help="Only if this one is open. [whichever is]")
    ] = None,
) -> None:
    """End the session with a person: their next text begins a new one, if their agent lets it.

    It goes through the stage's SmsSessionEnd and needs an API key, as sms session create does.
    """
    run: Invocation = ctx.obj
    ours, person = typed_address.read_ours(sender), typed_address.read(to)
    [key] = run.secrets(SecretLine("API key"))
    run.output.record(sessions.end(run, key, sender=ours, recipient=person, session_id=session_id))


def _context(typed: str | None) -> Context | None:
    """The object that was typed, or is in the file that was named. Raises InvalidValue, without quoting it."""
    if typed is None:
        return None
    try:
        text = Path(typed[1:]).read_text(encoding="utf-8") if typed.startswith("@") else typed
        context = json.loads(text)
    except OSError as error:
        message = f"the file of the context cannot be read: {error.strerror}"
        raise InvalidValue(message) from error
    except (ValueError, RecursionError):
        message = "the context is not JSON in UTF-8"
        raise InvalidValue(message) from None
    if not isinstance(context, dict):
        message = "the context must be a JSON object"
        raise InvalidValue(message)
    return context
