"""`sms tail`: what becomes of texts, as the functions' logs tell it, a line a hop."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.context import Invocation
from operations import durations
from operations.tracing import log_lines

_EVERY_SECONDS = 2
_LATE = timedelta(seconds=15)
"""How much later than it happened a line may get into the log; so much of it is read again."""
_NOT_FOR_PEOPLE = {"stage", "request_id", "queue_message_id"}

app = typer.Typer()


@app.command()
def tail(
    ctx: typer.Context,
    *,
    since: Annotated[
        str, typer.Option(metavar="AGE", help="Show what happened since so long ago, too: 90s, 5m, 2h, 3d.")
    ] = "0s",
    once: Annotated[bool, typer.Option("--once", help="Show what happened so far, and end.")] = False,
) -> None:
    """Show what becomes of texts as it happens: when, which function, the outcome, the reason, ids. End with Ctrl-C.

    Of all tenants, unless --tenant chooses one; what came with a wrong key is nobody's, and not shown then. With --json
    a JSON object a line, and all ids.
    """
    run: Invocation = ctx.obj
    begin = run.world.now() - durations.read(since)
    seen: set[str] = set()
    asked_from = begin
    try:
        while True:
            now = run.world.now()
            hops = log_lines.read(run, asked_from, stages=[run.stage])
            for hop in (hop for hop in hops if hop.line_id not in seen):
                if run.tenant in (None, hop.told.get("tenant")):
                    hidden = set() if run.output.as_json else _NOT_FOR_PEOPLE
                    run.output.line({name: value for name, value in hop.record.items() if name not in hidden})
            if once:
                return
            seen = {hop.line_id for hop in hops}
            asked_from = max(begin, now - _LATE)
            run.world.sleep(_EVERY_SECONDS)
    except KeyboardInterrupt:
        return
