"""Twilio: what the fields of its webhooks mean.

Source: Twilio docs, "Twilio's request to your incoming message webhook URL"
(https://www.twilio.com/docs/messaging/guides/webhook-request).
"""

import re
from collections.abc import Iterator, Sequence

from shared.errors import Malformed, TooLarge, WrongContentType
from shared.messages.form import FIELDS_MAX
from shared.messages.inbound import (
    FORM,
    Acknowledgement,
    InboundMessage,
    Media,
    Misdirection,
    WebhookRequest,
)
from shared.messages.status import StatusReport
from shared.providers.twilio import ACCOUNT_COMMAND, NAME, borders, statuses
from shared.providers.twilio.signature import is_signed

_URL_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")
_MESSAGE_SID = re.compile(r"[SM]M[0-9a-f]{32}")
_ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")
"""Twilio docs, "What is a String Identifier (SID)?"."""
_NUMBER_OR_CHANNEL = (
    r"\+?[0-9]{1,20}"  # E.164, or a short code
    r"|(?:whatsapp|rcs|messenger|sms):(?:\+?[0-9]{1,32}|[A-Za-z_][!-~]{0,159})"
    r"|(?!(?:whatsapp|rcs|messenger|sms):)[a-z][a-z0-9_-]{1,19}:[!-~]{1,160}"  # a channel that we do not know
)
_TO = re.compile(_NUMBER_OR_CHANNEL)
_FROM = re.compile(_NUMBER_OR_CHANNEL + r"|[^\x00-\x1f\x7f:]{1,11}")
"""A name, too, which nobody can answer (Twilio docs, "Channel addresses", "Alphanumeric Sender ID")."""
_SHAPES = (
    ("MessageSid", _MESSAGE_SID, "a message id"),
    ("AccountSid", _ACCOUNT_SID, "an account id"),
    ("From", _FROM, "an address"),
    ("To", _TO, "an address"),
)
_STATUS = re.compile(r"[a-z_-]{1,32}")
_ERROR_CODE = re.compile(r"[0-9]{1,6}")
_STATUS_FIELDS = ("SmsStatus", "MessageStatus")
_RECEIVED = frozenset({"received", "receiving"})
_NEVER_OF_MESSAGES = ("EventType", "StatusCallbackEvent", "ConversationSid", "PayloadType", "event_type")
"""Fields of other webhooks (Twilio docs: "Conversations Webhooks", "Debugging Events Webhook", "TaskRouter
Event Callbacks", "Video Status Callbacks", "Link Shortening")."""

_MEDIA_MAX = 50  # Twilio sends ten at most; a forged NumMedia must not cost us a long loop


class Twilio:
    """Twilio as an SMS provider."""

    name = NAME
    account_command = ACCOUNT_COMMAND
    signature_header = "x-twilio-signature"
    acknowledgement = Acknowledgement(content_type="text/xml", body='<?xml version="1.0" encoding="UTF-8"?><Response/>')

    def account(self, request: WebhookRequest) -> str | None:
        """The AccountSid field: a subaccount's texts name the subaccount, whose own token signs them."""
        return _claimed(request, "AccountSid")

    def require_readable(self, request: WebhookRequest) -> None:
        """Raises WrongContentType, TooLarge or Malformed when the request is not a form that can be read."""
        if not request.is_form:
            message = f"the Content-Type must be {FORM}"
            raise WrongContentType(message)
        if request.form is None and request.has_too_many_fields:
            message = f"the form has more than {FIELDS_MAX} fields"
            raise TooLarge(message)
        if request.form is None:
            message = "the body is not a form in UTF-8"
            raise Malformed(message)

    def message_id(self, request: WebhookRequest) -> str | None:
        """The MessageSid field, if it is one (Twilio docs, "What is a String Identifier (SID)?")."""
        sid = _claimed(request, "MessageSid") or ""
        return sid if _MESSAGE_SID.fullmatch(sid) else None

    def verify(self, request: WebhookRequest, secrets: Sequence[str]) -> bool:
        """Whether one of the auth tokens signed the request for one of its URLs."""
        return is_signed(request, request.headers.get(self.signature_header, ""), secrets)

    def is_ambiguous(self, request: WebhookRequest) -> bool:
        """Whether the signed text names another message, account or address besides, or the URL took a field in."""
        return any("AccountSid" in url for url in request.urls) or borders.is_ambiguous(request)

    def misdirection(self, request: WebhookRequest) -> Misdirection | None:
        """Told by fields that no received message has; `SmsStatus=received` is always one, whatever else it has."""
        words = [word for name in _STATUS_FIELDS if (word := _claimed(request, name))]
        if not _RECEIVED.isdisjoint(words):
            return None
        if not statuses.RANKS.keys().isdisjoint(words) or (words and _claimed(request, "Body") is None):
            return Misdirection.STATUS
        if _claimed(request, "CallSid"):
            return Misdirection.VOICE
        return Misdirection.OTHER if any(_claimed(request, name) for name in _NEVER_OF_MESSAGES) else None

    def parse(self, request: WebhookRequest) -> InboundMessage:
        """The text in Twilio's fields, all of which are kept. Raises Malformed, and as `require_readable` does."""
        self.require_readable(request)
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
        self.require_readable(request)
        first = {name: values[0] for name, values in _fields(request).items()}
        _require_fields(first, "MessageSid", "AccountSid", "MessageStatus")
        if not _STATUS.fullmatch(first["MessageStatus"]):
            message = "the field MessageStatus is not a status"
            raise Malformed(message)
        code = first.get("ErrorCode", "")
        word, error_code = first["MessageStatus"], int(code) if _ERROR_CODE.fullmatch(code) else None
        return StatusReport(
            message_id=first["MessageSid"],
            account=first["AccountSid"],
            sender=first.get("From", ""),
            recipient=first.get("To", ""),
            status=statuses.status(word, error_code, first["MessageSid"]),
            is_known=word in statuses.RANKS,
            outcome=statuses.outcome(word, error_code, first["MessageSid"]),
            error_code=error_code,
        )


def _claimed(request: WebhookRequest, field: str) -> str | None:
    """What a request that is not verified has in a field."""
    return next((value for name, value in request.form or () if name == field), None)


def _fields(request: WebhookRequest) -> dict[str, tuple[str, ...]]:
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in request.form or ():
        # A fallback's ErrorUrl names the URL that failed, which may hold the API key (Twilio does not say).
        kept = _URL_CREDENTIALS.sub("", value) if name == "ErrorUrl" else value
        fields[name] = (*fields.get(name, ()), kept)
    return fields


def _require_fields(first: dict[str, str], *names: str) -> None:
    for required in names:
        if not first.get(required):
            message = f"the field {required} is missing"
            raise Malformed(message)
    for name, shape, what in _SHAPES:
        if first.get(name) and not shape.fullmatch(first[name]):
            message = f"the field {name} is not {what}"
            raise Malformed(message)


def _media(first: dict[str, str]) -> Iterator[Media]:
    for index in range(_MEDIA_MAX):
        url = first.get(f"MediaUrl{index}")
        if not url:
            return
        yield Media(url=url, content_type=first.get(f"MediaContentType{index}", ""))
