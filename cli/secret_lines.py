"""Secrets that an operator types unseen or pipes in: exactly the lines that a command asks for, in its order."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cli import terminal
from shared.errors import Declined


@dataclass(frozen=True)
class SecretLine:
    """One line that is asked for.

    Attributes:
        name: what it is, for people.
        check: gives it back, or raises Declined with a sentence that does not repeat it.
        verbatim: whether it may be blank, and blanks around it belong to it.
    """

    name: str
    check: Callable[[str], str] = str
    verbatim: bool = False

    def accept(self, line: str) -> str:
        """What was typed. Raises Declined."""
        if self.verbatim:
            return self.check(line)
        if not line.strip():
            message = f"the {self.name} is expected on standard input, on a line of its own"
            raise Declined(message)
        return self.check(line.strip())


def prompted(wanted: Sequence[SecretLine], note: Callable[[str], object]) -> list[str]:
    """Asks for each on the terminal, again until it is acceptable; `note` tells why it is not."""
    return [_prompted(line, note) for line in wanted]


def piped(wanted: Sequence[SecretLine]) -> list[str]:
    """Reads all of standard input, if anything is wanted.

    Raises Declined when it holds less or more than that, or something else.
    """
    if not wanted:
        return []
    try:
        lines = [line.removesuffix("\r") for line in sys.stdin.read().split("\n")]
    except UnicodeDecodeError:
        message = "standard input is not text in this terminal's encoding"
        raise Declined(message) from None  # the cause quotes it
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > len(wanted):
        names = ", then the ".join(line.name for line in wanted)
        message = f"standard input must hold nothing but the {names}, a line each; it holds {len(lines)} lines"
        raise Declined(message)
    lines += [""] * (len(wanted) - len(lines))
    return [line.accept(text) for line, text in zip(wanted, lines, strict=True)]


def _prompted(line: SecretLine, note: Callable[[str], object]) -> str:
    while True:
        try:
            return line.accept(terminal.prompted(f"{line.name} (not shown)", hidden=True))
        except Declined as error:
            note(str(error))
