"""How Twilio signs its webhooks, and the forms that it signs.

Source: Twilio docs, "Security" (https://www.twilio.com/docs/usage/security).
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs, parse_qsl

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

FORM = "application/x-www-form-urlencoded"

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


def signature_matches(*, url: str, body: bytes, content_type: str, signature: str, tokens: Sequence[str]) -> bool:
    """Whether one of the tokens signed this request to this URL, as Twilio signs its webhooks.

    The URL is tried as given, without its port, and with its scheme's standard port, always without userinfo and
    fragment: Twilio does not sign those, and is not consistent about ports ("A few notes" on its Security page). A form
    body is signed field by field, blanks and repetitions included; of any other body the SHA-256 stands in the query as
    `bodySHA256` and must match the raw bytes.

    Args:
        url: the absolute URL that the provider was told.
        body: the raw request body.
        content_type: the Content-Type header, or an empty string.
        signature: the X-Twilio-Signature header, base64, or an empty string.
        tokens: the auth tokens that may sign; empty ones never match.

    Returns:
        False for whatever is not signed, nonsense included. Never raises.
    """
    shaped = _URL.fullmatch(url) if isinstance(url, str) else None
    if shaped is None or not signature or not isinstance(signature, str):
        return False
    try:
        fields = _signed_fields(shaped["rest"] or "", body, content_type)
        given = signature.encode("ascii")
        return fields is not None and any(
            hmac.compare_digest(_signature(token, candidate, fields), given)
            for token in tokens
            if token
            for candidate in _candidates(shaped)
        )
    except ValueError:  # not ASCII, not UTF-8, or more fields than a message can have
        return False


def _signature(token: str, url: str, fields: MultiDict[str, str]) -> bytes:
    try:
        signature: str = RequestValidator(token).compute_signature(url, fields)
    except UnicodeEncodeError:  # half a surrogate pair signs nothing, and must not spoil the other tokens
        return b""
    return signature.encode()


def _candidates(shaped: re.Match[str]) -> Iterator[str]:
    scheme, host, port, rest = shaped["scheme"], shaped["host"], shaped["port"] or "", shaped["rest"] or ""
    for tried in dict.fromkeys((port, "", _STANDARD_PORTS[scheme.lower()])):
        yield f"{scheme}://{host}{tried}{rest}"


def _signed_fields(rest: str, body: bytes, content_type: str) -> MultiDict[str, str] | None:
    """The form fields that were signed with the URL; None when the body is not what was signed."""
    if is_form(content_type):
        return MultiDict(form(body))
    announced = parse_qs(rest.partition("?")[2]).get("bodySHA256")
    if announced is None:
        return None if body else MultiDict()
    digest = hashlib.sha256(body).hexdigest()
    return MultiDict() if hmac.compare_digest(digest.encode(), announced[0].lower().encode()) else None


def is_form(content_type: str) -> bool:
    """Whether the body is a form."""
    return content_type.partition(";")[0].strip().lower() == FORM


def form(body: bytes) -> list[tuple[str, str]]:
    """Its fields, blank ones too, in their order. Raises ValueError when it is not one, or has too many."""
    return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000)
