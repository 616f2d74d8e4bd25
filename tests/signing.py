"""What Twilio's signature is tried on."""

from collections.abc import Sequence

from shared.messages.inbound import WebhookRequest
from shared.providers.twilio.signature import is_signed


def signature_matches(*, url: str, body: bytes, content_type: str, signature: str, tokens: Sequence[str]) -> bool:
    """Whether one of the tokens signed this request to this URL."""
    return is_signed(WebhookRequest((url,), {"content-type": content_type}, body), signature, tokens)
