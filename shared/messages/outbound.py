"""The values for messages to people. They are immutable, and their repr has no personal data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.messages.status import DeliveryOutcome, ProviderStatus


class OptOut(StrEnum):
    """A request by an opt-out word that is a whole text. The agent's answer to such a text is not sent."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@dataclass(frozen=True)
class StoppedConversation:
    """A conversation in which nothing may be sent, where the provider does not keep it.

    Attributes:
        tenant: whose it is.
        conversation: its id, 64 hexadecimal digits.
        ours: our address.
        person: the person's address.
        at: when the STOP was received, or an operator added it; with its zone.
        by_operator: whether an operator added it; the person's own word otherwise.
    """

    tenant: str
    conversation: str
    ours: str = field(repr=False)
    person: str = field(repr=False)
    at: datetime
    by_operator: bool = False


@dataclass(frozen=True)
class AnswerMessage:
    """One message of an answer. It has a text, or links to media, or both."""

    text: str = field(repr=False)
    media_urls: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Answer:
    """A backend's answer to a text. Without messages, the backend stays silent, unless it answers later.

    Attributes:
        messages: the messages to the person, in order.
        end_session: whether the session ends with this answer.
        later: whether the backend promised to answer later. Then there are no messages yet.
        no_session: whether the backend was not asked: its agent answers in open sessions only, and there was none.
    """

    messages: tuple[AnswerMessage, ...] = ()
    end_session: bool = False
    later: bool = False
    no_session: bool = False


@dataclass(frozen=True)
class OutboundMessage:
    """A message to a person, short enough for the provider.

    Attributes:
        reply_id: our id for it, the same for every attempt.
        account: the provider's account that owns `sender`.
        sender: our number.
        recipient: the person's address.
    """

    reply_id: str
    account: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    media_urls: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class SentMessage:
    """A message that the provider has: its id there, its status, and how many segments it bills.

    `segments` is None when the provider does not tell.
    """

    message_id: str
    status: ProviderStatus
    segments: int | None = None


@dataclass(frozen=True)
class StoredMessage:
    """A message as the provider keeps it.

    Attributes:
        sender: our address.
        recipient: the person's address.
        text: what was written.
        outcome: how it ended; None when that is open. RETRYABLE only if nothing is missing for sending it again.
        error_code: the provider's error number; None when there is none.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    outcome: DeliveryOutcome | None
    error_code: int | None


PARKED = "parked"
"""The status of a parked reply. Any status from the provider replaces it."""


@dataclass(frozen=True)
class Reply:
    """The record of one outbound message and its delivery status.

    Attributes:
        attempted_at: the first time it may have reached the provider; None when it certainly has not.
        message_id: the provider's id; None while it is unknown.
        status: the provider's latest status, or PARKED; an empty string before the first.
        rank: the rank of that status; a higher rank replaces a lower one.
        superseded: the provider's ids of earlier attempts, which failed for now. The status is of the latest one.
        agent_id: the id of the agent that it is from; an empty string while that is not known.
        segments: how many segments it takes, as the provider counts them or, before it answers, as it will.
    """

    tenant: str
    reply_id: str
    agent: str
    conversation: str
    in_reply_to: str | None
    attempted_at: datetime | None = None
    message_id: str | None = None
    status: str = ""
    rank: int = 0
    error_code: int | None = None
    superseded: frozenset[str] = frozenset()
    agent_id: str = ""
    segments: int = 1


@dataclass(frozen=True)
class Parked:
    """A parked event.

    Attributes:
        tenant: the id of its tenant.
        id: the event's id: of a text, of a reply or of a status.
        queue: the queue that it came from, and that a replay puts it on: `inbound` or `outbound`.
        group: its message group on that queue.
        reason: a short, stable word; docs/parking.md explains each.
        detail: a sentence that a person can act on, without personal data.
        number: our number.
        parked_at: when it was parked.
        event: the whole event.
        error_code: the provider's error number; None when it gave none.
    """

    tenant: str
    id: str
    queue: str
    group: str
    reason: str
    detail: str
    number: str = field(repr=False)
    parked_at: datetime
    event: Mapping[str, object] = field(repr=False)
    error_code: int | None = None
