"""`sms audit`: who changed what."""

from typing import Annotated

import typer

from cli.context import Invocation
from operations import durations
from operations.audit.reading import brief, changes_since

app = typer.Typer()


@app.command()
def audit(
    ctx: typer.Context,
    *,
    since: Annotated[str, typer.Option(metavar="AGE", help="How far to look back: 90s, 5m, 2h, 3d.")] = ("30d"),
) -> None:
    """Show who changed what with this command: tenants and all that they have, and parked events; the oldest first.

    A change is in the log of the stage on which it was made (--stage), after a few seconds. All tenants are shown,
    unless --tenant chooses one. The log has names and ids only, no values of fields.
    """
    run: Invocation = ctx.obj
    records = changes_since(run, run.world.now() - durations.read(since))
    rows = records if run.output.as_json else [brief(record) for record in records]
    run.output.records(rows, none=f"Nothing was changed on stage {run.stage} in that time.")
