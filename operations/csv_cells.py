"""Cells of CSV files that no spreadsheet takes for a formula (OWASP, "CSV Injection").

A spreadsheet would begin one at the beginning of a cell, and after a semicolon, which ends a cell in many countries.
There an apostrophe says that it is text.
"""

import re

_FORMULA = "=+\\-@＝＋－＠\t\r"  # noqa: RUF001 - the full-width forms begin a formula, too
_GUARDED = re.compile(rf"(^|;)( *)'('*)(?=[{_FORMULA}])")
_UNGUARDED = re.compile(rf"(^|;)( *)('*)(?=[{_FORMULA}])")


def guarded(cell: str) -> str:
    """The text, with an apostrophe wherever a formula would begin."""
    return _UNGUARDED.sub(r"\1\2'\3", cell)


def unguarded(cell: str) -> str:
    """The text that `guarded` was given."""
    return _GUARDED.sub(r"\1\2\3", cell)
