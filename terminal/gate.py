r"""The one gate to the terminal: whatever is printed can be seen, and can do nothing else.

What the command shows was written by people, agents and providers. A control character in it could move the cursor,
recolour or erase the screen, or type for the operator; a bidirectional or invisible character can make one id look
like another. So none of them passes: each is shown as Python would write it, as \x1b or \u202e.

`install` puts the gate over standard output and standard error, for everything that writes there, also tracebacks and
Typer's own messages. A `Screen` writes styled text beneath the gate; the only control characters it lets through are
its own.
"""

import codecs
import io
import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO, cast

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text
from typer import rich_utils

from operations.visible import visible

_IN_ASCII = {"✔": "+", "✘": "x", "✖": "x", "‼": "!", "→": "->", "…": "...", "─": "-", "●": "*"}
"""What is printed of the signs that we print ourselves, where the terminal's encoding lacks them."""


def _within_encoding(error: UnicodeError) -> tuple[str, int]:
    """What is printed of characters that an encoding lacks (Python docs, "codecs", "Error Handlers")."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    escapes = (
        _IN_ASCII.get(character) or character.encode("unicode_escape").decode("ascii") for character in characters
    )
    return "".join(escapes), error.end


_WITHIN_ENCODING = "sms-within-encoding"


def is_text(typed: str) -> bool:
    """Whether what was typed is text: bytes that are none in the locale's encoding are lone surrogates in Python."""
    return not any("\ud800" <= character <= "\udfff" for character in typed)


def readable_json(value: object) -> Text:
    """JSON on several lines, for people: only control and format characters are escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return Text(visible(text, lines=True, escape=lambda character: json.dumps(character)[1:-1]))


def styled(*parts: str | Text | tuple[str, str]) -> Text:
    """A line for a `Screen`, of words, and of pairs of words and a style."""
    line = Text()
    for part in parts:
        match part:
            case Text():
                line.append_text(part)
            case (words, style):
                line.append(visible(words), style)
            case words:
                line.append(visible(words))
    return line


class Screen(Console):
    """Rich's console beneath the gate: all it renders is visible, and the only control characters are its own.

    Args:
        stderr: whether it writes to standard error.
        lines: whether line breaks in strings stay.
        options: Rich's own.
    """

    def __init__(self, *, stderr: bool = False, lines: bool = True, **options: Any) -> None:  # noqa: ANN401 - Rich's
        self._lines = lines
        options.setdefault("file", _beneath(sys.stderr if stderr else sys.stdout))
        super().__init__(stderr=stderr, **options)

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - Rich's
        """A string as Rich renders it, made visible before Rich measures it."""
        return super().render_str(visible(text, lines=self._lines), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What Rich renders, made visible."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text, lines=True), segment.style)


def screen(*, stderr: bool = False, lines: bool = False) -> Screen:
    """A screen that prints text literally: without markup, emoji names or highlighting."""
    return Screen(stderr=stderr, lines=lines, markup=False, highlight=False, emoji=False)


class _Gate(io.TextIOBase):
    """A text stream that makes visible what is written to it. It has no `buffer`, to which bytes could be written."""

    def __init__(self, beneath: TextIO) -> None:
        self.beneath = beneath

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.beneath.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self.beneath.errors

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.beneath.write(visible(text, lines=True))
        return len(text)

    def flush(self) -> None:
        if not self.beneath.closed:  # Python flushes once more when the gate is garbage
            self.beneath.flush()

    def isatty(self) -> bool:
        return self.beneath.isatty()

    def fileno(self) -> int:
        return self.beneath.fileno()


def install() -> None:
    """Puts the gate over standard output and standard error, once. Characters that their encoding lacks are escaped."""
    codecs.register_error(_WITHIN_ENCODING, _within_encoding)
    sys.stdout, sys.stderr = _gated(sys.stdout), _gated(sys.stderr)
    rich_utils.Console = Screen  # type: ignore[attr-defined] # Typer's help and errors are styled too


def confirmed(question: str) -> bool:
    """Whether the operator agrees."""
    return typer.confirm(visible(question), err=True)


def prompted(question: str, *, default: str | None = None, hidden: bool = False) -> str:
    """What the operator types; not shown if hidden."""
    return str(typer.prompt(visible(question), default=default, hide_input=hidden, err=True))


def _gated(stream: TextIO) -> TextIO:
    if isinstance(stream, _Gate):
        return stream
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_WITHIN_ENCODING)
    return cast("TextIO", _Gate(stream))


def _beneath(stream: TextIO) -> TextIO:
    proxied = getattr(stream, "rich_proxied_file", stream)  # while Rich shows a progress bar
    return proxied.beneath if isinstance(proxied, _Gate) else proxied
