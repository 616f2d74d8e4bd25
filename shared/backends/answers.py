"""The JSON that a backend answers a text with. Every field is checked, and no error quotes a value."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from shared.errors import UpstreamRefused
from shared.messages.limits import LINK_MAX, MEDIA_MAX, is_link, is_whole
from shared.messages.outbound import Answer, AnswerMessage
from shared.reasons import Reason

if TYPE_CHECKING:
    from shared.ports import Json

MESSAGES_MAX = 10


def parse(body: bytes) -> Answer:
    """The answer in a response body.

    Raises UpstreamRefused with the reason `backend_nonsense` and a sentence that says what is wrong.
    """
    if not body:
        nonsense("it is empty; a backend that has no reply answers with status 204")
    fields = _object(read_json(body), "the answer", "messages", "end_session")
    messages = fields.get("messages", [])
    if not isinstance(messages, list) or len(messages) > MESSAGES_MAX:
        nonsense(f'"messages" is not a list of {MESSAGES_MAX} or fewer')
    end_session = fields.get("end_session", False)
    if not isinstance(end_session, bool):
        nonsense('"end_session" is neither true nor false')
    return Answer(tuple(_message(message, n) for n, message in enumerate(messages, start=1)), end_session)


def read_json(body: bytes) -> object:
    """The JSON in a response body. Raises UpstreamRefused, also for names that come twice, NaN, Infinity and 1e999."""
    try:
        return json.loads(
            body.decode(), object_pairs_hook=_unique_fields, parse_float=_finite, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        nonsense("it is not JSON in UTF-8")


def read_object(body: bytes) -> Json:
    """The JSON object in a response body. Raises UpstreamRefused."""
    document = read_json(body)
    if not isinstance(document, dict):
        nonsense("the answer is not a JSON object")
    return document


def inner(document: Json, name: str) -> Json:
    """The object that an answer must have by this name. Raises UpstreamRefused."""
    value = document.get(name)
    if not isinstance(value, dict):
        nonsense(f'it has no "{name}" that is an object')
    return value


def nonsense(sentence: str) -> NoReturn:
    """Raises UpstreamRefused with the reason `backend_nonsense`, and a sentence that says what is wrong."""
    reason = Reason.BACKEND_NONSENSE
    message = f"the backend's answer makes no sense: {sentence}"
    raise UpstreamRefused(reason, message) from None


def _message(document: object, number: int) -> AnswerMessage:
    fields = _object(document, f"message {number}", "text", "media_urls")
    text = fields.get("text", "")
    if not isinstance(text, str) or not is_whole(text):
        nonsense(f'the "text" of message {number} is not a string of whole characters')
    urls = fields.get("media_urls", [])
    if not isinstance(urls, list) or len(urls) > MEDIA_MAX:
        nonsense(f'the "media_urls" of message {number} is not a list of {MEDIA_MAX} or fewer')
    if not all(map(is_link, urls)):
        nonsense(f'one of the "media_urls" of message {number} is not an https link in ASCII, {LINK_MAX} long or less')
    if not text.strip() and not urls:
        nonsense(f"message {number} has neither a text nor a link")
    return AnswerMessage(text, tuple(urls))


def _object(document: object, what: str, *names: str) -> Mapping[str, Any]:
    """The JSON object, if it has no fields but these. A misspelt field would otherwise silence the agent."""
    if not isinstance(document, dict):
        nonsense(f"{what} is not a JSON object")
    if not document.keys() <= set(names):
        nonsense(f'{what} has a field other than "{names[0]}" and "{names[1]}"')
    return document


def _unique_fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object. RFC 8259 does not define which of two equal names counts, so neither does."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        nonsense("an object in it has the same name twice")
    return fields


def _finite(number: str) -> float:
    """The number. One that is too large for Python would be written as Infinity, which JSON does not have."""
    value = float(number)
    return value if math.isfinite(value) else _no_number(number)


def _no_number(constant: str) -> NoReturn:
    """Refuses a constant that Python reads and that JSON does not have (RFC 8259, "Numbers")."""
    raise ValueError(constant)
