"""The lists of the providers' APIs for numbers, and for looking at messages.

They are separate from the list for sending, because only operators need them: no Lambda imports them.
"""

from collections.abc import Mapping

from operations.ports import ProviderNumbers
from operations.tracing.provider_message import ProviderMessages
from operations.twilio.messages import TwilioMessages
from operations.twilio.numbers import TwilioNumbers
from shared.providers.twilio import NAME


def provider_numbers(*, twilio_url: str | None, timeout_seconds: float) -> Mapping[str, ProviderNumbers]:
    """Each provider's API for numbers, by the provider's name.

    Args:
        twilio_url: replaces Twilio's own URL; None for that one.
        timeout_seconds: how long to wait for an answer.
    """
    return {NAME: TwilioNumbers(twilio_url, timeout_seconds=timeout_seconds)}


def provider_messages(*, twilio_url: str | None, timeout_seconds: float) -> Mapping[str, ProviderMessages]:
    """Each provider's API for looking at messages, by the provider's name; the arguments are the same."""
    return {NAME: TwilioMessages(twilio_url, timeout_seconds=timeout_seconds)}
