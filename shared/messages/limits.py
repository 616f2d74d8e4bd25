"""What a message may hold, whoever writes it: a backend that answers, or a caller of the API."""

import re
from urllib.parse import urlsplit

MEDIA_MAX = 10
"""Links in one message (Twilio docs, Messages resource, "MediaUrl")."""
LINK_MAX = 2000

_LINK = re.compile(r"https://[!-\[\]-~]+")  # printable ASCII without the backslash, which some take for a slash


def is_link(value: object) -> bool:
    """Whether it is an https link that a provider can fetch: ASCII, not too long, to a host that is named.

    Without a user and a password, which would stand on the queue and at the provider.
    """
    if not isinstance(value, str) or len(value) > LINK_MAX or not _LINK.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc


def is_whole(text: str) -> bool:
    """Whether all its characters exist: JSON can write halves of one, which no provider takes."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
