"""What a receiver's answer says: nothing, or texts to send back.

An answer counts when its status is 2xx, it names a content type and has at most 64 kB. `text/xml`, `application/xml`
and `text/html` are read as TwiML, `text/plain` is the reply itself. (Twilio docs: "TwiML for Programmable Messaging",
"11206: HTTP protocol violation", "12300: Invalid Content-Type"). A 204 has no content, so it needs no type: silence.
"""

from xml.parsers import expat

from twin.connection import MOST_BODY_BYTES, Answer
from twin.failures import Failure, WebhookFailed

_TWIML_TYPES = {"text/xml", "application/xml", "text/html"}
_NO_CONTENT = 204
_TOO_MANY_REQUESTS = 429


def replies(answer: Answer) -> tuple[str, ...]:
    """The texts that the answer sends back to the person, in order; none for `<Response/>`.

    Raises:
        WebhookFailed: The status, the size, the content type or the document is not one that Twilio takes.
    """
    acknowledged(answer)
    if len(answer.body) > MOST_BODY_BYTES:
        raise WebhookFailed(Failure.TOO_LARGE)
    if answer.status == _NO_CONTENT:
        return ()
    content_type = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    if content_type == "text/plain":
        text = answer.body.decode("utf-8", "replace")
        return (text,) if text else ()
    if content_type in _TWIML_TYPES:
        return _Document().read(answer.body)
    raise WebhookFailed(Failure.INVALID_CONTENT_TYPE)


def acknowledged(answer: Answer) -> tuple[str, ...]:
    """Nothing is sent back, whatever the answer holds: it is one to a status callback, where only the status counts.

    What Twilio makes of the body of such an answer is not documented.

    Raises:
        WebhookFailed: The status is none of 2xx.
    """
    if answer.status == _TOO_MANY_REQUESTS:
        raise WebhookFailed(Failure.RATE_LIMITED)
    if not 200 <= answer.status <= 299:  # noqa: PLR2004 -- the meaning of 2xx
        raise WebhookFailed(Failure.STATUS)
    return ()


class _Document:
    """Reads a TwiML document; declares no entities, fetches nothing."""

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
