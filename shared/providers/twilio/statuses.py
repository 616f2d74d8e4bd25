"""The statuses of an outbound message at Twilio (Twilio docs, "Message resource", "Message Status Values")."""

from shared.messages.inbound import DeliveryOutcome

RANKS = {
    "accepted": 1,
    "scheduled": 1,
    "queued": 2,
    "sending": 3,
    "sent": 4,
    "delivered": 5,
    "undelivered": 5,
    "failed": 5,
    "canceled": 5,
    "read": 6,
}
"""How far along each status is."""

FAILED = "failed"

_FATES = {
    "delivered": DeliveryOutcome.ARRIVED,
    "undelivered": DeliveryOutcome.FAILED,
    FAILED: DeliveryOutcome.FAILED,
    "canceled": DeliveryOutcome.FAILED,
}


def rank(status: str) -> int:
    """How far along a status is; 0 for a word that is not known."""
    return RANKS.get(status, 0)


def outcome(status: str) -> DeliveryOutcome | None:
    """How the message ended; None as long as more may come. What was read was delivered before."""
    return _FATES.get(status)
