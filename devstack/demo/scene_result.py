"""The result of one text of the demonstration: a row of its table."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from operations.visible import visible
from terminal.gate import styled


@dataclass(frozen=True)
class SceneResult:
    """What was expected to happen to a text, and what did.

    Attributes:
        what: the scene.
        stage: where it was played.
        expected: what must happen, in words.
        happened: what Twilio, the person and the agent got, in words.
        good: whether it happened as expected.
    """

    what: str
    stage: str
    expected: str
    happened: str
    good: bool

    @property
    def mark(self) -> Text:
        """✔ or ✘."""
        return mark(good=self.good)


def mark(*, good: bool) -> Text:
    """✔ or ✘."""
    return styled(("✔", "green") if good else ("✘", "red"))


def table(results: Sequence[SceneResult]) -> Table:
    """The table of all results."""
    rows = Table("", "text", "stage", "expected", "happened")
    for result in results:
        rows.add_row(result.mark, *map(visible, (result.what, result.stage, result.expected, result.happened)))
    return rows
