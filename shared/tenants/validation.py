"""What the values' constructors check with."""

from collections import Counter
from collections.abc import Iterable

from shared.errors import InvalidValue


def require(holds: object, sentence: str) -> None:
    """Raises InvalidValue with the sentence unless it holds."""
    if not holds:
        raise InvalidValue(sentence)


def require_unique(names: Iterable[str], sentence: str) -> None:
    """Raises InvalidValue, `{name}` in the sentence filled in, when a name stands there twice."""
    for name, count in Counter(names).items():
        require(count == 1, sentence.format(name=name))


def is_name(text: str, length_max: int) -> bool:
    """Whether a person would take it for a name: printable, not too long, no spaces around it."""
    return 0 < len(text) <= length_max and text.strip() == text and text.isprintable()
