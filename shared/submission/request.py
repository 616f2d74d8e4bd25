"""A request to text a person, as JSON, and all its rules that do not depend on a tenant.

Error messages name fields and rules but no values, because a value may be a person's number or a text.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.errors import Malformed, TooLarge, WrongContentType
from shared.messages.limits import LINK_MAX, MEDIA_MAX, is_link, is_whole
from shared.submission import addresses

BODY_BYTES_MAX = 256 * 1024
TEXT_MAX = 16_000
FIELDS = ("from", "to", "text", "media_urls", "account", "in_reply_to", "end_session")
KEY_HEADER = "Idempotency-Key"

_CONTENT_TYPE = re.compile(r'application/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_KEY = re.compile(r"[ -~]{1,255}")
_TEXT_ID = re.compile(r"[0-9A-Za-z]{1,64}")
_FIELD_NAME_MAX = 64
"""The most characters of an unknown field's name in an error message."""


@dataclass(frozen=True)
class RawRequest:
    """A request to the API, unparsed.

    Attributes:
        content_type: the value of that header, or an empty string.
        body: the raw bytes.
        idempotency_key: the value of that header, or None.
    """

    content_type: str
    body: bytes = field(repr=False)
    idempotency_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SendRequest:
    """A valid request.

    Attributes:
        sender: our address at the provider.
        recipient: the person's address.
        text: the text; empty when there are only links.
        media_urls: the links.
        account: the provider's account that owns the number; None when the request names none.
        idempotency_key: the caller's key for repetitions of this request; None when it has none.
        in_reply_to: the id of the text that it answers; None when it answers none.
        end_session: whether the session of that text ends with it.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    media_urls: tuple[str, ...] = field(repr=False)
    account: str | None
    idempotency_key: str | None = field(repr=False)
    in_reply_to: str | None = None
    end_session: bool = False


def read(raw: RawRequest) -> SendRequest:
    """The parsed request. Raises WrongContentType, TooLarge, Malformed."""
    if not _CONTENT_TYPE.fullmatch(raw.content_type.strip()):
        message = "the content type must be application/json, in UTF-8"
        raise WrongContentType(message)
    if len(raw.body) > BODY_BYTES_MAX:
        message = f"the body has {len(raw.body)} bytes; no more than {BODY_BYTES_MAX} are allowed"
        raise TooLarge(message)
    if raw.idempotency_key is not None:
        _require(_KEY.fullmatch(raw.idempotency_key), KEY_HEADER, "must be 1 to 255 printable ASCII characters")
    fields = _object(raw.body)
    sender, recipient = addresses.read(_string(fields, "from"), _string(fields, "to"))
    text, media_urls = _text(fields), _media_urls(fields)
    _require(text.strip() or media_urls, "text", "is required when there are no media_urls")
    in_reply_to, end_session = _in_reply_to(fields), _end_session(fields)
    _require(in_reply_to or not end_session, "end_session", "needs in_reply_to, a text of the session that ends")
    account = fields.get("account")
    return SendRequest(
        sender=sender,
        recipient=recipient,
        text=text,
        media_urls=media_urls,
        account=None if account is None else _string(fields, "account"),
        idempotency_key=raw.idempotency_key,
        in_reply_to=in_reply_to,
        end_session=end_session,
    )


def _object(body: bytes) -> Mapping[str, object]:
    """The JSON object. Duplicate names are refused, because RFC 8259 does not define which one counts."""
    try:
        fields = json.loads(body.decode(), object_pairs_hook=_unique_fields, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a number with thousands of digits, nested too deeply
        message = "the body is not JSON in UTF-8"
        raise Malformed(message) from None
    if not isinstance(fields, dict):
        message = "the body must be a JSON object"
        raise Malformed(message)
    for name in fields:
        _require(name in FIELDS, name, f"is unknown; the fields are {', '.join(FIELDS)}")
    return fields


def _unique_fields(pairs: list[tuple[str, object]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        _require(name not in fields, name, "occurs twice")
        fields[name] = value
    return fields


def _refuse_constant(_name: str) -> object:
    """Raises ValueError: Python's json would accept NaN and Infinity, which are not JSON."""
    raise ValueError


def _text(fields: Mapping[str, object]) -> str:
    if fields.get("text") is None:
        return ""
    text = _string(fields, "text")
    _require(len(text) <= TEXT_MAX, "text", f"must have no more than {TEXT_MAX} characters")
    return text


def _media_urls(fields: Mapping[str, object]) -> tuple[str, ...]:
    urls = fields.get("media_urls")
    if urls is None:
        return ()
    if not isinstance(urls, list):
        message = "media_urls: it must be a list"
        raise Malformed(message, field="media_urls")
    _require(len(urls) <= MEDIA_MAX, "media_urls", f"must have no more than {MEDIA_MAX} links")
    rule = f"must have only https links of at most {LINK_MAX} printable ASCII characters, without a user or password"
    _require(all(map(is_link, urls)), "media_urls", rule)
    return tuple(urls)


def _in_reply_to(fields: Mapping[str, object]) -> str | None:
    if fields.get("in_reply_to") is None:
        return None
    text_id = _string(fields, "in_reply_to")
    _require(_TEXT_ID.fullmatch(text_id), "in_reply_to", "must be the id of a text, of 1 to 64 letters and digits")
    return text_id


def _end_session(fields: Mapping[str, object]) -> bool:
    value = fields.get("end_session")
    if value is None:
        return False
    if not isinstance(value, bool):
        message = "end_session: it must be true or false"
        raise Malformed(message, field="end_session")
    return value


def _string(fields: Mapping[str, object], name: str) -> str:
    """The field's value: a string without unpaired surrogates."""
    value = fields.get(name)
    if value is None:
        message = f"{name}: it is missing"
        raise Malformed(message, field=name)
    if not isinstance(value, str):
        message = f"{name}: it must be a string"
        raise Malformed(message, field=name)
    _require(is_whole(value), name, "contains half a character (an unpaired surrogate)")
    return value


def _require(holds: object, name: str, rule: str) -> None:
    if not holds:
        short_name = name[:_FIELD_NAME_MAX]
        message = f"{short_name}: it {rule}"
        raise Malformed(message, field=short_name)
