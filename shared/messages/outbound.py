"""The values that travel on the way back, from a backend to a person: as immutable and quiet as those of the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class OptOut(StrEnum):
    """What a person asked for with a word that is the whole text, where the agent's answer to it does not go out."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@dataclass(frozen=True)
class Turn:
    """A text's place in its session.

    Attributes:
        session_id: names the stretch of the conversation.
        number: the text's place in it, from 1.
        first_text_at: when the session's first text was received.
        last_text_at: when the text before this one was received; None for the first.
    """

    session_id: str
    number: int
    first_text_at: datetime
    last_text_at: datetime | None


@dataclass(frozen=True)
class AnswerMessage:
    """One message of an answer: at least a text or a link."""

    text: str = field(repr=False)
    media_urls: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Answer:
    """What a backend says to a text; no message at all is deliberate silence, or an answer that comes later.

    Attributes:
        messages: what the person gets, in this order.
        end_session: whether the session is over with this.
    """

    messages: tuple[AnswerMessage, ...] = ()
    end_session: bool = False


@dataclass(frozen=True)
class OutboundMessage:
    """One message on its way to a person, short enough for the provider.

    Attributes:
        reply_id: ours; the same however often it is tried.
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
    """What the provider made of an outbound message: its id there, its status, and how far along that is."""

    message_id: str
    status: str
    rank: int


class Standing(StrEnum):
    """Where a status that just came stands among those that came before."""

    NEW = "new"
    SAME = "same"
    OUTRUN = "outrun"


PARKED = "parked"
"""The status of a reply that was set aside; any word of the provider's stands above it."""


@dataclass(frozen=True)
class Reply:
    """The record of one outbound message: what is known of it, and what became of it.

    Attributes:
        attempted_at: since when it may be with the provider; None as long as it certainly is not.
        message_id: the provider's id, once it is known.
        status: the provider's last word on it, or PARKED; an empty string before.
        rank: that status's rank; a higher one wins.
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


@dataclass(frozen=True)
class Parked:
    """An event that was set aside.

    Attributes:
        tenant: whose it is.
        id: the event's id: of a text, of a reply or of a status.
        queue: where it came from and a replay sends it again: `inbound` or `outbound`.
        group: its group on that queue.
        reason: a short, stable word; docs list what each means and what to do.
        detail: a sentence that a person can act on; nothing personal.
        number: our number.
        parked_at: when.
        event: the whole event.
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
