"""HTTP Basic credentials, as in `https://apikey:KEY@…`."""

import base64

from shared.errors import InvalidKey
from shared.tenants.api_keys import USERNAME


def api_key(header: str | None) -> str:
    """The API key in an `Authorization` header (RFC 7617). Raises InvalidKey."""
    scheme, _, encoded = (header or "").partition(" ")
    try:
        username, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:  # neither base64 nor UTF-8
        raise InvalidKey from None
    if scheme.lower() != "basic" or username != USERNAME or not password:
        raise InvalidKey
    return password
