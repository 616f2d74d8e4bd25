"""Checks for the constructors of tenants, agents and connections."""

from collections import Counter
from collections.abc import Iterable

from shared.errors import InvalidValue


def require(holds: object, sentence: str) -> None:
    """Raises InvalidValue with the sentence when `holds` is false."""
    if not holds:
        raise InvalidValue(sentence)


def require_unique(names: Iterable[str], sentence: str) -> None:
    """Raises InvalidValue when a name occurs twice; the sentence has `{name}` where that name goes."""
    for name, count in Counter(names).items():
        require(count == 1, sentence.format(name=name))


def is_name(text: str, length_max: int) -> bool:
    """Whether it is a usable name: printable, not empty, not too long, without spaces around it."""
    return 0 < len(text) <= length_max and text.strip() == text and text.isprintable()
