"""What the operator sees: tables for people, JSON with `--json`. All but the result goes to standard error."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from rich.progress import track

from cli.table import fitting_table
from operations.hints import Hints
from terminal.gate import Screen, readable_json, screen, styled

Record = Mapping[str, object]
T = TypeVar("T")
_UNNAMED = {"time", "function", "outcome", "from", "body"}  # clear without their names
_PIPED_WIDTH = 10_000  # characters: where nobody looks at it, each record is one line, for grep and the like


@dataclass(frozen=True)
class Output:
    """Shows results, for people or as JSON. A record has JSON values; its names are the headings.

    Attributes:
        as_json: whether to print JSON.
        hints: completes the commands in sentences.
    """

    as_json: bool
    hints: Hints = field(default_factory=Hints)

    def record(self, record: Record) -> None:
        """Shows one record. Lines are not broken, so that a long value can be copied; a dict is shown as JSON."""
        if self.as_json:
            _print_json(record)
        else:
            _print_record(_console(), record)

    def records(
        self, records: Sequence[Record], *, none: str, row: Callable[[Record], Record] = lambda record: record
    ) -> None:
        """Shows several records of a kind, or the sentence `none` when there are none.

        Args:
            records: what there is, as data: with `--json` exactly this.
            none: what people see when there are none.
            row: shortens a record for people, to what fits into a line of a table.
        """
        if self.as_json:
            _print_json(records)
        elif records:
            _print_table(_console(), [row(record) for record in records])
        else:
            self.note(none)

    def pages(self, pages: Iterable[Sequence[Record]]) -> int:
        """Shows records that come in pages, each page as it comes; with `--json` all are one list. Returns how many."""
        count = 0
        for page in pages:
            if page and self.as_json:
                _print_json_items(page, before="," if count else "[")
            elif page:
                _print_table(_console(), page)
            count += len(page)
        if self.as_json:
            screen().print("]" if count else "[]")
        return count

    def plan(self, records: Sequence[Record]) -> None:
        """Shows what will happen, before the operator is asked. With `--json` it does not: it is part of the result."""
        if not self.as_json:
            _print_table(_console(stderr=True), records)

    def line(self, record: Record) -> None:
        """Shows one of many records that come one by one, each on a line."""
        words = [
            _in_words(value) if name in _UNNAMED else f"{name}={_in_words(value)}"
            for name, value in record.items()
            if value
        ]
        _console().print(json.dumps(record) if self.as_json else "  ".join(words), soft_wrap=True)

    def table(
        self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, narrow: Sequence[Record]
    ) -> None:
        """Shows a table for people; in a terminal that is too narrow for it, the records `narrow`, each on a line."""
        console = _console()
        table = fitting_table(headings, rows, console.width, ruled=False)
        console.print(styled((title, "italic")), soft_wrap=True)
        if table:
            console.print(table)
        else:
            for record in narrow:
                self.line(record)

    def verdict(self, mark: str, style: str, words: str, do: str = "") -> None:
        """Shows one of many verdicts, for people; what to do about it is on a second line."""
        _console().print(styled((mark, style), " ", words), soft_wrap=True)
        if do:
            _console().print(styled("    → ", do), soft_wrap=True)

    def text(self, text: str) -> None:
        """Shows lines of text as they are, for another program."""
        screen(lines=True).print(text, end="", soft_wrap=True)

    def watched(self, things: Sequence[T], doing: str) -> Iterable[T]:
        """The things one by one; on a terminal with a progress bar."""
        console = _console(stderr=True)
        hidden = self.as_json or not console.is_terminal
        return track(things, doing, console=console, transient=True, disable=hidden)

    def works_on(self, tenant_id: str) -> None:
        """From now on, completes hints with this tenant."""
        self.hints.tenant = tenant_id

    def note(self, sentence: str) -> None:
        """Shows a sentence besides the result."""
        _console(stderr=True).print(self.hints.completed(sentence), soft_wrap=True)

    def warning(self, sentence: str) -> None:
        """Shows a sentence that must not be overlooked although the command succeeds."""
        _console(stderr=True).print(styled((self.hints.completed(sentence), "bold yellow")), soft_wrap=True)

    def error(self, sentence: str) -> None:
        """Shows why the command failed; with `--json` on both outputs."""
        sentence = self.hints.completed(sentence)
        _console(stderr=True).print(styled((sentence, "red")), soft_wrap=True)
        if self.as_json:
            _print_json({"error": sentence})


def _print_table(console: Screen, records: Sequence[Record]) -> None:
    """Prints a table; where the terminal is too narrow for it, one record below the other."""
    headings = [_heading(name) for name in records[0]]
    rows = [[_in_words(value) for value in record.values()] for record in records]
    table = fitting_table(headings, rows, console.width)
    if table:
        console.print(table)
        return
    for record in records:
        console.print()
        _print_record(console, record)


def _print_record(console: Screen, record: Record) -> None:
    width = max(map(len, record))
    for name, value in record.items():
        text = readable_json(value) if isinstance(value, dict) else _in_words(value)
        console.print(styled((f"{_heading(name):<{width}}", "bold"), "  ", text), soft_wrap=True)


def _console(*, stderr: bool = False) -> Screen:
    console = screen(stderr=stderr)
    if not console.is_terminal:
        console.width = _PIPED_WIDTH
    return console


def _print_json(value: object) -> None:
    screen(lines=True).print(json.dumps(value, indent=2), soft_wrap=True)


def _print_json_items(items: Sequence[Record], *, before: str) -> None:
    text = before + ",".join(json.dumps(item, indent=2) for item in items)
    screen(lines=True).print(text, end="", soft_wrap=True)


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
