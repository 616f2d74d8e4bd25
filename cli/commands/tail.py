"""`sms tail`: what becomes of texts, from the functions' logs, one line for each hop."""

from typing import Annotated

import typer

from cli.context import Invocation
from cli.options.hops import takes_hop_filters
from operations import durations
from operations.tracing.agent_names import agent_names
from operations.tracing.follow import follow
from operations.tracing.selection import HopFilters

_NOT_FOR_PEOPLE = {"request_id", "queue_message_id"}

app = typer.Typer()


@app.command()
@takes_hop_filters
def tail(
    ctx: typer.Context,
    *,
    since: Annotated[
        str, typer.Option(metavar="AGE", help="Also show what happened in the time before: 90s, 5m, 2h, 3d.")
    ] = "0s",
    once: Annotated[bool, typer.Option("--once", help="Show what has happened so far, and end.")] = False,
    all_stages: Annotated[bool, typer.Option("--all-stages", help="Show the other stage, too.")] = False,
    filters: HopFilters,
) -> None:
    """Show what becomes of texts as it happens: when, which function, the outcome, the reason, ids. End with Ctrl-C.

    It shows all tenants, unless --tenant, --number or --agent is given. A request with a wrong key belongs to no
    tenant, and is not shown then. --number, --agent, --outcome and --reason may be given several times each. With
    --json, each line is a JSON object and has all ids.
    """
    run: Invocation = ctx.obj
    hidden = set() if run.output.as_json else _NOT_FOR_PEOPLE | (set() if all_stages else {"stage"})
    names = {} if run.output.as_json else agent_names(run)
    begin = run.world.now() - durations.read(since)
    try:
        for hop in follow(run, begin, filters, all_stages=all_stages, once=once):
            shown = {name: value for name, value in hop.record.items() if name not in hidden}
            if shown.get("agent") in names:
                shown["agent"] = names[str(shown["agent"])]
            run.output.line(shown)
    except KeyboardInterrupt:
        return
