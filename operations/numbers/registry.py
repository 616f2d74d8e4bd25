"""The list of the providers' APIs for numbers.

It is separate from the list for sending, because only operators look at numbers and change them: no Lambda imports it.
"""

from collections.abc import Mapping

from operations.ports import ProviderNumbers
from operations.twilio.numbers import TwilioNumbers
from shared.providers.twilio import NAME


def provider_numbers(*, twilio_url: str | None, timeout_seconds: float) -> Mapping[str, ProviderNumbers]:
    """Each provider's API for numbers, by the provider's name.

    Args:
        twilio_url: replaces Twilio's own URL; None for that one.
        timeout_seconds: how long to wait for an answer.
    """
    return {NAME: TwilioNumbers(twilio_url, timeout_seconds=timeout_seconds)}
