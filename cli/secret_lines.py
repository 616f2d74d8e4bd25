"""Secrets that an operator types hidden or pipes in: exactly the lines that a command asks for, in that order."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.errors import CommandDeclined
from terminal import gate


@dataclass(frozen=True)
class SecretLine:
    """A line that a command asks for.

    Attributes:
        name: what it is, for people.
        check: returns the secret, or raises CommandDeclined with a sentence that does not repeat it.
        verbatim: whether it may be blank, and keeps the blanks around it.
    """

    name: str
    check: Callable[[str], str] = str
    verbatim: bool = False

    def accept(self, line: str) -> str:
        """The secret in a line that was typed. Raises CommandDeclined."""
        if self.verbatim:
            return self.check(line)
        if not line.strip():
            message = f"the {self.name} is expected on standard input, on a line of its own"
            raise CommandDeclined(message)
        return self.check(line.strip())


def prompted(expected: Sequence[SecretLine], note: Callable[[str], object]) -> list[str]:
    """The secrets, asked for on the terminal, each until it is acceptable; `note` shows why it is not."""
    return [_prompted(line, note) for line in expected]


def piped(expected: Sequence[SecretLine]) -> list[str]:
    """The secrets from standard input, which is read to its end; not read at all if there are none to read.

    Raises CommandDeclined when it has fewer or more lines, or a line that is not acceptable.
    """
    if not expected:
        return []
    try:
        lines = [line.removesuffix("\r") for line in sys.stdin.read().split("\n")]
    except UnicodeDecodeError:
        message = "standard input is not text in this terminal's encoding"
        raise CommandDeclined(message) from None  # the cause quotes it
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > len(expected):
        names = ", then the ".join(line.name for line in expected)
        message = f"standard input must hold nothing but the {names}, a line each; it holds {len(lines)} lines"
        raise CommandDeclined(message)
    lines += [""] * (len(expected) - len(lines))
    return [line.accept(text) for line, text in zip(expected, lines, strict=True)]


def _prompted(line: SecretLine, note: Callable[[str], object]) -> str:
    while True:
        try:
            return line.accept(gate.prompted(f"{line.name} (not shown)", hidden=True))
        except CommandDeclined as error:
            note(str(error))
