"""How many segments a text takes.

A text within the GSM-7 alphabet has 160 septets in one segment or 153 in each of several, where a character of the
extension table takes two septets. Any other text has 70 or 67 UTF-16 code units. A character is never cut in two. (3GPP
TS 23.038 and 23.040; Twilio docs: "What is GSM-7 Character Encoding?")
"""

from collections.abc import Iterable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")


def count_segments(text: str) -> int:
    """The number of segments, at least one."""
    if set(text) <= _BASIC | _EXTENSION:
        return _pack((2 if character in _EXTENSION else 1 for character in text), 160, 153)
    return _pack((len(character.encode("utf-16-le")) // 2 for character in text), 70, 67)


def _pack(widths: Iterable[int], alone: int, together: int) -> int:
    total, segments, used = 0, 1, 0
    for width in widths:
        total += width
        used += width
        if used > together:
            segments, used = segments + 1, width
    return 1 if total <= alone else segments
