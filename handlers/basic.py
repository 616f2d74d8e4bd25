"""HTTP Basic credentials, as in `https://apikey:KEY@…`."""

from werkzeug.datastructures import Authorization

from shared.credentials import USERNAME
from shared.errors import InvalidKey


def api_key(header: str | None) -> str:
    """The API key in an `Authorization` header. Raises InvalidKey."""
    try:
        given = Authorization.from_header(header)
    except ValueError:  # base64 of what is not ASCII
        raise InvalidKey from None
    if given is None or given.type != "basic" or given.username != USERNAME or not given.password:
        raise InvalidKey
    return given.password
