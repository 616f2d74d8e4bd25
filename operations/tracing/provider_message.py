"""What a provider has of a message, and its complaints about webhooks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from operations.tracing.window import Window
from shared.tenants.account import Account


@dataclass(frozen=True)
class ProviderMessage:
    """A message as its provider has it, without its text.

    Attributes:
        id: the provider's id.
        sender: who sent it.
        recipient: who was to get it.
        is_inbound: whether a person sent it to one of our numbers.
        at: when the provider got it.
        account: the account that has it.
    """

    id: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    is_inbound: bool
    at: datetime
    account: str


@dataclass(frozen=True)
class ProviderAlert:
    """A webhook of a message that failed, as the provider reports it.

    Attributes:
        message_id: the message's id at the provider.
        code: the provider's error code.
        url: the URL that it called. It may hold a key, so only `webhook_url.describe_url` may show it.
        method: the HTTP method, such as POST.
        status: the HTTP status of the answer; None when there was none, or the provider does not tell.
        at: when.
    """

    message_id: str
    code: int
    url: str = field(repr=False)
    method: str
    status: int | None
    at: datetime


class ProviderMessages(Protocol):
    """What a provider knows of messages. All methods raise Unavailable, UpstreamRefused, Configuration."""

    def find(self, account: Account, message_id: str) -> ProviderMessage | None:
        """The account's message with this id; None when it has none."""

    def inbound(
        self, account: Account, window: Window, *, sender: str | None, recipient: str | None, limit: int
    ) -> Sequence[ProviderMessage]:
        """The latest messages that a person sent, or that came to a number, or both. None means any."""

    def alerts(self, account: Account, window: Window) -> Sequence[ProviderAlert]:
        """The webhooks that failed in this time, at most the latest thousand."""
