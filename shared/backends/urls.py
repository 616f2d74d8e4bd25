"""Which URLs a backend may have. The addresses of its host are checked at each request; see `transport.py`."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from shared.tenants.validation import require

_HOST = re.compile(r"(?=.{1,253}\Z)[0-9a-z_]([0-9a-z_-]{0,62})(\.[0-9a-z_-]{1,63})*\.?")


def check(url: str, *, local: bool) -> None:
    """Raises InvalidValue, which does not quote it, unless a backend can be reached at the URL.

    Args:
        url: the URL.
        local: whether plain HTTP is allowed.
    """
    require(
        url.isascii() and url.isprintable() and not set(' \\"<>^`{|}') & set(url),
        "backend: the URL contains a character that must be percent-encoded; write the host name in ASCII (xn--)",
    )
    scheme, host = _parts(url)
    schemes = ("https", "http") if local else ("https",)
    require(scheme in schemes and host, "backend: its URL must begin with https:// and a host name")
    require(urlsplit(url).port != 0, "backend: the URL must not have port 0")
    require("@" not in urlsplit(url).netloc, "backend: the URL must not contain a user or a password")
    require("#" not in url, "backend: the URL has a part after #, which no server receives; leave it out")
    require(_is_address(host) or _HOST.fullmatch(host), "backend: the host name in the URL is not valid")


def _parts(url: str) -> tuple[str, str]:
    """The scheme and the host, in lower case; empty strings when the URL cannot be parsed."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError for an invalid port
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return "%" not in host
