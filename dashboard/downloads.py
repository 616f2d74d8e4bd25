"""Tables as CSV files."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from flask import Response

_A_NUMBER = re.compile(r"[+-]?[0-9][0-9.]*")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file to download (RFC 4180), in UTF-8.

    A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV Injection"). Numbers stay
    as they are, phone numbers among them.

    Args:
        name: the file's name.
        headings: of the columns.
        rows: the cells of each row.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return Response(
        text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) and not _A_NUMBER.fullmatch(text) else text
