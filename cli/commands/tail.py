"""`sms tail`: what becomes of texts, from the functions' logs, one line for each hop."""

from typing import Annotated

import typer

from cli.context import Invocation
from operations import durations
from operations.tracing.follow import follow

_NOT_FOR_PEOPLE = {"stage", "request_id", "queue_message_id"}

app = typer.Typer()


@app.command()
def tail(
    ctx: typer.Context,
    *,
    since: Annotated[
        str, typer.Option(metavar="AGE", help="Also show what happened in the time before: 90s, 5m, 2h, 3d.")
    ] = "0s",
    once: Annotated[bool, typer.Option("--once", help="Show what has happened so far, and end.")] = False,
) -> None:
    """Show what becomes of texts as it happens: when, which function, the outcome, the reason, ids. End with Ctrl-C.

    It shows all tenants, unless --tenant chooses one. A request with a wrong key belongs to no tenant, and is not shown
    then. With --json, each line is a JSON object and has all ids.
    """
    run: Invocation = ctx.obj
    hidden = set() if run.output.as_json else _NOT_FOR_PEOPLE
    begin = run.world.now() - durations.read(since)
    try:
        for hop in follow(run, begin, once=once):
            run.output.line({name: value for name, value in hop.record.items() if name not in hidden})
    except KeyboardInterrupt:
        return
