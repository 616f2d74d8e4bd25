"""`sms import ibm`: takes over what was configured at IBM."""

from collections.abc import Sequence
from typing import Annotated

import typer

from cli.commands.number import show_result
from cli.context import Invocation
from cli.options.numbers import Country, note_ignored, read_file, warn_of_doubts
from cli.output import Record
from operations.ibm_import import carrying_out, planning, reading
from operations.ibm_import.numbers import with_numbers
from operations.numbers import csv_file
from operations.stage.names import Stage

_SHOWN_MAX = 100
"""The most things that people see before they are asked."""

app = typer.Typer(help="Take over what was configured elsewhere.", no_args_is_help=True)


@app.callback()
def import_from() -> None:
    """Take over what was configured elsewhere."""


@app.command()
def ibm(  # noqa: PLR0913 -- the options
    ctx: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…",
            help="The gateway's JSON with its tenants, and CSV files with numbers, as the dashboard exported them; - "
            "for standard input.",
        ),
    ],
    *,
    agent: Annotated[
        str | None,
        typer.Option(help="The agent that the numbers of CSV files are for; not needed when the files have only one."),
    ] = None,
    region: Annotated[Stage | None, typer.Option(help="The agents' stage.", show_default="--stage")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be made, and make nothing.")] = False,
    country: Country = "US",
) -> None:
    """Make agents, numbers and Twilio accounts of the files of IBM's Voice Agent or its SMS Gateway.

    Shows first what will be made, and each field that does not come here with the reason, and asks once. Secrets in the
    files are never shown; they go where the tenant's secrets are. It can be run again: it makes nothing twice, and
    changes nothing that is there already.
    """
    contents = [read_file(file) for file in files]
    tenants = [tenant for data in contents if reading.is_json(data) for tenant in reading.read(data, country)]
    numbers = [csv_file.read(data, country) for data in contents if not reading.is_json(data)]
    for ignored in dict.fromkeys(each.ignored for each in numbers if each.ignored):
        note_ignored(ctx.obj, ignored)
    tenants = with_numbers(tenants, [row for each in numbers for row in each.rows], agent)
    warn_of_doubts(ctx.obj, dict.fromkeys(tenant.draft.number for tenant in tenants if tenant.draft.number))
    run: Invocation = ctx.obj.changing()
    stage = region or run.stage
    planned = planning.plan(run, tenants)
    made, reasons = list(planning.describe(planned, stage)), reading.grouped(planned.not_carried_over)
    _show_plan(run, made, reasons)
    result: dict[str, object] = {"plan": made, "not_carried_over": reasons} if run.output.as_json else {}
    if dry_run or not planned.makes_anything:
        run.output.record({"made": 0, **result})
        return
    administration = run.editing()
    run.confirm("Make this?")
    done = carrying_out.carry_out(run, administration, planned, stage=stage)
    for sid, why in done.failed_accounts.items():
        run.output.warning(f"Account {sid} was not added: {why}")
    counts = {"accounts": list(done.accounts), "agents": list(done.agents), "numbers": done.numbers}
    run.output.note("To let their texts come here, connect the numbers of each agent: sms number connect --agent NAME")
    show_result(run, {**counts, **result}, done.failed_numbers)
    if done.failed_accounts:
        raise typer.Exit(1)


def _show_plan(run: Invocation, made: Sequence[Record], reasons: Sequence[Record]) -> None:
    """Shows what will be made, and what does not come here; of what many tenants have alike, how many they are."""
    if made:
        run.output.plan(made[:_SHOWN_MAX])
        if len(made) > _SHOWN_MAX:
            run.output.note(f"And {len(made) - _SHOWN_MAX} more.")
    else:
        run.output.note("There is nothing to make: all of it is there already, or does not come here.")
    if reasons:
        run.output.note("This does not come here, or not as it was:")
        run.output.plan([{**reason, "where": _counted(reason["where"])} for reason in reasons])


def _counted(where: object) -> object:
    return where[0] if isinstance(where, list) and len(where) == 1 else f"{len(where)} tenants"  # type: ignore[arg-type] # a list
