"""Twilio: how its webhooks are signed and what their fields mean.

Sources: Twilio docs, "Security" (https://www.twilio.com/docs/usage/security) and "Twilio's request to your incoming
message webhook URL" (https://www.twilio.com/docs/messaging/guides/webhook-request).
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs, parse_qsl

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from shared.errors import Malformed
from shared.model import Acknowledgement, InboundMessage, Media, StatusReport, WebhookRequest

_FORM = "application/x-www-form-urlencoded"
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
_URL_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")
_MESSAGE_ID = re.compile(r"[0-9A-Za-z]{1,64}")
_STATUS = re.compile(r"[a-z_-]{1,32}")
_ERROR_CODE = re.compile(r"[0-9]{1,6}")
STATUS_RANKS = {
    "accepted": 1,
    "scheduled": 1,
    "queued": 2,
    "sending": 3,
    "sent": 4,
    "delivered": 5,
    "undelivered": 5,
    "failed": 5,
    "canceled": 5,
    "read": 6,
}
"""How far along each status is (Twilio docs, "Message resource", "Message Status Values"); unknown words are 0."""
_MEDIA_MAX = 50  # Twilio sends ten at most; a forged NumMedia must not cost us a long loop


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
    if _is_form(content_type):
        return MultiDict(_form(body))
    announced = parse_qs(rest.partition("?")[2]).get("bodySHA256")
    if announced is None:
        return None if body else MultiDict()
    digest = hashlib.sha256(body).hexdigest()
    return MultiDict() if hmac.compare_digest(digest.encode(), announced[0].lower().encode()) else None


def _is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == _FORM


def _form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000)


class Twilio:
    """Twilio as an SMS provider."""

    name = "twilio"
    signature_header = "x-twilio-signature"
    acknowledgement = Acknowledgement(content_type="text/xml", body='<?xml version="1.0" encoding="UTF-8"?><Response/>')

    def account(self, request: WebhookRequest) -> str | None:
        """The AccountSid field: a subaccount's texts name the subaccount, whose own token signs them."""
        try:
            return next((value for name, value in _form(request.body) if name == "AccountSid"), None)
        except ValueError:
            return None

    def verify(self, request: WebhookRequest, secrets: Sequence[str]) -> bool:
        """Whether one of the auth tokens signed the request for one of its URLs."""
        signature = request.headers.get(self.signature_header, "")
        return any(
            signature_matches(
                url=url,
                body=request.body,
                content_type=request.content_type,
                signature=signature,
                tokens=secrets,
            )
            for url in request.urls
        )

    def parse(self, request: WebhookRequest) -> InboundMessage:
        """The text in Twilio's fields, all of which are kept. Raises Malformed."""
        fields = _fields(request)
        first = {name: values[0] for name, values in fields.items()}
        _require_fields(first, "MessageSid", "AccountSid", "From", "To")
        return InboundMessage(
            provider=self.name,
            message_id=first["MessageSid"],
            account=first["AccountSid"],
            sender=first["From"],
            recipient=first["To"],
            text=first.get("Body", ""),
            media=tuple(_media(first)),
            fields=fields,
        )

    def parse_status(self, request: WebhookRequest) -> StatusReport:
        """What a status callback says of a message (Twilio docs, "Outbound message status in status callbacks")."""
        first = {name: values[0] for name, values in _fields(request).items()}
        _require_fields(first, "MessageSid", "AccountSid", "MessageStatus")
        if not _STATUS.fullmatch(first["MessageStatus"]):
            message = "the field MessageStatus is not a status"
            raise Malformed(message)
        code = first.get("ErrorCode", "")
        return StatusReport(
            message_id=first["MessageSid"],
            account=first["AccountSid"],
            sender=first.get("From", ""),
            recipient=first.get("To", ""),
            status=first["MessageStatus"],
            rank=STATUS_RANKS.get(first["MessageStatus"], 0),
            error_code=int(code) if _ERROR_CODE.fullmatch(code) else None,
        )


def _fields(request: WebhookRequest) -> dict[str, tuple[str, ...]]:
    if not _is_form(request.content_type):
        message = f"the Content-Type must be {_FORM}"
        raise Malformed(message)
    try:
        pairs = _form(request.body)
    except ValueError as error:
        message = "the body is not a form in UTF-8"
        raise Malformed(message) from error
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        # A fallback's ErrorUrl names the URL that failed, which may hold the API key (Twilio does not say).
        kept = _URL_CREDENTIALS.sub("", value) if name == "ErrorUrl" else value
        fields[name] = (*fields.get(name, ()), kept)
    return fields


def _require_fields(first: dict[str, str], *names: str) -> None:
    for required in names:
        if not first.get(required):
            message = f"the field {required} is missing"
            raise Malformed(message)
    if not _MESSAGE_ID.fullmatch(first["MessageSid"]):
        message = "the field MessageSid is not a message id"
        raise Malformed(message)


def _media(first: dict[str, str]) -> Iterator[Media]:
    for index in range(_MEDIA_MAX):
        url = first.get(f"MediaUrl{index}")
        if not url:
            return
        yield Media(url=url, content_type=first.get(f"MediaContentType{index}", ""))
