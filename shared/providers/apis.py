"""The registries of the providers' APIs, for sending and for numbers, beside the registry of their webhooks.

Apart from it, because they bring an HTTP library that no webhook needs: only the sender's wiring and the command import
this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.providers.twilio import Twilio
from shared.providers.twilio_numbers import TwilioNumbers

if TYPE_CHECKING:
    from shared.ports import ProviderApi, ProviderNumbers


def provider_apis(*, twilio_url: str, timeout_seconds: float) -> Mapping[str, ProviderApi]:
    """Each provider's API, by the provider's name."""
    from shared.providers.twilio_rest import TwilioRest  # noqa: PLC0415 - for the sender alone, and slow to import

    return {TwilioRest.name: TwilioRest(twilio_url, timeout_seconds=timeout_seconds)}


def provider_numbers(*, twilio_url: str | None, timeout_seconds: float) -> Mapping[str, ProviderNumbers]:
    """Each provider's numbers, by the provider's name; without a URL, at the provider's own."""
    return {Twilio.name: TwilioNumbers(twilio_url, timeout_seconds=timeout_seconds)}
