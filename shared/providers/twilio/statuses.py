"""The statuses of an outbound message at Twilio.

Sources: Twilio docs, "Message resource", "Message Status Values"; for `partially_delivered`, which no page explains,
Twilio's OpenAPI document `twilio_api_v2010.json`, `message_enum_status`.
"""

from shared.messages.status import DeliveryOutcome, ProviderStatus
from shared.providers.twilio.errors import REMEDIES, Remedy

_OPEN = 5
"""After `sent` and before the last word: the rank of what says neither that a message arrived nor that it did not."""

RANKS = {
    "accepted": 1,
    "scheduled": 1,
    "queued": 2,
    "sending": 3,
    "sent": 4,
    "partially_delivered": _OPEN,
    "delivered": 6,
    "undelivered": 6,
    "failed": 6,
    "canceled": 6,
    "read": 7,
}
"""How far along each status is."""

FAILED = "failed"

_DELIVERED = "delivered"
_FAILURES = frozenset({"undelivered", FAILED, "canceled"})
_TEXT_PREFIX = "SM"
"""Of the id of a message without media (Twilio docs, Glossary, "Message SID")."""


def status(word: str, error_code: int | None, message_id: str) -> ProviderStatus:
    """The status with its rank: that of a word that is not known is between `sent` and the last ones."""
    ending = outcome(word, error_code, message_id)
    if ending is DeliveryOutcome.RETRYABLE:
        return ProviderStatus(word, _OPEN, is_final=False)
    return ProviderStatus(word, RANKS.get(word, _OPEN), is_final=ending is not None)


def outcome(word: str, error_code: int | None, message_id: str) -> DeliveryOutcome | None:
    """How the message ended; None as long as more may come. What was read was delivered before.

    A message with media is not sent again: Twilio does not tell where its files were.
    """
    if word == _DELIVERED:
        return DeliveryOutcome.ARRIVED
    if word not in _FAILURES:
        return None
    remedy = REMEDIES.get(error_code or 0)
    if remedy is Remedy.WAIT and message_id.startswith(_TEXT_PREFIX):
        return DeliveryOutcome.RETRYABLE
    return DeliveryOutcome.UNREACHABLE if remedy is Remedy.NOBODY else DeliveryOutcome.FAILED
