"""The values for texts and statuses that come in. They are immutable, and their repr has no personal data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from urllib.parse import quote, urlencode

from shared.messages.form import FIELDS_MAX, form_fields

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class WebhookRequest:
    """A provider's webhook request, unverified.

    Attributes:
        urls: the URLs that the provider may have signed, the likeliest first.
        headers: the request's headers, with names in lower case.
        body: the raw bytes.
    """

    urls: tuple[str, ...]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_form(self) -> bool:
        """Whether its content type is that of a form."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM

    @property
    def has_too_many_fields(self) -> bool:
        """Whether a form of this body has more fields than are read."""
        return self.body.count(b"&") >= FIELDS_MAX

    @cached_property
    def form(self) -> Sequence[tuple[str, str]] | None:
        """The form's fields, in order, including blank ones; None when it is not a valid form in UTF-8."""
        if not self.is_form:
            return None
        try:
            return form_fields(self.body.decode())
        except ValueError:
            return None

    @cached_property
    def sorted_form(self) -> Sequence[tuple[str, str]]:
        """The form's fields, sorted by name and value, each pair once; none when there is no valid form."""
        return sorted(set(self.form or ()))


def rewritten_query(parameters: Mapping[str, Sequence[str]]) -> str:
    """A URL's query with its question mark, or an empty string.

    API Gateway passes on the decoded parameters and no raw query, so the receiver writes it again. A signed query that
    was written in another way does not match: a webhook URL should have none.

    Args:
        parameters: each name with all its values, in the order of the URL.

    Source: AWS docs, "Lambda proxy integrations in API Gateway", `multiValueQueryStringParameters`.
    """
    return "?" + urlencode(parameters, doseq=True, quote_via=quote) if parameters else ""


class Misdirection(StrEnum):
    """What a genuine webhook is, when it came to the URL for texts but is not a received text."""

    STATUS = "status_webhook"
    VOICE = "voice_webhook"
    OTHER = "not_a_message"


class Acknowledgement(NamedTuple):
    """The response that tells the provider that we have its message."""

    content_type: str
    body: str


@dataclass(frozen=True)
class Media:
    """A picture or another file of a text, as a link to the provider."""

    url: str = field(repr=False)
    content_type: str


@dataclass(frozen=True)
class InboundMessage:
    """A received text.

    Attributes:
        provider: the provider's name in the registry.
        message_id: the provider's id of the message, the same for every delivery of it.
        account: the provider's account that owns our number.
        sender: the person's address: E.164, a short code, a name, `whatsapp:+…` or `rcs:…`.
        recipient: our address.
        text: its text; may be empty.
        media: links to its attachments.
        fields: all fields of the webhook, including unknown ones; each name with all its values.
    """

    provider: str
    message_id: str
    account: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    media: tuple[Media, ...]
    fields: Mapping[str, tuple[str, ...]] = field(repr=False)
