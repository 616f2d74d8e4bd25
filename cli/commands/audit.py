"""`sms audit`: who changed what."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.context import Invocation
from cli.output import Record
from operations import durations

app = typer.Typer()


@app.command()
def audit(
    ctx: typer.Context,
    *,
    since: Annotated[str, typer.Option(metavar="AGE", help="What was changed since so long ago: 90s, 5m, 2h, 3d.")] = (
        "30d"
    ),
) -> None:
    """Show who changed what with this command: tenants and all that they have, and what was parked; the oldest first.

    A change stands in the log of the stage that it was made on (--stage), a few seconds later. Of all tenants, unless
    --tenant chooses one. Names and ids only: what a field holds is not told.
    """
    run: Invocation = ctx.obj
    records = run.target.audit.read(run.world.now() - durations.read(since))
    chosen = [record for record in records if run.tenant in (None, record.get("tenant"))]
    rows = chosen if run.output.as_json else [_row(record) for record in chosen]
    run.output.records(rows, none=f"Nothing was changed on stage {run.stage} in that time.")


def _row(record: Mapping[str, Any]) -> Record:
    """What people want of it."""
    which = " ".join(f"{name}={value}" for name, value in record["which"].items())
    return {
        "time": str(record["time"])[: len("2026-11-23T12:00:00")],
        "who": str(record["who"]).rpartition(":")[2],
        "tenant": record["tenant"],
        "what": record["what"],
        "which": which,
        "fields": list(record["fields"]),
    }
