"""A table that breaks lines between words only, so that ids, numbers and URLs in it can be copied."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table

from terminal.gate import styled


def fitting_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, ruled: bool = True
) -> Table | None:
    """The table, or None when its longest words do not fit beside each other into the terminal.

    Args:
        headings: of the columns.
        rows: the cells of each row.
        width: columns of the terminal.
        ruled: whether there is a line under the headings.
    """
    cells = [[heading, *column] for heading, column in zip(headings, zip(*rows, strict=True), strict=True)]
    between = 3 * len(headings) + 1 if ruled else 2 * len(headings)  # as Rich draws the two of them
    widths = _widths(
        [max(map(_longest_word, column)) for column in cells],
        [max(map(cell_len, column)) for column in cells],
        width - between,
    )
    if widths is None:
        return None
    table = Table(box=SIMPLE_HEAD) if ruled else Table(box=None, padding=(0, 2, 0, 0))
    for heading, column_width in zip(headings, widths, strict=True):
        table.add_column(heading, width=column_width, overflow="fold")
    for row in rows:
        table.add_row(*map(styled, row))
    return table


def _widths(least: Sequence[int], most: Sequence[int], available: int) -> list[int] | None:
    """The width of each column: at least its longest word, and what else it needs as far as there is room."""
    spare = available - sum(least)
    if spare < 0:
        return None
    widths = list(least)
    by_need = sorted(range(len(least)), key=lambda column: most[column] - least[column])
    for place, column in enumerate(by_need):
        more = min(most[column] - least[column], spare // (len(by_need) - place))
        widths[column] += more
        spare -= more
    return widths


def _longest_word(cell: str) -> int:
    return max((cell_len(word) for word in cell.split()), default=0)
