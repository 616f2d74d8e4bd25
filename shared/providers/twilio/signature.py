"""How Twilio signs its webhooks.

Source: Twilio docs, "Security" (https://www.twilio.com/docs/usage/security).
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator

from shared.messages.inbound import WebhookRequest

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:[^/?#]*@)?"  # userinfo is never signed
    r"(?P<host>\[[^\]/?#]*\]|[^:/?#]+)"
    r"(?P<port>:[0-9]*)?"
    r"(?P<rest>[/?][^#]*)?"
    r"(?:#.*)?",  # nor is the fragment
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_STANDARD_PORTS = {"https": ":443", "http": ":80"}


def is_signed(request: WebhookRequest, signature: str, tokens: Sequence[str]) -> bool:
    """Whether one of the tokens signed the request to one of its URLs, as Twilio signs its webhooks.

    Each URL is tried as given, without its port, and with its scheme's standard port, always without userinfo and
    fragment: Twilio does not sign those, and is not consistent about ports ("A few notes" on its Security page). A form
    body is signed field by field, blanks and repetitions included; of any other body the SHA-256 stands in the query as
    `bodySHA256` and must match the raw bytes.

    Args:
        request: its URLs are absolute.
        signature: the X-Twilio-Signature header, base64, or an empty string.
        tokens: the auth tokens that may sign; empty ones never match.

    Returns:
        False for whatever is not signed, nonsense included. Never raises.
    """
    try:
        signature_bytes = signature.encode("ascii")
    except UnicodeEncodeError:
        return False
    return bool(signature_bytes) and any(
        hmac.compare_digest(_signature(token, signed), signature_bytes)
        for signed in _signed(request)
        for token in tokens
        if token
    )


def signed_urls(url: str) -> Iterable[str]:
    """Each text that Twilio may sign for a URL, the likeliest first; none for what is no absolute http(s) URL."""
    parts = _URL.fullmatch(url)
    if parts is None:
        return ()
    scheme, host, port, rest = parts["scheme"], parts["host"], parts["port"] or "", parts["rest"] or ""
    ports = dict.fromkeys((port, "", _STANDARD_PORTS[scheme.lower()]))
    return (f"{scheme}://{host}{signed_port}{rest}" for signed_port in ports)


def signed_fields(fields: Iterable[tuple[str, str]]) -> str:
    """A form as Twilio signs it after the URL: names and values, sorted, each pair once."""
    return _run_together(sorted(set(fields)))


def _run_together(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(map("".join, pairs))


def announced_digest(url: str) -> str | None:
    """The SHA-256 of the body, in lower-case hexadecimal, that a URL names as `bodySHA256`; None without it."""
    query = url.partition("#")[0].partition("?")[2]
    announced = parse_qs(query, errors="backslashreplace").get("bodySHA256")
    return announced[0].lower() if announced else None


def _signature(token: str, signed: str) -> bytes:
    """Of what is signed, as one text: the library would put it together anew for each token."""
    try:
        signature: str = RequestValidator(token).compute_signature(signed, {})
    except UnicodeEncodeError:  # half a surrogate pair signs nothing, and must not spoil the other tokens
        return b""
    return signature.encode()


def _signed(request: WebhookRequest) -> Iterator[str]:
    """Each text that may have been signed: a URL, and the form's fields in their order, each but once."""
    if request.is_form and request.form is None:
        return
    fields = _run_together(request.sorted_form)
    for url in request.urls:
        if request.is_form or _is_announced(request.body, url):
            yield from (signed_url + fields for signed_url in signed_urls(url))


def _is_announced(body: bytes, url: str) -> bool:
    """Whether a URL's query names the digest of a body that is no form; it need not for an empty one."""
    announced = announced_digest(url)
    if announced is None:
        return not body
    digest = hashlib.sha256(body).hexdigest()
    return hmac.compare_digest(digest.encode(), announced.encode(errors="backslashreplace"))
