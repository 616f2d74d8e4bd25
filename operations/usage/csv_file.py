"""A report as CSV (RFC 4180)."""

import csv
import io

from operations.csv_cells import guarded
from operations.usage.report import Grouping, UsageLine, UsageReport
from shared.errors import Unavailable

_OF = {Grouping.AGENT: ("agent",), Grouping.NUMBER: ("number", "agent"), Grouping.DAY: ("day",)}


def as_csv(report: UsageReport, by: Grouping) -> str:
    """A header and the lines, which end with CR LF; `failed` is followed by a column for each reason.

    Where an agent's name would begin a formula, there is an apostrophe.

    Raises Unavailable when a stage did not answer: whoever reads the file later could not see that figures are missing.
    """
    if report.missing:
        message = f"stage {report.missing[0]} did not answer, so its figures would be missing in the file; try again"
        raise Unavailable(message)
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
