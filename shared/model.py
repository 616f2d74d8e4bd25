"""The values that travel with a text: immutable, no I/O, and nothing personal in their repr."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    def content_type(self) -> str:
        """The Content-Type header, or an empty string."""
        return self.headers.get("content-type", "")


@dataclass(frozen=True)
class Acknowledgement:
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
