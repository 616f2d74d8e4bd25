"""Long texts in parts that a provider takes: at sentence or word borders, never within a character or a link.

A character is what a reader sees as one: an extended grapheme cluster (Unicode Standard Annex #29). Python's standard
library does not know these clusters, so the rules that join characters are here. Where a rule would need one of
Unicode's tables, it joins too much rather than too little. The tests compare the result with a library's.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import takewhile

_LINK = re.compile(r"(?<![a-z0-9])(?:[a-z][a-z0-9+.-]{0,30}://|www\.)\S+", re.IGNORECASE)
_SENTENCE_END = re.compile(
    r"(?:(?<![.!?…])[.!?…]+[\"'\u201d\u2019»)\]]*(?=\s)|[\u3002\uff01\uff1f]+[\u201d\u2019\u300d\u300f\uff09]*|\n)\s*"
)
_MARKS = ("Mn", "Me", "Mc")
_ZERO_WIDTH_JOINER = "\u200d"
_VIRAMA = 9  # its canonical combining class
_JOINS_WHAT_IS_BEFORE = re.compile("[\u200c\u200d\u0e33\u0eb3\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_JOINS_WHAT_FOLLOWS = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\u1cf5\u1cf6\U000110bd\U000110cd\U000111c2\U000111c3\U000113d1"
    "\U0001193f\U00011941\U00011a3a\U00011a84-\U00011a89\U00011d46\U00011f02]"
)
_HANGUL_PAIR = re.compile(
    "[\u1100-\u115f\ua960-\ua97c][\u1100-\u11ff\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb]"
    "|[\u1160-\u11ff\uac00-\ud7a3\ud7b0-\ud7fb][\u1160-\u11ff\ud7b0-\ud7fb]"
)
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_FLAG_HALF = re.compile("[\U0001f1e6-\U0001f1ff]")

_Border = Callable[[int], object]


def split(text: str, most: int) -> list[str]:
    """The parts, in order, each of 1 to `most` UTF-16 code units; joined they are the text. None for an empty text.

    A character is cut only when it is longer than a part by itself, a link only when it is with the blanks around it.
    A part of nothing but blanks, which providers refuse, is made only where a character would have to be cut instead.
    """
    link_insides = {cut for link in _LINK.finditer(text) for cut in range(link.start() + 1, link.end())}
    sentence_ends = _sentence_ends(text) - link_insides
    borders: tuple[_Border, ...] = (
        sentence_ends.__contains__,
        lambda cut: text[cut - 1].isspace() and not _within_character(text, cut),
        lambda cut: cut not in link_insides and not _within_character(text, cut),
        lambda cut: not _within_character(text, cut),
    )
    parts = []
    start = 0
    while start < len(text):
        end = _furthest(text, start, most)
        if end < len(text):
            end = _best(text, start, end, most, borders)
        parts.append(text[start:end])
        start = end
    return parts


def utf16_length(text: str) -> int:
    """The number of UTF-16 code units: characters beyond U+FFFF, such as most emoji, count twice."""
    return len(text) + sum(character > "\uffff" for character in text)


def _best(text: str, start: int, end: int, most: int, borders: tuple[_Border, ...]) -> int:
    """The last place that fits the first of these borders that has one; a sentence must not end in the first half."""
    for border in borders:
        first = start + (end - start) // 2 if border is borders[0] else start
        for cut in range(end, first, -1):
            if border(cut) and not text[start:cut].isspace() and not text[cut : cut + most].isspace():
                return cut
    whole = (cut for cut in range(end, start, -1) if not _within_character(text, cut))
    return next(whole, end)


def _furthest(text: str, start: int, most: int) -> int:
    """Where the longest possible part ends."""
    end = min(start + most, len(text))
    excess = utf16_length(text[start:end]) - most
    while excess > 0:
        end -= 1
        excess -= utf16_length(text[end])
    return max(end, start + 1)


def _sentence_ends(text: str) -> set[int]:
    """Where the text may be cut after a sentence: after it, among its blanks, after them."""
    ends: set[int] = set()
    for match in _SENTENCE_END.finditer(text):
        blanks = len(match[0]) - len(match[0].rstrip())
        ends.update(range(match.end() - max(blanks - 1, 0), match.end() + 1))
    return {cut for cut in ends if not _within_character(text, cut)}


def _within_character(text: str, cut: int) -> bool:
    """Whether a reader sees what is on both sides of this place as one character."""
    if cut >= len(text):
        return False
    before, after = text[cut - 1], text[cut]
    if before.isascii() and after.isascii():
        return before + after == "\r\n"
    pair = before + after
    return bool(
        unicodedata.category(after) in _MARKS
        or _JOINS_WHAT_IS_BEFORE.match(after)
        or _JOINS_WHAT_FOLLOWS.match(before)
        or (before == _ZERO_WIDTH_JOINER and not after.isascii())
        or _HANGUL_PAIR.match(pair)
        or _SURROGATE_PAIR.match(pair)
        or (_FLAG_HALF.match(after) and sum(1 for _ in takewhile(_FLAG_HALF.match, _backwards(text, cut))) % 2)
        or (unicodedata.category(after) == "Lo" and any(map(_is_virama, _marks_before(text, cut))))
    )


def _backwards(text: str, cut: int) -> Iterator[str]:
    return (text[place] for place in range(cut - 1, -1, -1))


def _marks_before(text: str, cut: int) -> Iterator[str]:
    return takewhile(
        lambda character: character == _ZERO_WIDTH_JOINER or unicodedata.category(character) in _MARKS,
        _backwards(text, cut),
    )


def _is_virama(character: str) -> bool:
    return unicodedata.combining(character) == _VIRAMA
