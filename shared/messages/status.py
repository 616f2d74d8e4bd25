"""The values for what became of outbound messages. They are immutable, and their repr has no personal data."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class ProviderStatus(NamedTuple):
    """A provider's word for what became of a message.

    Attributes:
        word: the word.
        rank: how far along it is. A higher rank replaces a lower one; of the same rank the later word wins, unless it
            is final.
        is_final: whether it says how the message ended.
    """

    word: str
    rank: int
    is_final: bool


class DeliveryOutcome(StrEnum):
    """How an outbound message ended."""

    ARRIVED = "arrived"
    FAILED = "failed"
    """For a reason that an operator may mend, or that nobody knows."""
    UNREACHABLE = "unreachable"
    """For a reason that lies with the person or their number."""
    RETRYABLE = "retryable"
    """For now: the same message may arrive when it is sent again."""


@dataclass(frozen=True)
class StatusReport:
    """The contents of a provider's status webhook.

    Attributes:
        message_id: the provider's id of the outbound message.
        account: the provider's account that owns `sender`.
        sender: our address.
        recipient: the person's address.
        status: the provider's word for it, known or not.
        is_known: whether the provider's documents have that word.
        outcome: how it ended; None when the status is not final.
        error_code: the provider's error number; None when there is none.
    """

    message_id: str
    account: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    status: ProviderStatus
    is_known: bool
    outcome: DeliveryOutcome | None
    error_code: int | None


class StatusOrder(StrEnum):
    """How a reported status relates to what is known of its reply."""

    NEW = "new"
    REPEATED = "repeated"
    STALE = "stale"
    """Of an earlier step than the stored one."""
    OTHER = "other"
    """Of another message at the provider than the reply's, such as that of an earlier attempt."""
