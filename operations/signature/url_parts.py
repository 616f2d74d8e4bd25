"""A URL in its parts, and the URL that the receiver expects to be signed.

Source: Twilio docs, "Security" ("A few notes"): Twilio signs the URL as configured, with its query, without user and
fragment.
"""

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

from operations.signature.case import Case
from shared.messages.inbound import rewritten_query
from shared.public_paths import RECEIVE, STATUS


@dataclass(frozen=True)
class Url:
    """A URL in its parts; each includes its separator, and is empty when it is missing."""

    scheme: str
    userinfo: str = field(repr=False)
    host: str
    port: str
    path: str
    query: str = field(repr=False)
    fragment: str

    def __str__(self) -> str:
        """The parts that are never secret."""
        return f"{self.scheme}://{self.host}{self.port}{self.path}"

    def text(self) -> str:
        """The whole URL."""
        return f"{self.scheme}://{self.userinfo}{self.host}{self.port}{self.path}{self.query}{self.fragment}"


def read_url(text: str) -> Url | None:
    """The URL in its parts; None when the text is no absolute http(s) URL."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    userinfo, at, host_and_port = parts.netloc.rpartition("@")
    host, colon, port = host_and_port.rpartition(":") if not host_and_port.endswith("]") else (host_and_port, "", "")
    if not colon:
        host, port = host_and_port, ""
    if parts.scheme not in {"https", "http"} or not host:
        return None
    query = "?" + parts.query if parts.query else ""
    fragment = "#" + parts.fragment if parts.fragment else ""
    return Url(parts.scheme, userinfo + at, host, colon + port, parts.path, query, fragment)


def expected_url(case: Case, called: Url) -> Url:
    """The URL that the receiver expects to be signed when this one was called."""
    parameters = parse_qs(called.query[1:], keep_blank_values=True)  # API Gateway takes the query apart like this
    bare = replace(called, userinfo="", fragment="", query=rewritten_query(parameters))
    base = _base(case, called)
    if base is None:
        return bare
    return replace(base, path=base.path.rstrip("/") + endpoint_path(called), query=bare.query)


def _base(case: Case, called: Url) -> Url | None:
    """The base URL on the called host; else the first of the stage; else the first of any stage."""
    bases = [(stage, read_url(base)) for stage, base_urls in case.base_urls.items() for base in base_urls]
    for _, base in bases:
        if base and base.host.lower() == called.host.lower():
            return base
    return next((base for stage, base in bases if stage == case.stage), None) or next((base for _, base in bases), None)


def endpoint_path(url: Url) -> str:
    """The right path after the base URL: the one for statuses when the URL has it, else the one for texts."""
    _, status, rest = url.path.partition(f"{STATUS}/")
    return status + rest if status else RECEIVE
