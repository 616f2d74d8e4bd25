"""Tables in Markdown, for the pages that are made from figures."""

from collections.abc import Iterable, Sequence


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The lines of a table, the last one ended too."""
    rule = f"|{'|'.join(['---'] * len(heading))}|"
    first, *others = (f"| {' | '.join(cells)} |" for cells in (heading, *rows))
    return "".join(f"{line}\n" for line in (first, rule, *others))
