"""The gate: what passes to a terminal, and what is shown as an escape."""

import json
import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from cli.output import Output
from operations.visible import visible
from terminal.gate import readable_json, screen, styled
from tests.unit.cli.screens import ESCAPES, STYLES, TEXTS, Written, harmful, written_by

SEEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Prepended_Concatenation_Mark (Unicode Character Database, PropList.txt): of category Cf, and seen."""


def test_escapes_exactly_what_unicode_calls_control_format_surrogate_or_separator_of_lines() -> None:
    wrong = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) != "Cn"
        and (visible(chr(code)) != chr(code))
        != (unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and code not in SEEN)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("a\x7fb\x85c", r"a\x7fb\x85c"),
        ("id\u202egnp.exe", r"id\u202egnp.exe"),
        ("one\ntwo\r\nthree\tfour", r"one\ntwo\r\nthree\tfour"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ud83d", r"\ud83d"),
        ("SM\u200b1", r"SM\u200b1"),
        ("SM\u200d1", r"SM\u200d1"),
        ("\u200d1", r"\u200d1"),
        ("hi\U000e0068\U000e0069", r"hi\U000e0068\U000e0069"),
        ("🏴\U000e0068\U000e0069", r"🏴\U000e0068\U000e0069"),
        ("🏴\U000e0068\U000e0069\U000e0068\U000e0069", r"🏴\U000e0068\U000e0069\U000e0068\U000e0069"),
    ],
)
def test_shows_what_could_do_something_as_an_escape(text: str, expected: str) -> None:
    assert visible(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Grüße, 你好 👋🏽",
        "👩‍👩‍👧‍👦 ❤️‍🔥 🏳️‍🌈 👁️‍🗨️ 🧑🏽‍🚒",  # joined by U+200D
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England
        "می\u200cخواهم",  # noqa: RUF001 - Persian: "I want"
        "क्\u200dष ന്\u200d",  # Hindi and Malayalam
        "שלום مرحبا",  # the terminal's own business
        "C:\\new [bold]text[/] :smile:",
    ],
)
def test_shows_what_people_write_as_they_write_it(text: str) -> None:
    assert visible(text) == text
    assert written_by(lambda: Output(as_json=False).note(text)).err == text + "\n"
    assert text in written_by(lambda: Output(as_json=False).records([{"body": text}], none="")).out


@given(TEXTS)
def test_is_the_same_when_it_passes_twice_and_makes_no_line(text: str) -> None:
    passed = visible(text)
    assert visible(passed) == passed
    assert harmful(passed) == []
    assert "\n" not in passed


@given(TEXTS.filter(lambda text: "\\" not in text))
def test_escapes_and_loses_nothing_else(text: str) -> None:
    joiners = "\u200c\u200d"
    escaped = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    others = [c for c in text if unicodedata.category(c) not in escaped or ord(c) in SEEN]
    assert [c for c in ESCAPES.sub("", visible(text)) if c not in joiners] == others


WAYS: dict[str, Callable[[Output, str], object]] = {
    "record": lambda output, text: output.record({"id": text, "number": [text], "event": {"text": text}}),
    "records": lambda output, text: output.records([{"id": text, "number": text}] * 2, none=""),
    "none": lambda output, text: output.records([], none=text),
    "line": lambda output, text: output.line({"time": text, "reason": text}),
    "plan": lambda output, text: output.plan([{"what": text, "is": None}]),
    "verdict": lambda output, text: output.verdict("✔", "green", text, text),
    "note": lambda output, text: output.note(text),
    "warning": lambda output, text: output.warning(text),
    "error": lambda output, text: output.error(text),
}


def shown(way: str, text: str, *, as_json: bool = False, tty: bool = False, encoding: str = "utf-8") -> Written:
    """A text shown in one of the ways."""
    return written_by(lambda: WAYS[way](Output(as_json=as_json), text), tty=tty, encoding=encoding)


@pytest.mark.parametrize("as_json", [False, True], ids=["people", "json"])
@pytest.mark.parametrize("way", WAYS)
@given(text=TEXTS)
def test_nothing_harmful_passes_in_any_column_on_either_stream(way: str, text: str, *, as_json: bool) -> None:
    for tty in (False, True):
        written = shown(way, text, as_json=as_json, tty=tty)
        assert harmful(STYLES.sub("", written.out + written.err)) == []


@given(text=TEXTS)
def test_json_keeps_every_character(text: str) -> None:
    assert json.loads(written_by(lambda: Output(as_json=True).record({"a": text, "b": [text]})).out)["a"] == text
    assert json.loads(written_by(lambda: Output(as_json=True).line({"a": text})).out) == {"a": text}
    assert json.loads(readable_json({"a": text}).plain) == {"a": text}


@given(text=TEXTS)
def test_a_text_makes_no_line_of_its_own(text: str) -> None:
    for way in ("line", "note", "warning", "error", "none"):
        written = shown(way, text)
        assert (written.out + written.err).count("\n") == 1
    record = {"id": text, "queue": "inbound"}
    assert written_by(lambda: Output(as_json=False).record(record)).out.count("\n") == len(record)


@given(text=TEXTS)
def test_a_terminal_shows_what_a_file_would_hold(text: str) -> None:
    """So no style comes from the text."""
    for way in ("line", "note", "error", "verdict"):
        seen, kept = shown(way, text, tty=True), shown(way, text)
        assert (STYLES.sub("", seen.out), STYLES.sub("", seen.err)) == (kept.out, kept.err)


@given(text=TEXTS, cells=st.integers(1, 3))
def test_nothing_harmful_passes_in_a_table_or_a_styled_line(text: str, cells: int) -> None:
    table = Table("a", title=text)
    for _ in range(cells):
        table.add_row(text)
    written = written_by(lambda: screen().print(table, styled("x", (text, "red"), text)))
    assert harmful(written.out) == []


@given(text=TEXTS)
def test_nothing_harmful_passes_that_is_written_to_the_streams_themselves(text: str) -> None:
    def write() -> None:
        sys.stdout.write(text)
        sys.stderr.writelines([text, text])
        sys.excepthook(ValueError, ValueError(text), None)

    written = written_by(write)
    assert harmful(written.out + written.err) == []


def test_no_bytes_go_past_the_gate() -> None:
    def write() -> None:
        assert not hasattr(sys.stdout, "buffer")
        with pytest.raises(TypeError):
            sys.stdout.write(b"\x1b[2J")  # type: ignore[arg-type] # Click tries it

    assert written_by(write).out == ""


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
@given(text=TEXTS)
def test_what_the_encoding_lacks_is_escaped_or_written_in_ascii(encoding: str, text: str) -> None:
    for way in list(WAYS):
        shown(way, text, encoding=encoding)
    assert shown("note", "✔ 你 →", encoding=encoding).err == "+ \\u4f60 ->\n"


def test_a_progress_bar_keeps_its_own_control_characters_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")

    def work() -> None:
        for thing in Output(as_json=False).watched(["\x1b]0;title\x07"], "Replaying"):
            sys.stderr.write(f"{thing}\n")
            Output(as_json=False).note(thing)

    written = written_by(work, tty=True)
    assert "\x1b[?25l" in written.err  # Rich hides the cursor
    assert "\x1b]0;" not in written.out + written.err
    assert r"\x1b]0;title\x07" in written.err
