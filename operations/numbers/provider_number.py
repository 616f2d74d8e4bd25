"""A number as its provider has it."""

from dataclasses import dataclass, field

from shared.tenants.connection import Webhooks


@dataclass(frozen=True)
class MessagingService:
    """A group of numbers with a webhook of its own (Twilio docs, "Messaging Service resource").

    Attributes:
        url: its own webhook; empty when there is none, and then texts are dropped unless `on_number`.
        on_number: whether each number's own webhooks are called instead (`UseInboundWebhookOnNumber`).
        others: how many more numbers are in it, which a change of `on_number` concerns too.
    """

    sid: str
    name: str
    url: str = field(repr=False)
    on_number: bool
    others: int


@dataclass(frozen=True)
class ProviderNumber:
    """A number as its provider has it: its SID, the SID of the account that owns it, and who gets its texts."""

    number: str = field(repr=False)
    sid: str
    account: str
    webhooks: Webhooks
    service: MessagingService | None = None
