"""Reads a receiver's response: no replies, or texts to send back.

A response counts when its status is 2xx, it has a content type, and it is at most 64 kB long. `text/xml`,
`application/xml` and `text/html` are read as TwiML, `text/plain` is the reply itself (Twilio docs: "TwiML for
Programmable Messaging", "11206: HTTP protocol violation", "12300: Invalid Content-Type"). A 204 has no content, so it
needs no type and means no reply.
"""

from xml.parsers import expat

from twin.exchange import MAX_BODY_BYTES, HookResponse
from twin.failures import Failure, WebhookFailed

_TWIML_TYPES = {"text/xml", "application/xml", "text/html"}
_NO_CONTENT = 204
_TOO_MANY_REQUESTS = 429


def replies(response: HookResponse) -> tuple[str, ...]:
    """The texts that the response sends back to the person, in order; none for `<Response/>`.

    Raises:
        WebhookFailed: Twilio does not accept the status, the size, the content type or the document.
    """
    no_replies(response)
    if len(response.body) > MAX_BODY_BYTES:
        raise WebhookFailed(Failure.TOO_LARGE)
    if response.status == _NO_CONTENT:
        return ()
    content_type = (response.header("content-type") or "").partition(";")[0].strip().lower()
    if content_type == "text/plain":
        text = response.body.decode("utf-8", "replace")
        return (text,) if text else ()
    if content_type in _TWIML_TYPES:
        return _Document().read(response.body)
    raise WebhookFailed(Failure.INVALID_CONTENT_TYPE)


def no_replies(response: HookResponse) -> tuple[str, ...]:
    """No replies, whatever the response's body: after a status callback only the status counts.

    What Twilio does with the body of such a response is not documented.

    Raises:
        WebhookFailed: The status is not 2xx.
    """
    if response.status == _TOO_MANY_REQUESTS:
        raise WebhookFailed(Failure.RATE_LIMITED)
    if not 200 <= response.status <= 299:  # noqa: PLR2004 -- the meaning of 2xx
        raise WebhookFailed(Failure.STATUS)
    return ()


class _Document:
    """Reads a TwiML document. It refuses document types, so there are no entities, and it fetches nothing."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._replies: list[str] = []
        self._text: list[str] = []
        self._body: list[str] | None = None

    def read(self, document: bytes) -> tuple[str, ...]:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(document, True)  # noqa: FBT003 -- expat takes its "is final" by position only
        except expat.ExpatError as error:
            raise WebhookFailed(Failure.NOT_XML) from error
        return tuple(self._replies)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if not self._path and name != "Response":
            raise WebhookFailed(Failure.NOT_A_RESPONSE)
        self._path.append(name)
        if self._path[1:] == ["Message"]:
            self._text, self._body = [], None
        elif self._path[1:] == ["Message", "Body"]:
            self._body = []

    def _characters(self, data: str) -> None:
        if self._path[1:] == ["Message"]:
            self._text.append(data)
        elif self._path[1:] == ["Message", "Body"] and self._body is not None:
            self._body.append(data)

    def _end(self, _name: str) -> None:
        if self._path[1:] == ["Message"]:
            self._replies.append("".join(self._text if self._body is None else self._body).strip())
        self._path.pop()

    def _doctype(self, _name: str, _system: str | None, _public: str | None, _internal: int) -> None:
        raise WebhookFailed(Failure.NOT_XML)
