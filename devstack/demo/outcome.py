"""What became of one text of the demonstration: a row of its table."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from cli.terminal import styled, visible


@dataclass(frozen=True)
class Outcome:
    """What had to happen with a text, and what did.

    Attributes:
        must: what had to happen.
        got: what Twilio, the person and the agent got.
        good: whether that is as it must be.
    """

    what: str
    stage: str
    must: str
    got: str
    good: bool

    @property
    def mark(self) -> Text:
        """✔ or ✘."""
        return mark(good=self.good)


def mark(*, good: bool) -> Text:
    """✔ or ✘."""
    return styled(("✔", "green") if good else ("✘", "red"))


def table(outcomes: Sequence[Outcome]) -> Table:
    """All of them."""
    made = Table("", "text", "stage", "must", "happened")
    for outcome in outcomes:
        made.add_row(outcome.mark, *map(visible, (outcome.what, outcome.stage, outcome.must, outcome.got)))
    return made
