"""Tables in Markdown, for the pages that are generated from figures."""

from collections.abc import Iterable, Sequence


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as text, with a newline after each line."""
    rule = f"|{'|'.join(['---'] * len(heading))}|"
    header, *body = (f"| {' | '.join(cells)} |" for cells in (heading, *rows))
    return "".join(f"{line}\n" for line in (header, rule, *body))
