"""A URL in its parts, and the one that the receiver reckons with.

Source: Twilio docs, "Security" ("A few notes"): the URL as configured, without user and fragment, with its query.
"""

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

from operations.signature.case import Case
from shared.messages.inbound import rewritten_query
from shared.public_paths import RECEIVE, STATUS


@dataclass(frozen=True)
class Url:
    """A URL in its parts; each has its own separator with it, and is empty when it is missing."""

    scheme: str
    userinfo: str = field(repr=False)
    host: str
    port: str
    path: str
    query: str = field(repr=False)
    fragment: str

    def __str__(self) -> str:
        """Only what is never secret."""
        return f"{self.scheme}://{self.host}{self.port}{self.path}"

    def text(self) -> str:
        """All of it."""
        return f"{self.scheme}://{self.userinfo}{self.host}{self.port}{self.path}{self.query}{self.fragment}"


def read_url(text: str) -> Url | None:
    """The URL in its parts; None when it is none."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    userinfo, at, place = parts.netloc.rpartition("@")
    host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
    if not colon:
        host, port = place, ""
    if parts.scheme not in {"https", "http"} or not host:
        return None
    query = "?" + parts.query if parts.query else ""
    fragment = "#" + parts.fragment if parts.fragment else ""
    return Url(parts.scheme, userinfo + at, host, colon + port, parts.path, query, fragment)


def expected(case: Case, given: Url) -> Url:
    """The URL that the receiver reckons with, from where the request was sent to."""
    parameters = parse_qs(given.query[1:], keep_blank_values=True)  # which API Gateway does
    bare = replace(given, userinfo="", fragment="", query=rewritten_query(parameters))
    base = _base(case, given)
    if base is None:
        return bare
    return replace(base, path=base.path.rstrip("/") + endpoint(given), query=bare.query)


def _base(case: Case, given: Url) -> Url | None:
    """The base URL that the given one begins with; else that of the stage."""
    known = [(stage, read_url(base)) for stage, bases in case.base_urls.items() for base in bases]
    for _, base in known:
        if base and base.host.lower() == given.host.lower():
            return base
    return next((base for stage, base in known if stage == case.stage), None) or next((base for _, base in known), None)


def endpoint(url: Url) -> str:
    """The path behind the base URL, as it should be: that of statuses when it is one, else that of texts."""
    _, status, rest = url.path.partition(f"{STATUS}/")
    return status + rest if status else RECEIVE
