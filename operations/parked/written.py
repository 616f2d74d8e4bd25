"""What people wrote, in a parked event: hidden unless an operator asks for it."""

from collections.abc import Mapping
from typing import Any


def without_text(event: Mapping[str, Any], *, placeholder: str) -> dict[str, Any]:
    """The event with the placeholder in place of its text and of the provider's own fields, which repeat the text."""
    hidden: dict[str, Any] = dict(event)
    data = hidden.get("data")
    if isinstance(data, dict):
        hidden["data"] = data | {name: placeholder for name in ("text", "fields") if name in data}
    return hidden
