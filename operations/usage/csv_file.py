"""A report as CSV (RFC 4180)."""

import csv
import io
import re

from operations.usage.report import Grouping, UsageLine, UsageReport

_OF = {Grouping.AGENT: ("agent",), Grouping.NUMBER: ("number", "agent"), Grouping.DAY: ("day",)}
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")  # noqa: RUF001 - the full-width forms begin a formula, too


def as_csv(report: UsageReport, by: Grouping) -> str:
    """A header, and a line for each of the report's; lines end with CR LF.

    `failed` is followed by a column for each reason. An agent's name at which a spreadsheet would begin a formula gets
    an apostrophe before it (OWASP, "CSV Injection").
    """
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    reasons = list(report.total.failures)
    writer.writerow([*_OF[by], *report.total.describe(), *(f"failed_{reason}" for reason in reasons)])
    for line in report.lines:
        counts = [*line.usage.describe().values(), *(line.usage.failures.get(reason, 0) for reason in reasons)]
        writer.writerow([*_of(line), *counts])
    return output.getvalue()


def _of(line: UsageLine) -> list[str]:
    cells = [] if line.day is None else [line.day.isoformat()]
    if line.number is not None:
        cells.append(line.number)
    if line.agent is not None:
        cells.append(f"'{line.agent}" if _FORMULA.match(line.agent) else line.agent)
    return cells
