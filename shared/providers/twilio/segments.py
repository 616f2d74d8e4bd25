"""How many segments Twilio bills: what it reports, and what a text will take.

A text within the GSM-7 alphabet has 160 septets in one segment or 153 in each of several, where a character of the
extension table takes two septets. Any other text has 70 or 67 UTF-16 code units. A character is never cut in two. (3GPP
TS 23.038 and 23.040; Twilio docs, "What is GSM-7 Character Encoding?" and "Messages resource", `num_segments`)
"""

import re
from collections.abc import Iterable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_COUNT = re.compile(r"[1-9][0-9]{0,3}")


def reported(value: object) -> int | None:
    """The number of segments that Twilio reports; None where it does not, or not yet, which it writes as 0."""
    text = str(value)
    return int(text) if _COUNT.fullmatch(text) else None


def of_text(text: str) -> int:
    """The number of segments that a text takes, at least 1."""
    if set(text) <= _BASIC | _EXTENSION:
        return _pack([2 if character in _EXTENSION else 1 for character in text], alone=160, together=153)
    return _pack([1 + (character > "\uffff") for character in text], alone=70, together=67)


def _pack(widths: Iterable[int], *, alone: int, together: int) -> int:
    total, segments, used = 0, 1, 0
    for width in widths:
        total += width
        used += width
        if used > together:
            segments, used = segments + 1, width
    return 1 if total <= alone else segments
