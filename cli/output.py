"""What the operator sees: tables for people, JSON with `--json`; what is not the result goes to standard error."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.progress import track
from rich.table import Table

from cli.hints import Hints
from cli.terminal import Screen, readable_json, screen, styled

Record = Mapping[str, object]
T = TypeVar("T")
_BARE = {"time", "function", "outcome", "from", "body"}  # need no name on a line
_PIPED_WIDTH = 200  # of a table that no terminal limits


@dataclass(frozen=True)
class Output:
    """Shows results in one of the two forms. A record's values are JSON values, its names serve as headings.

    Attributes:
        hints: completes what a sentence says to type.
    """

    as_json: bool
    hints: Hints = field(default_factory=Hints)

    def record(self, record: Record) -> None:
        """Shows one thing. No line is broken, so that a long value can be copied; a dict is shown as JSON."""
        if self.as_json:
            _print_json(record)
            return
        console = _console()
        width = max(map(len, record))
        for name, value in record.items():
            shown = readable_json(value) if isinstance(value, dict) else _shown(value)
            console.print(styled((f"{_heading(name):<{width}}", "bold"), "  ", shown), soft_wrap=True)

    def records(self, records: Sequence[Record], *, none: str) -> None:
        """Shows several things of a kind, or says `none` when there are none."""
        if self.as_json:
            _print_json(records)
        elif records:
            _console().print(_table(records))
        else:
            self.note(none)

    def plan(self, records: Sequence[Record]) -> None:
        """Shows what is going to happen, before the operator is asked; with `--json` it is part of the result."""
        if not self.as_json:
            _console(stderr=True).print(_table(records))

    def line(self, record: Record) -> None:
        """Shows one of many things that come one after the other, on a line of its own."""
        words = [
            _shown(value) if name in _BARE else f"{name}={_shown(value)}" for name, value in record.items() if value
        ]
        _console().print(json.dumps(record) if self.as_json else "  ".join(words), soft_wrap=True)

    def table(self, table: Table) -> None:
        """Shows a table of its own form, for people."""
        _console().print(table)

    def verdict(self, mark: str, style: str, words: str, do: str = "") -> None:
        """Shows one of many verdicts, for people, as soon as it is known; what to do is on a line of its own."""
        _console().print(styled((mark, style), " ", words), soft_wrap=True)
        if do:
            _console().print(styled("    → ", do), soft_wrap=True)

    def watched(self, things: Sequence[T], doing: str) -> Iterable[T]:
        """The things one by one, with a bar that tells how far it is; only on a terminal."""
        console = _console(stderr=True)
        hidden = self.as_json or not console.is_terminal
        return track(things, doing, console=console, transient=True, disable=hidden)

    def works_on(self, tenant_id: str) -> None:
        """Completes hints with the tenant from now on."""
        self.hints.tenant = tenant_id

    def note(self, sentence: str) -> None:
        """Says something besides the result."""
        _console(stderr=True).print(self.hints.completed(sentence), soft_wrap=True)

    def warning(self, sentence: str) -> None:
        """Says what must not be overlooked although the command succeeds."""
        _console(stderr=True).print(styled((self.hints.completed(sentence), "bold yellow")), soft_wrap=True)

    def error(self, sentence: str) -> None:
        """Says why nothing came of it; with `--json` on both outputs."""
        sentence = self.hints.completed(sentence)
        _console(stderr=True).print(styled((sentence, "red")), soft_wrap=True)
        if self.as_json:
            _print_json({"error": sentence})


def _table(records: Sequence[Record]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for name in records[0]:
        table.add_column(_heading(name), overflow="fold")
    for record in records:
        table.add_row(*map(_shown, record.values()))
    return table


def _console(*, stderr: bool = False) -> Screen:
    console = screen(stderr=stderr)
    if not console.is_terminal:
        console.width = _PIPED_WIDTH
    return console


def _print_json(value: object) -> None:
    screen(lines=True).print(json.dumps(value, indent=2), soft_wrap=True)


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
