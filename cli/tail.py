"""`sms tail`: what becomes of texts, as the functions' logs tell it, a line a hop."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from cli import durations
from cli.deployed import FUNCTIONS, LogLine
from cli.invocation import Invocation
from cli.output import Record
from cli.target import Target

_EVERY_SECONDS = 2
_LATE = timedelta(seconds=15)
"""How much later than it happened a line may get into the log; so much of it is read again."""
_OF_NO_INTEREST = {"level", "message", "location", "timestamp", "service", "xray_trace_id", "cold_start"}
_FOR_MACHINES = {"request_id", "queue_message_id"}

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

    Of all tenants, unless --tenant chooses one. With --json a JSON object a line, and all ids in full.
    """
    run: Invocation = ctx.obj
    begin = run.world.now() - durations.read(since)
    seen: set[str] = set()
    asked_from = begin
    try:
        while True:
            now = run.world.now()
            lines = _read(run.target, asked_from)
            for line in lines:
                hop = _hop(line)
                if line.id not in seen and hop and run.tenant in (None, hop.get("tenant")):
                    run.output.line(hop if run.output.as_json else _shortened(hop))
            if once:
                return
            seen = {line.id for line in lines}
            asked_from = max(begin, now - _LATE)
            run.world.sleep(_EVERY_SECONDS)
    except KeyboardInterrupt:
        return


def _read(target: Target, since: datetime) -> list[LogLine]:
    lines = [line for function in FUNCTIONS for line in target.log(function, since)]
    return sorted(lines, key=lambda line: line.time)


def _hop(line: LogLine) -> Record | None:
    """What the line tells of a text; None when it tells nothing, as the lines of Lambda itself."""
    try:
        told = json.loads(line.text)
    except ValueError:
        return None
    if not isinstance(told, dict) or not told.get("outcome"):
        return None
    return {
        "time": line.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "function": line.function,
        "outcome": told["outcome"],
        "reason": told.get("reason"),
        **dict(_ids(told)),
    }


def _shortened(hop: Record) -> Record:
    """What people want of it."""
    shown = {name: value for name, value in hop.items() if name not in _FOR_MACHINES}
    return {name: f"{str(value)[:12]}…" if name == "conversation" else value for name, value in shown.items()}


def _ids(told: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in told.items():
        known = name in _OF_NO_INTEREST or name in {"time", "function", "outcome", "reason"}
        if value is not None and not known and not name.startswith("function_"):
            yield name, value
