"""Numbers as people type them, one or many, or from a file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from operations.numbers.phone_number import LENGTH_MAX, normalise
from shared.errors import CommandDeclined, InvalidValue

STANDARD_INPUT = "-"

Number = Annotated[str, typer.Argument(metavar="NUMBER", help=f"As people type it, up to {LENGTH_MAX} characters.")]
Numbers = Annotated[
    list[str] | None,
    typer.Argument(metavar="NUMBER…", help=f"One or many, as people type them, up to {LENGTH_MAX} characters each."),
]
NumbersFrom = Annotated[
    str | None,
    typer.Option("--numbers-from", metavar="FILE", help="A file with more numbers, one a line; - for standard input."),
]
Country = Annotated[str, typer.Option(metavar="CC", help="The country of a number that does not begin with +.")]


def read_numbers(typed: list[str] | None, numbers_from: str | None, country: str) -> list[str]:
    """The numbers in E.164 form, each once, in order.

    Raises InvalidValue when one is not a phone number, and CommandDeclined when there is none or the file cannot be
    read.
    """
    numbers = [normalise(number, country) for number in typed or []]
    for place, line in enumerate(_lines(numbers_from) if numbers_from else [], start=1):
        if not line.strip():
            continue
        try:
            numbers.append(normalise(line.strip(), country))
        except InvalidValue as error:
            message = f"line {place} of the numbers: {error}"
            raise InvalidValue(message) from None
    if not numbers:
        message = "name a number, or a file with numbers: --numbers-from FILE"
        raise CommandDeclined(message)
    return list(dict.fromkeys(numbers))


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
