"""The toy's words for what became of a message."""

from shared.messages.status import DeliveryOutcome, ProviderStatus

WAITING, GONE, ARRIVED, LOST = "waiting", "gone", "arrived", "lost"
BUSY = 486
"""The error of a message that may be sent again; it comes with GONE."""
RANKS = {WAITING: 10, GONE: 20, ARRIVED: 30, LOST: 30}
_UNKNOWN = 25


def ranked(word: str) -> ProviderStatus:
    """The status with its rank."""
    return ProviderStatus(word, RANKS.get(word, _UNKNOWN), is_final=word in {ARRIVED, LOST})


def outcome(word: str, error: int | None) -> DeliveryOutcome | None:
    """How a message ended."""
    if word == GONE and error == BUSY:
        return DeliveryOutcome.RETRYABLE
    return {ARRIVED: DeliveryOutcome.ARRIVED, LOST: DeliveryOutcome.FAILED}.get(word)
