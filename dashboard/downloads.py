"""Tables as CSV files."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from flask import Response

from operations.csv_cells import guarded

_A_NUMBER = re.compile(r"[+-]?[0-9][0-9.]*")


def csv_file(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file to download (RFC 4180), in UTF-8.

    Where a spreadsheet would begin a formula, there is an apostrophe. Numbers stay as they are, also phone numbers.

    Args:
        name: the file's name.
        headings: of the columns.
        rows: the cells of each row.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return download(name, text.getvalue())


def download(name: str, text: str) -> Response:
    """A CSV file to download, in UTF-8, with the mark that tells spreadsheets so."""
    return Response(
        f"\ufeff{text}",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return text if _A_NUMBER.fullmatch(text) else guarded(text)
