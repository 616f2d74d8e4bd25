"""`sms waiting`: texts whose backend said that it will answer later."""

from datetime import datetime
from typing import Annotated

import typer

from cli.context import Invocation
from cli.output import Record
from operations import durations
from operations.answers.waiting import WaitingText, waiting_texts

app = typer.Typer()


@app.command()
def waiting(
    ctx: typer.Context,
    *,
    full: Annotated[bool, typer.Option("--full", help="Show whole phone numbers.")] = False,
) -> None:
    """List the texts that wait for an answer which their backend promised for later, the oldest first.

    `overdue` is what was not answered in the time of its agent: see sms agent update --answer-within. An answer is
    welcome also then: the backend's, or yours with sms send --in-reply-to ID.
    """
    run: Invocation = ctx.obj
    texts = waiting_texts(run)
    none = f"No text waits for an answer on stage {run.stage}."
    if run.output.as_json:
        run.output.records([text.describe(full=full) for text in texts], none=none)
        return
    now = run.world.now()
    run.output.records([_row(text, now, full=full) for text in texts], none=none)


def _row(text: WaitingText, now: datetime, *, full: bool) -> Record:
    shown = {name: value for name, value in text.describe(full=full).items() if not name.endswith("_at")}
    left = text.promise.due_at - now
    due = f"{durations.shown(-left)} ago" if text.is_overdue else f"in {durations.shown(left)}"
    return {**shown, "age": text.received_at and durations.shown(now - text.received_at), "due": due}
