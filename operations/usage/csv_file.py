"""A report as CSV (RFC 4180)."""

import csv
import io
import re

from operations.usage.report import Grouping, UsageLine, UsageReport

_OF = {Grouping.AGENT: ("agent",), Grouping.NUMBER: ("number", "agent"), Grouping.DAY: ("day",)}
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")  # noqa: RUF001 - the full-width forms begin a formula, too

_NUMBER = re.compile(r"\+[0-9]+")


def as_csv(report: UsageReport, by: Grouping) -> str:
    """The columns with their header; lines end with CR LF.

    An agent's name at which a spreadsheet would begin a formula gets an apostrophe before it (OWASP, "CSV Injection").
    """
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    headings, rows = columns(report, by)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([f"'{cell}" if isinstance(cell, str) and _is_formula(cell) else cell for cell in row])
    return output.getvalue()


def columns(report: UsageReport, by: Grouping) -> tuple[list[str], list[list[str | int]]]:
    """The names of the columns, and a row for each line; `failed` is followed by a column for each reason."""
    reasons = list(report.total.failures)
    headings = [*_OF[by], *report.total.describe(), *(f"failed_{reason}" for reason in reasons)]
    rows: list[list[str | int]] = [
        [
            *_of(line),
            *line.usage.describe().values(),
            *(line.usage.failures.get(reason, 0) for reason in reasons),
        ]
        for line in report.lines(by)
    ]
    return headings, rows


def _is_formula(cell: str) -> bool:
    return _FORMULA.match(cell) is not None and not _NUMBER.fullmatch(cell)


def _of(line: UsageLine) -> list[str]:
    cells = [] if line.day is None else [line.day.isoformat()]
    if line.number is not None:
        cells.append(line.number)
    if line.agent is not None:
        cells.append(line.agent)
    return cells
