"""A report as CSV (RFC 4180)."""

import csv
import io

from operations.csv_cells import guarded
from operations.usage.report import Grouping, UsageLine, UsageReport

_OF = {Grouping.AGENT: ("agent",), Grouping.NUMBER: ("number", "agent"), Grouping.DAY: ("day",)}


def as_csv(report: UsageReport, by: Grouping) -> str:
    """A header and the lines, which end with CR LF; `failed` is followed by a column for each reason.

    Where an agent's name would begin a formula, there is an apostrophe.
    """
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    reasons = list(report.total.failures)
    writer.writerow([*_OF[by], *report.total.describe(), *(f"failed_{reason}" for reason in reasons)])
    for line in report.lines(by):
        counts = [*line.usage.describe().values(), *(line.usage.failures.get(reason, 0) for reason in reasons)]
        writer.writerow([*_of(line), *counts])
    return output.getvalue()


def _of(line: UsageLine) -> list[str]:
    cells = [] if line.day is None else [line.day.isoformat()]
    if line.number is not None:
        cells.append(line.number)
    if line.agent is not None:
        cells.append(guarded(line.agent))
    return cells
