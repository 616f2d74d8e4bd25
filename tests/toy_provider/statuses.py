"""The toy's words for what became of a message."""

from shared.messages.inbound import DeliveryOutcome

WAITING, GONE, ARRIVED, LOST = "waiting", "gone", "arrived", "lost"
RANKS = {WAITING: 10, GONE: 20, ARRIVED: 30, LOST: 30}
OUTCOMES = {ARRIVED: DeliveryOutcome.ARRIVED, LOST: DeliveryOutcome.FAILED}
