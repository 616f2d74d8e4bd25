"""What a message may hold, whether a backend answers with it or a caller of the API sends it."""

import re
from urllib.parse import urlsplit

MEDIA_MAX = 10
"""Links in one message, whatever the provider: one that takes fewer gets the rest in messages of their own."""
LINK_MAX = 2000
"""Characters of a link."""

_LINK = re.compile(r"https://[!-\[\]-~]+")  # printable ASCII without the backslash, which some take for a slash


def is_link(value: object) -> bool:
    """Whether it is an https link that a provider can fetch: ASCII, not too long, with a host.

    A user and a password are not allowed: they would be visible on the queue and at the provider.
    """
    if not isinstance(value, str) or len(value) > LINK_MAX or not _LINK.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and port != 0 and "@" not in parts.netloc


def is_whole(text: str) -> bool:
    """Whether it has no half of a surrogate pair: JSON can write one, and no provider takes it."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
