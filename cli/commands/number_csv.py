"""`sms number import` and `sms number export`: an agent's numbers from a CSV file, and to one."""

from pathlib import Path
from typing import Annotated

import typer

from cli import csv_files
from cli.commands.number import show_result
from cli.context import Invocation
from cli.options.numbers import Country, note_ignored, read_file, warn_of_doubts
from operations.numbers import csv_file, holding, importing
from operations.numbers.importing import PlannedImport

app = typer.Typer()

_SHOWN_MAX = 100
"""The most changes that people see before they are asked."""


@app.command("import")
def import_numbers(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="CSV with the columns number,description, as `export` writes it, or as IBM's dashboard did; - for "
            "standard input.",
        ),
    ],
    *,
    agent: Annotated[str, typer.Option(help="The name of the agent that gets the numbers.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="The agent will have exactly these numbers: take all others from it.")
    ] = False,
    country: Country = "US",
) -> None:
    """Give an agent the numbers of a CSV file, with their descriptions.

    Shows first which are added, described anew and taken away, and asks once. A file with any line that cannot be used
    changes nothing: all such lines are named. It can be run again at any time: it does what is left, or nothing.
    """
    numbers = csv_file.read(read_file(file), country, unique=True)
    note_ignored(ctx.obj, numbers.ignored)
    warn_of_doubts(ctx.obj, (row.number for row in numbers.rows))
    run: Invocation = ctx.obj.changing()
    planned = importing.plan(run, numbers.rows, agent, replace=replace)
    _show(run, planned)
    failed = []
    if planned.changes:
        run.announce_change()
        run.confirm(f"Change {len(planned.changes)} numbers of agent {agent!r} like this?")
        failed = importing.carry_out(run, planned)
    changes = {"changes": [change.describe() for change in planned.changes]} if run.output.as_json else {}
    show_result(run, {"agent": agent, **planned.counts(besides=failed), **changes}, failed)


@app.command()
def export(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The file to write; without it, standard output.")
    ] = None,
    agent: Annotated[
        str | None, typer.Option(help="Only the numbers of the agent with this name, without the column agent.")
    ] = None,
) -> None:
    """Write the numbers with their descriptions as CSV, which `sms number import` reads.

    A description that a spreadsheet would take for a formula gets an apostrophe before it, which `import` takes away.
    """
    run: Invocation = ctx.obj
    pages = holding.list_numbers(run, agent=agent)
    if file is None or str(file) == csv_files.STANDARD_OUTPUT:
        if run.output.as_json:
            run.output.pages([number.describe() for number in page] for page in pages)
        else:
            run.output.text(importing.exported(pages, with_agents=agent is None).replace("\r\n", "\n"))
        return
    text = importing.exported(pages, with_agents=agent is None)
    csv_files.write(run, file, text)
    run.output.record({"file": str(file), "numbers": text.count("\r\n") - 1})


def _show(run: Invocation, planned: PlannedImport) -> None:
    """Shows what changes; of a number that is taken away and is connected also what becomes of its texts."""
    if not planned.changes:
        run.output.note("There is nothing to do: the agent has these numbers, described like this.")
        return
    counts = planned.counts()
    run.output.note(", ".join(f"{counts[name]} {name}" for name in counts) + ".")
    run.output.plan([change.describe() for change in planned.changes[:_SHOWN_MAX]])
    if len(planned.changes) > _SHOWN_MAX:
        run.output.note(f"And {len(planned.changes) - _SHOWN_MAX} more.")
