"""A number as its provider has it, and the Messaging Service that it is in."""

from dataclasses import dataclass, field

from shared.tenants.connection import Webhooks


@dataclass(frozen=True)
class MessagingService:
    """A group of numbers with a webhook of its own (Twilio docs, "Messaging Service resource").

    Attributes:
        url: its own webhook; when it is empty, texts are dropped unless `on_number`.
        on_number: whether each number's own webhooks are called instead (`UseInboundWebhookOnNumber`).
        others: how many more numbers are in it; a change of `on_number` affects them too.
    """

    sid: str
    name: str
    url: str = field(repr=False)
    on_number: bool
    others: int


@dataclass(frozen=True)
class ProviderNumber:
    """A number as its provider has it: its SID, the SID of the account that owns it, and where its texts go."""

    number: str = field(repr=False)
    sid: str
    account: str
    webhooks: Webhooks
    service: MessagingService | None = None
