"""The registry of the providers' APIs for sending, beside the registry of their webhooks.

Apart from it, because they bring an HTTP library that no webhook needs: only the sender's wiring imports this.
"""

from collections.abc import Mapping

from shared.ports import ProviderApi
from shared.providers.twilio_rest import TwilioRest


def provider_apis(*, twilio_url: str, timeout_seconds: float) -> Mapping[str, ProviderApi]:
    """Each provider's API, by the provider's name."""
    return {TwilioRest.name: TwilioRest(twilio_url, timeout_seconds=timeout_seconds)}
