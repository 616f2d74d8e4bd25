r"""Text that other people wrote, made so that it can be seen and can do nothing else: in a terminal and on a page.

A control character could move a terminal's cursor or type for the operator; a bidirectional or invisible character can
make one id look like another, anywhere. So each is shown as Python would write it, as \x1b or \u202e.
"""

import re
from collections.abc import Callable

_UNSAFE = (
    "\x00-\x1f\x7f-\x9f"  # category Cc: C0, DEL and C1, NEL among them
    "\u2028\u2029"  # Zl, Zp: they break lines
    "\ud800-\udfff"  # Cs: lone surrogates
    # Cf: bidirectional, invisible and deprecated format characters
    "\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
"""What is escaped: the categories Cc, Zl, Zp, Cs and Cf of the Unicode Character Database, without the characters
of Cf that are visible (those with the property Prepended_Concatenation_Mark, such as U+0600)."""

_AFTER = "\u0600-\u1fff\u2190-\u27ff\u2900-\ud7ff\uf900-\ufefe\U00010000-\U000dffff"
_JOINER = f"(?<=[{_AFTER}])[\u200c\u200d]"
"""Joiners where they belong to the spelling: in emoji, and after letters of scripts that need them, such as Arabic
and Devanagari. After Latin letters and digits, where they would make two ids look the same, they are escaped."""

_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
"""The flags of England, Scotland and Wales (Unicode Technical Standard 51, "Emoji Tag Sequences"); elsewhere tag
characters are invisible text."""

_GATE = re.compile(f"(?P<kept>{_FLAG}|{_JOINER})|[{_UNSAFE}]")


def _as_python(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def visible(text: str, *, lines: bool = False, escape: Callable[[str], str] = _as_python) -> str:
    """The text, with an escape for each character that could do anything but be seen.

    Args:
        text: any text.
        lines: whether line breaks stay. They must not in a text that others wrote: they could forge a line.
        escape: returns the escape of such a character.
    """

    def escaped(match: re.Match[str]) -> str:
        character = match[0]
        return character if match["kept"] or (lines and character == "\n") else escape(character)

    return _GATE.sub(escaped, text)
