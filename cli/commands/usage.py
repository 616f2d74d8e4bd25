"""`sms usage`: how much each agent or number received, sent and failed at."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from cli import csv_files
from cli.context import Invocation
from cli.output import Record
from operations.numbers import typed_address
from operations.usage import period as periods
from operations.usage.advice import where_to_look
from operations.usage.csv_file import as_csv
from operations.usage.report import Grouping, UsageFilters, UsageLine, UsageReport
from operations.usage.report import usage as report_of
from shared.errors import CommandDeclined

app = typer.Typer()


@app.command()
def usage(  # noqa: PLR0913 - the command's options
    ctx: typer.Context,
    *,
    since: Annotated[
        str, typer.Option(metavar="AGE|DAY", help="The first day, as 2026-11-01; or 30d: so many days with today.")
    ] = "30d",
    until: Annotated[str | None, typer.Option(metavar="DAY", help="The last day; today without it.")] = None,
    by: Annotated[Grouping, typer.Option(help="What each line is of.")] = Grouping.AGENT,
    agent: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only of this agent, also of a deleted one.")
    ] = None,
    number: Annotated[str | None, typer.Option(metavar="NUMBER", help="Only of this number of yours.")] = None,
    csv: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the lines as CSV into a file; - for standard output.")
    ] = None,
) -> None:
    """Show usage: texts received, messages sent, segments that are billed, and failures.

    It adds up both stages. Days are UTC. docs/operations.md says what each figure means.
    """
    run: Invocation = ctx.obj
    period = periods.read(since, until, run.world.now())
    filters = UsageFilters(agent, number and typed_address.read_ours(number))
    report = report_of(run, period, filters)
    if csv:
        _write(run, csv, report, by)
    elif run.output.as_json:
        run.output.record(
            {"first": str(period.first), "last": str(period.last), "by": by.value, **_describe(run, report, by)}
        )
    else:
        _show(run, report, by)


def _write(run: Invocation, file: str, report: UsageReport, by: Grouping) -> None:
    text = as_csv(report, by)
    if file == csv_files.STANDARD_OUTPUT:
        if run.output.as_json:
            message = "standard output can have JSON or CSV, not both; name a file: --csv FILE"
            raise CommandDeclined(message)
        run.output.text(text.replace("\r\n", "\n"))
        return
    csv_files.write(run, Path(file), text)
    run.output.record({"file": file, "lines": len(report.lines(by))})


def _describe(run: Invocation, report: UsageReport, by: Grouping) -> Record:
    return {
        "usage": [_line(line) | {"failures": line.usage.failures} for line in report.lines(by)],
        "total": report.total.describe(),
        "failures": _failures(run, report),
        "stages": {stage: of_stage.describe() for stage, of_stage in report.by_stage.items()},
        "missing": list(report.missing),
    }


def _show(run: Invocation, report: UsageReport, by: Grouping) -> None:
    rows = [_line(line) for line in report.lines(by)]
    if len(rows) > 1:
        rows.append({**dict.fromkeys(rows[0], ""), by.value: "together", **report.total.describe()})
    run.output.records(rows, none="Nothing was counted in this time.", row=_without_gaps)
    if report.total.failed:
        run.output.records(_failures(run, report), none="")


def _without_gaps(row: Record) -> Record:
    return {name: "no agent" if value is None else value for name, value in row.items()}


def _line(line: UsageLine) -> dict[str, object]:
    """A line with what it is of in front. A number without an agent has none."""
    of: dict[str, object] = {}
    if line.day is not None:
        of["day"] = str(line.day)
    if line.number is not None:
        of["number"] = line.number
    if line.agent is not None:
        of["agent"] = line.agent or None
    return of | line.usage.describe()


def _failures(run: Invocation, report: UsageReport) -> Sequence[Record]:
    """How much failed on each stage, by reason, and the command that shows it there."""
    return [
        {
            "reason": reason,
            "stage": stage,
            "failed": count,
            "look": replace(run.output.hints, stage=stage).completed(where_to_look(reason)),
        }
        for stage, of_stage in report.by_stage.items()
        for reason, count in of_stage.failures.items()
    ]
