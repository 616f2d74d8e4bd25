"""JSON values of the type that is expected; anything else is a TypeError, which quotes nothing."""

from typing import Any


def as_text(value: object) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError
    return value


def as_number(value: object) -> float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float):  # to Python, true is a number
        raise TypeError
    return value


def as_truth(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def as_list(values: object) -> list[Any]:
    """A list."""
    if not isinstance(values, list):  # the letters of a text would pass for a list of texts
        raise TypeError
    return values


def as_texts(values: object) -> tuple[str, ...]:
    """A list of texts."""
    return tuple(as_text(value) for value in as_list(values))
