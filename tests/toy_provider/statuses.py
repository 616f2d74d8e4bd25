"""The toy's words for what became of a message."""

from shared.messages.inbound import Fate

WAITING, GONE, ARRIVED, LOST = "waiting", "gone", "arrived", "lost"
RANKS = {WAITING: 10, GONE: 20, ARRIVED: 30, LOST: 30}
FATES = {ARRIVED: Fate.ARRIVED, LOST: Fate.FAILED}
