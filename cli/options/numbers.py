"""Addresses of agents as people type them, one or many, or from a file: phone numbers and what is like them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.context import Invocation
from operations.numbers import typed_address
from shared.errors import CommandDeclined, InvalidValue

STANDARD_INPUT = "-"

_FORMS = f"As people type it: {typed_address.FORMS}."

Number = Annotated[str, typer.Argument(metavar="NUMBER", help=_FORMS)]
Numbers = Annotated[
    list[str] | None,
    typer.Argument(metavar="NUMBER…", help=f"One or many. {_FORMS}"),
]
NumbersFrom = Annotated[
    str | None,
    typer.Option("--numbers-from", metavar="FILE", help="A file with more numbers, one a line; - for standard input."),
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
    for place, line in enumerate(_lines(numbers_from) if numbers_from else [], start=1):
        if not line.strip():
            continue
        try:
            numbers.append(typed_address.read_ours(line.strip(), country))
        except InvalidValue as error:
            message = f"line {place} of the numbers: {error}"
            raise InvalidValue(message) from None
    if not numbers:
        message = "name a number, or a file with numbers: --numbers-from FILE"
        raise CommandDeclined(message)
    once = list(dict.fromkeys(numbers))
    for sentence in filter(None, map(typed_address.doubt, once)):
        run.output.warning(sentence)
    return once


def _lines(numbers_from: str) -> list[str]:
    try:
        text = sys.stdin.read() if numbers_from == STANDARD_INPUT else Path(numbers_from).read_text(encoding="utf-8")
    except OSError as error:
        message = f"the file with the numbers cannot be read: {error.strerror}"
        raise CommandDeclined(message) from error
    except UnicodeDecodeError:
        message = "the file with the numbers is not text"
        raise CommandDeclined(message) from None
    return text.splitlines()
