"""The body of a request to the API as a JSON object, and the rules of its fields that all requests have in common.

Error messages name fields and rules but no values, because a value may be a person's number or a text.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.errors import Malformed, TooLarge, WrongContentType
from shared.messages.limits import LINK_MAX, MEDIA_MAX, is_link, is_whole

BODY_BYTES_MAX = 256 * 1024
TEXT_MAX = 16_000
KEY_HEADER = "Idempotency-Key"

_CONTENT_TYPE = re.compile(r'application/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_KEY = re.compile(r"[ -~]{1,255}")
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


def fields_of(raw: RawRequest, names: Sequence[str]) -> Mapping[str, object]:
    """The fields of the JSON object in the body. Raises WrongContentType, TooLarge, Malformed.

    Args:
        raw: the request; its idempotency key is checked, too.
        names: the fields that it may have.
    """
    if not _CONTENT_TYPE.fullmatch(raw.content_type.strip()):
        message = "the content type must be application/json, in UTF-8"
        raise WrongContentType(message)
    if len(raw.body) > BODY_BYTES_MAX:
        message = f"the body has {len(raw.body)} bytes; no more than {BODY_BYTES_MAX} are allowed"
        raise TooLarge(message)
    if raw.idempotency_key is not None:
        require(_KEY.fullmatch(raw.idempotency_key), KEY_HEADER, "must be 1 to 255 printable ASCII characters")
    fields = _object(raw.body)
    for name in fields:
        require(name in names, name, f"is unknown; the fields are {', '.join(names)}")
    return fields


def text_of(fields: Mapping[str, object]) -> str:
    """The field `text`; an empty string without one. Raises Malformed."""
    if fields.get("text") is None:
        return ""
    text = string(fields, "text")
    require(len(text) <= TEXT_MAX, "text", f"must have no more than {TEXT_MAX} characters")
    return text


def media_urls_of(fields: Mapping[str, object]) -> tuple[str, ...]:
    """The links in the field `media_urls`. Raises Malformed."""
    urls = fields.get("media_urls")
    if urls is None:
        return ()
    if not isinstance(urls, list):
        message = "media_urls: it must be a list"
        raise Malformed(message, field="media_urls")
    require(len(urls) <= MEDIA_MAX, "media_urls", f"must have no more than {MEDIA_MAX} links")
    rule = f"must have only https links of at most {LINK_MAX} printable ASCII characters, without a user or password"
    require(all(map(is_link, urls)), "media_urls", rule)
    return tuple(urls)


def optional_string(fields: Mapping[str, object], name: str) -> str | None:
    """The field's value as `string` has it; None without one. Raises Malformed."""
    return None if fields.get(name) is None else string(fields, name)


def string(fields: Mapping[str, object], name: str) -> str:
    """The field's value: a string without unpaired surrogates. Raises Malformed."""
    value = fields.get(name)
    if value is None:
        message = f"{name}: it is missing"
        raise Malformed(message, field=name)
    if not isinstance(value, str):
        message = f"{name}: it must be a string"
        raise Malformed(message, field=name)
    require(is_whole(value), name, "contains half a character (an unpaired surrogate)")
    return value


def require(holds: object, name: str, rule: str) -> None:
    """Raises Malformed, which names the field and the rule that it breaks, when `holds` is false."""
    if not holds:
        short_name = name[:_FIELD_NAME_MAX]
        message = f"{short_name}: it {rule}"
        raise Malformed(message, field=short_name)


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
    return fields


def _unique_fields(pairs: list[tuple[str, object]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        require(name not in fields, name, "occurs twice")
        fields[name] = value
    return fields


def _refuse_constant(_name: str) -> object:
    """Raises ValueError: Python's json would accept NaN and Infinity, which are not JSON."""
    raise ValueError
