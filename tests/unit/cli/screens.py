"""Standard output and standard error as a terminal or a file, and what was written there."""

import io
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from hypothesis import strategies as st

from terminal import gate

ESCAPES = re.compile(r"\\(?:[nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
STYLES = re.compile(r"\x1b\[[0-9;]*m")  # what Rich writes of its own: select graphic rendition
# Written out here, character by character; `test_terminal` compares the gate with Unicode's own categories.
HARMFUL = [
    *"\x00\x07\x08\t\n\x0b\x0c\r\x1a\x1b\x7f\x80\x84\x85\x90\x9b\x9c\x9d\x9f",
    *"\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
    *"\ud800\udfff\U000e0001\U000e0041\U000e007f",
]
TEXTS = st.text(st.characters() | st.sampled_from([*HARMFUL, "\u200c", "\u200d", "👩", "م", "[", "]", ":"]))


@dataclass(frozen=True)
class Written:
    """What came out."""

    out: str
    err: str


class _Stream(io.TextIOWrapper):
    def __init__(self, encoding: str, *, tty: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="")
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty

    def written(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode(self.encoding)


def written_by(act: Callable[[], object], *, encoding: str = "utf-8", tty: bool = False) -> Written:
    """Runs something behind the gate."""
    out, err = _Stream(encoding, tty=tty), _Stream(encoding, tty=tty)
    with redirect_stdout(out), redirect_stderr(err):
        gate.install()
        act()
    return Written(out.written(), err.written())


def harmful(text: str) -> list[str]:
    """The harmful characters in what came out, newlines aside."""
    return [character for character in HARMFUL if character != "\n" and character in text]
