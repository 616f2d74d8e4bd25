"""Reads a JSON body field by field. Every error message is a sentence that begins with the field's name."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class BadBody(ValueError):
    """The body cannot be used. The message names the field and never repeats its value, which may be secret."""


class Body:
    """A JSON object.

    Args:
        value: What the body was parsed to.
        allowed: The names of the fields that it may have; none of them for any field.

    Raises:
        BadBody: It is not an object, or has a field that is not allowed.
    """

    def __init__(self, value: object, *allowed: str) -> None:
        if not isinstance(value, dict):
            message = "body: must be a JSON object, sent with Content-Type application/json."
            raise BadBody(message)
        self.fields: dict[str, object] = value
        for name in self.fields:
            if allowed and name not in allowed:
                message = f"{name}: is not a field here; the fields are {', '.join(allowed)}."
                raise BadBody(message)

    def optional(self, name: str) -> str | None:
        """A text; None when it is missing or null."""
        value = self.fields.get(name)
        return None if value is None else as_text(name, value)

    def text(self, name: str) -> str:
        """A required text, which must not be empty."""
        value = self.optional(name)
        if not value:
            message = f"{name}: is required and must not be empty."
            raise BadBody(message)
        return value

    def word(self, name: str, default: str, *allowed: str) -> str:
        """One of a few words, written in any case."""
        value = (self.optional(name) or default).upper()
        if value not in allowed:
            message = f"{name}: must be {' or '.join(allowed)}."
            raise BadBody(message)
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false; the default when it is missing or null."""
        value = self.fields.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            message = f"{name}: must be true or false."
            raise BadBody(message)
        return value

    def number(self, name: str, default: int, minimum: int, maximum: int) -> int:
        """A whole number within limits; the default when it is missing or null."""
        value = self.fields.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            message = f"{name}: must be a whole number from {minimum} to {maximum}."
            raise BadBody(message)
        return value

    def parsed(self, name: str, parse: Callable[[str], T]) -> T | None:
        """An optional text, parsed by a function that raises ValueError with a reason."""
        value = self.optional(name)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError as error:
            message = f"{name}: {error}."
            raise BadBody(message) from None


def as_text(name: str, value: object) -> str:
    """A value that must be a text.

    Raises:
        BadBody: It is not a text, or contains half of a surrogate pair, which no webhook could carry.
    """
    if not isinstance(value, str):
        message = f"{name}: must be a text."
        raise BadBody(message)
    if any("\ud800" <= character <= "\udfff" for character in value):
        message = f"{name}: contains half of a surrogate pair."
        raise BadBody(message)
    return value


def as_texts(name: str, value: object) -> str | list[str] | None:
    """A value that must be a text, a list of texts, or null.

    Raises:
        BadBody: It is something else.
    """
    if value is None:
        return None
    if isinstance(value, list):
        return [as_text(name, item) for item in value]
    return as_text(name, value)
