"""A request to text a person, as JSON: what it may say, and every rule that it can break without knowing a tenant.

Sentences name fields and rules, never a value: a value may be a person's number or a text.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.errors import Malformed, TooLarge, WrongContentType
from shared.messages.limits import LINK_MAX, MEDIA_MAX, is_link, is_whole

BODY_BYTES_MAX = 256 * 1024
TEXT_MAX = 16_000
ADDRESS_MAX = 100
FIELDS = ("from", "to", "text", "media_urls", "account")
KEY_HEADER = "Idempotency-Key"

_CONTENT_TYPE = re.compile(r'application/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_KEY = re.compile(r"[ -~]{1,255}")
_NUMBER = r"\+[1-9][0-9]{1,14}"
_OURS = re.compile(rf"(?:(?P<channel>[a-z]{{1,32}}):)?(?P<number>{_NUMBER})")
_PERSON = re.compile(rf"{_NUMBER}|[0-9]{{3,8}}|(?P<channel>[a-z]{{1,32}}):[!-~]+")
_FIELD_SHOWN_MAX = 64


@dataclass(frozen=True)
class RawRequest:
    """A request as it came in.

    Attributes:
        content_type: the header, or an empty string.
        idempotency_key: the header, or None.
    """

    content_type: str
    body: bytes = field(repr=False)
    idempotency_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SendRequest:
    """A request that can be understood.

    Attributes:
        number: ours, in E.164.
        sender: ours as the provider knows it: the number, or `channel:number`.
        recipient: the person's address.
        account: the provider's account that the caller says owns the number; None when he says nothing.
    """

    number: str = field(repr=False)
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    media_urls: tuple[str, ...] = field(repr=False)
    account: str | None
    idempotency_key: str | None = field(repr=False)


def read(raw: RawRequest) -> SendRequest:
    """The request. Raises WrongContentType, TooLarge, Malformed."""
    if not _CONTENT_TYPE.fullmatch(raw.content_type.strip()):
        message = "the content type must be application/json, in UTF-8"
        raise WrongContentType(message)
    if len(raw.body) > BODY_BYTES_MAX:
        message = f"the body takes {len(raw.body)} bytes; no more than {BODY_BYTES_MAX} are read"
        raise TooLarge(message)
    if raw.idempotency_key is not None:
        _require(_KEY.fullmatch(raw.idempotency_key), KEY_HEADER, "is 1 to 255 printable ASCII characters")
    said = _object(raw.body)
    number, sender, recipient = _parties(said)
    text, media_urls = _text(said), _media_urls(said)
    _require(text.strip() or media_urls, "text", "is needed where there are no media_urls")
    account = said.get("account")
    return SendRequest(
        number=number,
        sender=sender,
        recipient=recipient,
        text=text,
        media_urls=media_urls,
        account=None if account is None else _string(said, "account"),
        idempotency_key=raw.idempotency_key,
    )


def _object(body: bytes) -> Mapping[str, object]:
    """The JSON object, strictly: RFC 8259 leaves it open what a name means that stands there twice, so none may."""
    try:
        said = json.loads(body.decode(), object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a number of thousands of digits, nested without end
        message = "the body is not JSON in UTF-8"
        raise Malformed(message) from None
    if not isinstance(said, dict):
        message = "the body must be a JSON object"
        raise Malformed(message)
    for name in said:
        _require(name in FIELDS, name, f"is unknown; there are {', '.join(FIELDS)}")
    return said


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        _require(name not in found, name, "stands there twice")
        found[name] = value
    return found


def _no_constant(_name: str) -> object:
    """Python reads NaN and Infinity, which are not JSON."""
    raise ValueError


def _parties(said: Mapping[str, object]) -> tuple[str, str, str]:
    """Our number, the sender and the recipient.

    On a channel such as WhatsApp both addresses name it (Twilio docs, Channel addresses); ours may leave it out.
    """
    ours = _OURS.fullmatch(_string(said, "from"))
    if ours is None:
        message = "from: it must be a number in E.164 form, such as +12125550142"
        raise Malformed(message, field="from")
    recipient = _string(said, "to")
    person = _PERSON.fullmatch(recipient) if len(recipient) <= ADDRESS_MAX else None
    if person is None:
        message = "to: it must be a number in E.164 form, a short code, or an address such as whatsapp:+12125550142"
        raise Malformed(message, field="to")
    number, channel = ours["number"], person["channel"]
    _require(ours["channel"] in {None, channel}, "from", "must name the same channel as `to`, or none")
    sender = f"{channel}:{number}" if channel else number
    _require(sender != recipient, "to", "must not be the number that the text comes from")
    return number, sender, recipient


def _text(said: Mapping[str, object]) -> str:
    if said.get("text") is None:
        return ""
    text = _string(said, "text")
    _require(len(text) <= TEXT_MAX, "text", f"holds no more than {TEXT_MAX} characters")
    return text


def _media_urls(said: Mapping[str, object]) -> tuple[str, ...]:
    urls = said.get("media_urls")
    if urls is None:
        return ()
    if not isinstance(urls, list):
        message = "media_urls: it must be a list"
        raise Malformed(message, field="media_urls")
    _require(len(urls) <= MEDIA_MAX, "media_urls", f"holds no more than {MEDIA_MAX} links")
    rule = f"holds https links of at most {LINK_MAX} printable ASCII characters, without a user or password"
    _require(all(map(is_link, urls)), "media_urls", rule)
    return tuple(urls)


def _string(said: Mapping[str, object], name: str) -> str:
    """A string of characters that exist."""
    value = said.get(name)
    if value is None:
        message = f"{name}: it is missing"
        raise Malformed(message, field=name)
    if not isinstance(value, str):
        message = f"{name}: it must be a string"
        raise Malformed(message, field=name)
    _require(is_whole(value), name, "holds half a character")
    return value


def _require(holds: object, name: str, rule: str) -> None:
    if not holds:
        shown = name[:_FIELD_SHOWN_MAX]
        message = f"{shown}: it {rule}"
        raise Malformed(message, field=shown)
