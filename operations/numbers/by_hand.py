"""Addresses whose webhook an operator sets in the provider's console, because its API for numbers does not have them.

They are all but phone numbers for SMS: short codes, and the senders of WhatsApp, RCS and Messenger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.numbers import webhook_url
from operations.numbers.agent_webhook import PLACEHOLDER
from operations.twilio.senders import webhook_place
from shared.address import Address
from shared.tenants.agent import Agent


@dataclass(frozen=True)
class WebhookByHand:
    """What is to be set by hand.

    Attributes:
        place: where, in Twilio's console.
        url: the URL to paste, with a placeholder for the API key.
        fallback_url: the URL to paste as the fallback; None for none.
    """

    place: str
    url: str = field(repr=False)
    fallback_url: str | None = field(default=None, repr=False)

    def describe(self) -> Mapping[str, object]:
        """What is to be set as a record for the operator."""
        return {"where": self.place, "url": self.url, "fallback_url": self.fallback_url}

    @property
    def advice(self) -> str:
        """What an operator has to do, as a part of a sentence."""
        fallback = f", and as its fallback {self.fallback_url}" if self.fallback_url else ""
        return (
            f"set its webhook in Twilio's console ({self.place}) to {self.url}{fallback}, with a key from "
            f"`sms credential create` in the place of {PLACEHOLDER}"
        )


def is_set_by_hand(address: str) -> bool:
    """Whether the provider's API for numbers does not have this address."""
    return not Address.parse(address).is_sms_number


def webhook_by_hand(address: str, agent: Agent, bases: Mapping[str, str]) -> WebhookByHand | None:
    """What is to be set for an address of an agent by hand; None when its stage is not deployed.

    Args:
        address: the address, for which `is_set_by_hand` is true.
        agent: the agent that gets its texts.
        bases: the URL that each deployed stage's webhooks begin with.
    """
    url, fallback_url = webhook_url.urls(bases, agent.stage, PLACEHOLDER)
    return WebhookByHand(webhook_place(Address.parse(address)), url, fallback_url or None) if url else None
