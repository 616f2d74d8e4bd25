"""What people wrote, in a parked event: hidden unless an operator asks for it."""

from collections.abc import Mapping
from typing import Any

_ATTRIBUTES = {"specversion", "type", "source", "id", "tenant", "time", "subject", "datacontenttype", "data"}
_PLAIN = {
    "account",
    "agent",
    "answer_id",
    "conversation",
    "error_code",
    "from",
    "in_reply_to",
    "message_id",
    "part",
    "parts",
    "provider",
    "received_at",
    "reply_id",
    "status",
    "to",
}
"""The fields of our events (`shared/messages/events.py`) that hold neither a text, nor a link to media, nor the
provider's own fields, which repeat the text. A program may have written anything else onto the queue."""


def without_text(event: Mapping[str, Any], *, placeholder: str) -> dict[str, Any]:
    """The event with the placeholder in place of all that people or programs may have written into it."""
    data = event.get("data")
    shown = {name: value if name in _ATTRIBUTES else placeholder for name, value in event.items()}
    if isinstance(data, dict):
        shown["data"] = {name: value if name in _PLAIN else placeholder for name, value in data.items()}
    elif "data" in event:
        shown["data"] = placeholder
    return shown
