"""The JSON that an HTTP backend answers a text with. Every field is checked, and no error quotes a value."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from shared.errors import UpstreamRefused
from shared.messages.limits import LINK_MAX, MEDIA_MAX, is_link, is_whole
from shared.messages.outbound import Answer, AnswerMessage
from shared.reasons import Reason

MESSAGES_MAX = 10


def parse(body: bytes) -> Answer:
    """The answer in a response body.

    Raises UpstreamRefused with the reason `backend_nonsense` and a sentence that says what is wrong.
    """
    if not body:
        _nonsense("it is empty; a backend that has no reply answers with status 204")
    try:
        document = json.loads(body.decode(), object_pairs_hook=_unique_fields)
    except (ValueError, RecursionError):
        _nonsense("it is not JSON in UTF-8")
    fields = _object(document, "the answer", "messages", "end_session")
    messages = fields.get("messages", [])
    if not isinstance(messages, list) or len(messages) > MESSAGES_MAX:
        _nonsense(f'"messages" is not a list of {MESSAGES_MAX} or fewer')
    end_session = fields.get("end_session", False)
    if not isinstance(end_session, bool):
        _nonsense('"end_session" is neither true nor false')
    return Answer(tuple(_message(message, n) for n, message in enumerate(messages, start=1)), end_session)


def _message(document: object, number: int) -> AnswerMessage:
    fields = _object(document, f"message {number}", "text", "media_urls")
    text = fields.get("text", "")
    if not isinstance(text, str) or not is_whole(text):
        _nonsense(f'the "text" of message {number} is not a string of whole characters')
    urls = fields.get("media_urls", [])
    if not isinstance(urls, list) or len(urls) > MEDIA_MAX:
        _nonsense(f'the "media_urls" of message {number} is not a list of {MEDIA_MAX} or fewer')
    if not all(map(is_link, urls)):
        _nonsense(f'one of the "media_urls" of message {number} is not an https link in ASCII, {LINK_MAX} long or less')
    if not text.strip() and not urls:
        _nonsense(f"message {number} has neither a text nor a link")
    return AnswerMessage(text, tuple(urls))


def _object(document: object, what: str, *names: str) -> Mapping[str, Any]:
    """The JSON object, if it has no fields but these. A misspelt field would otherwise silence the agent."""
    if not isinstance(document, dict):
        _nonsense(f"{what} is not a JSON object")
    if not document.keys() <= set(names):
        _nonsense(f'{what} has a field other than "{names[0]}" and "{names[1]}"')
    return document


def _unique_fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object. RFC 8259 does not define which of two equal names counts, so neither does."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        _nonsense("an object in it has the same name twice")
    return fields


def _nonsense(sentence: str) -> NoReturn:
    reason = Reason.BACKEND_NONSENSE
    message = f"the backend's answer makes no sense: {sentence}"
    raise UpstreamRefused(reason, message) from None
