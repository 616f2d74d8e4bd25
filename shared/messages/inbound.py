"""The values that travel with a text: immutable, no I/O, and nothing personal in their repr."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from urllib.parse import quote, urlencode

from shared.messages.form import form_fields

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class WebhookRequest:
    """A provider's webhook as it came in.

    Attributes:
        urls: the URLs that the provider may have signed, the likeliest first.
        headers: the request's headers, names in lower case.
        body: the raw bytes.
    """

    urls: tuple[str, ...]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_form(self) -> bool:
        """Whether it says that its body is a form."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM

    @cached_property
    def form(self) -> Sequence[tuple[str, str]] | None:
        """A form's fields, blank ones too, in their order; None for what is no form in UTF-8, or has too many."""
        if not self.is_form:
            return None
        try:
            return form_fields(self.body.decode())
        except ValueError:
            return None


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
    """What a genuine webhook is that came to the URL for texts and is no text that was received."""

    STATUS = "status_webhook"
    VOICE = "voice_webhook"
    OTHER = "not_a_message"


class Acknowledgement(NamedTuple):
    """What the provider wants to hear when its message is safe with us."""

    content_type: str
    body: str


@dataclass(frozen=True)
class Media:
    """A picture or file that came with a text, as a link at the provider."""

    url: str = field(repr=False)
    content_type: str


@dataclass(frozen=True)
class InboundMessage:
    """A text on its way to the agent.

    Attributes:
        provider: the provider's name in the registry.
        message_id: the provider's id of the message, the same on every delivery.
        account: the provider's account that owns our number.
        sender: the person's address: E.164, a short code, a name, `whatsapp:+…` or `rcs:…`.
        recipient: our address.
        text: what was written; may be empty.
        media: links to what was attached.
        fields: every field the provider sent, the unknown ones too, each name with all its values.
    """

    provider: str
    message_id: str
    account: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    media: tuple[Media, ...]
    fields: Mapping[str, tuple[str, ...]] = field(repr=False)


class Fate(StrEnum):
    """How an outbound message ended."""

    ARRIVED = "arrived"
    FAILED = "failed"


@dataclass(frozen=True)
class StatusReport:
    """What a provider's status webhook says.

    Attributes:
        message_id: the provider's id of the outbound message.
        status: in the provider's own word.
        rank: how far along that is; a higher rank wins.
        fate: what became of the message for good; None as long as more may come.
        error_code: the provider's number for what went wrong.
    """

    message_id: str
    account: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    status: str
    rank: int
    fate: Fate | None
    error_code: int | None
