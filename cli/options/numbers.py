"""Addresses of agents as people type them, one or many, from a file, or all of an agent."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.context import Invocation
from operations.numbers import csv_file, holding, typed_address
from shared.errors import CommandDeclined

STANDARD_INPUT = "-"

_FORMS = f"As people type it: {typed_address.FORMS}."

Number = Annotated[str, typer.Argument(metavar="NUMBER", help=_FORMS)]
Numbers = Annotated[
    list[str] | None,
    typer.Argument(metavar="NUMBER…", help=f"One or many. {_FORMS}"),
]
NumbersFrom = Annotated[
    str | None,
    typer.Option(
        "--numbers-from",
        "--file",
        metavar="FILE",
        help="A file with more numbers: CSV with a column `number`, or one a line; - for standard input.",
    ),
]
Country = Annotated[str, typer.Option(metavar="CC", help="The country of a number that does not begin with +.")]


def read_number(run: Invocation, typed: str, country: str) -> str:
    """The address in the form in which it is stored; warns when it may be mistyped. Raises InvalidValue."""
    [number] = read_numbers(run, [typed], None, country)
    return number


def read_numbers(run: Invocation, typed: list[str] | None, numbers_from: str | None, country: str) -> list[str]:
    """The addresses in the form in which they are stored, each once, in order; warns of those that may be mistyped.

    Raises InvalidValue when no agent can have one of them, and CommandDeclined when there is none or the file cannot be
    read.
    """
    numbers = [typed_address.read_ours(number, country) for number in typed or []]
    if numbers_from:
        numbers += [row.number for row in csv_file.read(read_file(numbers_from), country).rows]
    if not numbers:
        message = "name a number, or a file with numbers: --numbers-from FILE"
        raise CommandDeclined(message)
    once = list(dict.fromkeys(numbers))
    warn_of_doubts(run, once)
    return once


def read_numbers_or_all(
    run: Invocation, typed: list[str] | None, numbers_from: str | None, country: str, agent: str | None
) -> list[str]:
    """The addresses as `read_numbers` has them; where none are named, all that the agent has that is named.

    Raises as `read_numbers` does, and NotFound when there is no such agent, CommandDeclined when it has no number.
    """
    if typed or numbers_from or agent is None:
        return read_numbers(run, typed, numbers_from, country)
    numbers = [number.number for page in holding.list_numbers(run, agent=agent) for number in page]
    if not numbers:
        message = f"agent {agent!r} has no number; give it numbers with: sms number assign"
        raise CommandDeclined(message)
    return numbers


def warn_of_doubts(run: Invocation, numbers: Iterable[str]) -> None:
    """Warns of addresses that may be mistyped."""
    for sentence in filter(None, map(typed_address.doubt, numbers)):
        run.output.warning(sentence)


def note_ignored(run: Invocation, columns: Sequence[str]) -> None:
    """Names the columns of a CSV file that mean nothing here, if there are any."""
    if columns:
        run.output.note(f"Columns that mean nothing here: {', '.join(columns)}.")


def read_file(path: str) -> bytes:
    """What is in the file, or on standard input for `-`. Raises CommandDeclined."""
    try:
        return sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
    except OSError as error:
        message = f"the file with the numbers cannot be read: {error.strerror}"
        raise CommandDeclined(message) from error
