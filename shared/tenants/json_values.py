"""Checks of JSON values. Those of a value's type raise TypeError without a message, so that no value is quoted."""

from collections.abc import Mapping
from typing import Any

from shared.errors import InvalidValue


def check_schema(document: Mapping[str, Any], schema: int, cure: str) -> None:
    """Raises InvalidValue, with what to do about it, unless the document has this schema; KeyError when it has none."""
    found = document["schema"]
    if isinstance(found, bool) or found != schema:  # in Python, True == 1
        message = f"its schema is not {schema}; {cure}"
        raise InvalidValue(message)


def as_text(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise TypeError
    return value


def as_number(value: object) -> float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float):  # in Python, True is an int
        raise TypeError
    return value


def as_count(value: object) -> int:
    """A whole number, zero or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError
    return value


def as_bool(value: object) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def as_list(values: object) -> list[Any]:
    """A list."""
    if not isinstance(values, list):  # a string would pass as a sequence of one-letter strings
        raise TypeError
    return values


def as_texts(values: object) -> tuple[str, ...]:
    """A list of strings, as a tuple."""
    return tuple(as_text(value) for value in as_list(values))
