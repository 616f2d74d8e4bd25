"""`sms audit`: who changed what."""

from typing import Annotated

import typer

from cli.context import Invocation
from cli.output import Record
from operations import durations
from operations.audit.reading import AuditRecord, changes_since

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
    records = changes_since(run, run.world.now() - durations.read(since))
    rows = records if run.output.as_json else [_row(record) for record in records]
    run.output.records(rows, none=f"Nothing was changed on stage {run.stage} in that time.")


def _row(record: AuditRecord) -> Record:
    """A record, shortened for people."""
    which = " ".join(f"{name}={value}" for name, value in record["which"].items())
    return {
        "time": str(record["time"])[: len("2026-11-23T12:00:00")],
        "who": str(record["who"]).rpartition(":")[2],
        "tenant": record["tenant"],
        "what": record["what"],
        "which": which,
        "fields": list(record["fields"]),
    }
