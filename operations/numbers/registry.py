"""The registry of the providers' APIs for numbers.

Apart from the registry for sending, because only `./sms` looks at numbers and changes them: no Lambda has this.
"""

from collections.abc import Mapping

from operations.ports import ProviderNumbers
from operations.twilio.numbers import TwilioNumbers
from shared.providers.twilio.webhook import Twilio


def provider_numbers(*, twilio_url: str | None, timeout_seconds: float) -> Mapping[str, ProviderNumbers]:
    """Each provider's numbers, by the provider's name; without a URL, at the provider's own."""
    return {Twilio.name: TwilioNumbers(twilio_url, timeout_seconds=timeout_seconds)}
