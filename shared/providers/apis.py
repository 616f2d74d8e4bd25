"""The providers' APIs for sending. They bring an HTTP library, so only the sender's wiring imports this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.providers.twilio.hosts import stand_in
from shared.providers.twilio.message_api import TwilioRest

if TYPE_CHECKING:
    from shared.ports import ProviderApi


def provider_apis(*, twilio_url: str, timeout_seconds: float) -> Mapping[str, ProviderApi]:
    """Each provider's API, by the provider's name."""
    return {TwilioRest.name: TwilioRest(stand_in(twilio_url), timeout_seconds=timeout_seconds)}
