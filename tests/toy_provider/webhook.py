"""The toy's webhooks: JSON objects of strings, signed over their URL and bytes."""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from typing import Any

from shared.errors import Malformed, WrongContentType
from shared.messages.inbound import (
    Acknowledgement,
    InboundMessage,
    Media,
    Misdirection,
    WebhookRequest,
)
from shared.messages.status import StatusReport
from tests.toy_provider import ACCOUNT_COMMAND, NAME
from tests.toy_provider.statuses import RANKS, outcome, ranked

_ID = re.compile(r"[0-9A-Za-z]{34}")
_STATUS = re.compile(r"[a-z]{1,20}")


class ToyWebhooks:
    """Keeps `shared.ports.Provider`."""

    name = NAME
    account_command = ACCOUNT_COMMAND
    signature_header = "toy-signature"
    acknowledgement = Acknowledgement(content_type="application/json", body='{"taken":true}')

    def account(self, request: WebhookRequest) -> str | None:
        """The field `account`."""
        return dict(_pairs(request) or ()).get("account")

    def require_readable(self, request: WebhookRequest) -> None:
        """Raises WrongContentType or Malformed when it is no JSON object of strings."""
        if request.headers.get("content-type") != "application/json":
            message = "the Content-Type must be application/json"
            raise WrongContentType(message)
        if _pairs(request) is None:
            message = "the body is no JSON object of strings"
            raise Malformed(message)

    def message_id(self, request: WebhookRequest) -> str | None:
        """The field `id`, if it is one."""
        message_id = dict(_pairs(request) or ()).get("id", "")
        return message_id if _ID.fullmatch(message_id) else None

    def verify(self, request: WebhookRequest, secrets: Sequence[str]) -> bool:
        """Whether one of the secrets signed one of the URLs with the body."""
        signature = request.headers.get(self.signature_header, "").encode()
        return any(
            hmac.compare_digest(sign(url, request.body, secret).encode(), signature)
            for url in request.urls
            for secret in secrets
            if secret
        )

    def is_ambiguous(self, request: WebhookRequest) -> bool:
        """Whether a name is there twice: readers of JSON do not agree on which of the values counts."""
        pairs = _pairs(request) or ()
        return len(dict(pairs)) != len(pairs)

    def misdirection(self, request: WebhookRequest) -> Misdirection | None:
        """A status is what has one of its words."""
        status = dict(_pairs(request) or ()).get("status")
        return Misdirection.STATUS if status in RANKS else None

    def parse(self, request: WebhookRequest) -> InboundMessage:
        """The text. Raises Malformed."""
        fields = _fields(request, "id", "account", "from", "to")
        return InboundMessage(
            provider=self.name,
            message_id=fields["id"],
            account=fields["account"],
            sender=fields["from"],
            recipient=fields["to"],
            text=fields.get("text", ""),
            media=tuple(Media(url, "") for url in fields.get("links", "").split()),
            fields={name: (value,) for name, value in fields.items()},
        )

    def parse_status(self, request: WebhookRequest) -> StatusReport:
        """The status. Raises Malformed."""
        fields = _fields(request, "id", "account", "status")
        status, code = fields["status"], fields.get("error", "")
        if not _STATUS.fullmatch(status):
            message = "the field status is not a status"
            raise Malformed(message)
        return StatusReport(
            message_id=fields["id"],
            account=fields["account"],
            sender=fields.get("from", ""),
            recipient=fields.get("to", ""),
            status=ranked(status),
            is_known=status in RANKS,
            outcome=outcome(status, int(code) if code.isdecimal() else None),
            error_code=int(code) if code.isdecimal() else None,
        )


def sign(url: str, body: bytes, secret: str) -> str:
    """The signature of a request, in hexadecimal."""
    return hmac.new(secret.encode(), url.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def _pairs(request: WebhookRequest) -> list[tuple[str, str]] | None:
    """Names and values in their order; None for what is no JSON object of strings."""
    if request.headers.get("content-type") != "application/json":
        return None
    try:
        pairs: Any = json.loads(request.body, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    is_object = isinstance(pairs, list) and all(isinstance(pair, tuple) for pair in pairs)
    return pairs if is_object and all(isinstance(value, str) for _, value in pairs) else None


def _fields(request: WebhookRequest, *required: str) -> dict[str, str]:
    pairs = _pairs(request)
    if pairs is None:
        message = "the body is not a JSON object of strings"
        raise Malformed(message)
    fields = dict(pairs)
    for name in required:
        if not fields.get(name):
            message = f"the field {name} is missing"
            raise Malformed(message)
    if not _ID.fullmatch(fields["id"]):
        message = "the field id is not a message id"
        raise Malformed(message)
    return fields
