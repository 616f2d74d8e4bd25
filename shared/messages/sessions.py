"""Sessions: stretches of a conversation, and which texts belong to them. Immutable values, no personal data in a repr.

A text belongs to the session that is open when it is forwarded, and keeps its place there when it is tried again.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.tenants.agent import Agent

Context = Mapping[str, Any]

CONTEXT_BYTES_MAX = 4096
"""The most bytes of a context, as compact JSON in UTF-8. It is stored with the session and goes with each text."""

_PREFIX = "SE"


class EndedBy(StrEnum):
    """What ended a session before a pause did."""

    BACKEND = "backend"
    PROGRAM = "program"
    TIMEOUT = "timeout"


@dataclass(frozen=True)
class Parties:
    """Who texts with whom, and through which account.

    Attributes:
        sender: our address.
        recipient: the person's address.
        provider: the provider's name in the registry.
        account: the provider's account that owns `sender`.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    provider: str
    account: str


@dataclass(frozen=True)
class ReceivedText:
    """What a session needs to know of a text: its id, when it was received, and between whom."""

    id: str
    at: datetime
    parties: Parties


@dataclass(frozen=True)
class SessionText:
    """A text in its session, as one of the agent's backends gets it.

    Attributes:
        conversation: `<tenant>.<conversation id>`.
        session_id: the id of the session.
        message_id: the id of the text.
        backend: tells the agent's backends apart.
    """

    conversation: str
    session_id: str
    message_id: str
    backend: str


@dataclass(frozen=True)
class Turn:
    """A text's place in its session.

    Attributes:
        session_id: the id of the session.
        number: the text's number in the session, from 1.
        first_text_at: when the session's first text was received.
        last_text_at: when the text before this one was received; None for the first.
        context: what the program gave that created the session; None without one, and once the session has ended.
        by_program: whether a program created the session, rather than its first text.
    """

    session_id: str
    number: int
    first_text_at: datetime
    last_text_at: datetime | None
    context: Context | None = field(default=None, repr=False)
    by_program: bool = False


@dataclass(frozen=True)
class LatestText:
    """The latest text of a session, and its turn."""

    id: str
    turn: Turn


@dataclass(frozen=True)
class Session:
    """The latest session of a conversation.

    Attributes:
        tenant: whose it is.
        conversation: the conversation's id, 64 hexadecimal digits.
        id: its id.
        agent: the id of the agent that it began with.
        opened_at: when its first text was received, or a program created it.
        latest_at: the latest time at which a text of it was received; before the first, when it was created.
        latest: its latest text; None before the first.
        earlier: the latest text of the session that it replaced: that text may still be tried again.
        context: what the program gave that created it; None without one, and once it has ended.
        parties: who texts with whom; None where nobody needs it: a text began it, and its agent notifies nobody.
        by_program: whether a program created it.
        replaced: the session that was open until a program created this one in its place; None when none was.
        ended_by: what ended it; None while it is open, and when a pause alone ended it.
        revision: counts its changes.
    """

    tenant: str
    conversation: str
    id: str
    agent: str
    opened_at: datetime
    latest_at: datetime
    latest: LatestText | None = None
    earlier: LatestText | None = None
    context: Context | None = field(default=None, repr=False)
    parties: Parties | None = None
    by_program: bool = False
    replaced: str | None = None
    ended_by: EndedBy | None = None
    revision: int = 1

    def is_open(self, at: datetime, agent: Agent) -> bool:
        """Whether a text of that time would belong to it."""
        return self.ended_by is None and at <= self.times_out_at(agent)

    def times_out_at(self, agent: Agent) -> datetime:
        """When it ends, if no text comes until then. The time in which it ends is the agent's present one."""
        return self.latest_at + timedelta(seconds=agent.session_seconds)

    def ended_with(self, text_id: str) -> str | None:
        """Its id, if the backend ended it with its answer to this text; None otherwise."""
        is_its_latest = self.latest is not None and self.latest.id == text_id
        return self.id if is_its_latest and self.ended_by is EndedBy.BACKEND else None

    def turn_of(self, text_id: str) -> Turn | None:
        """The turn of a text that may be tried again; None for one that has none, or that another one followed."""
        return next((known.turn for known in (self.latest, self.earlier) if known and known.id == text_id), None)


def new_session_id() -> str:
    """An id for a session, which names nobody."""
    return _PREFIX + uuid.uuid4().hex


def session_id(digest: str) -> str:
    """The id for a session that a repeated request must find again, from a digest of that request."""
    return _PREFIX + digest[:32]


def after_text(stored: Session | None, conversation: str, text: ReceivedText, agent: Agent) -> Session | None:
    """The conversation's session with a text as its latest; None when none is open, and the agent begins none for it.

    Args:
        stored: the latest session of the conversation, if any.
        conversation: `<tenant>.<conversation id>`.
        text: a text that has no turn yet.
        agent: who answers it.
    """
    if stored is None or not stored.is_open(text.at, agent):
        return _begun_by_text(stored, conversation, text, agent) if agent.initiates_from_inbound else None
    number, first_text_at, last_text_at = 1, text.at, None
    if stored.latest:
        turn = stored.latest.turn
        number, first_text_at, last_text_at = turn.number + 1, turn.first_text_at, stored.latest_at
    return replace(
        stored,
        latest_at=max(text.at, stored.latest_at),
        latest=LatestText(
            text.id, Turn(stored.id, number, first_text_at, last_text_at, stored.context, stored.by_program)
        ),
        earlier=None,
        parties=stored.parties or _parties(text, agent),
        revision=stored.revision + 1,
    )


def replacing(stored: Session | None, session: Session, agent: Agent) -> Session:
    """A new session as it is stored in the place of an earlier one, of which the latest text keeps its turn.

    The earlier session has ended, and so its context is gone.
    """
    if stored is None:
        return session
    kept = stored.latest or stored.earlier
    without_context = replace(kept, turn=replace(kept.turn, context=None)) if kept else None
    replaced = stored.id if stored.is_open(session.opened_at, agent) else None
    return replace(session, earlier=without_context, replaced=replaced, revision=stored.revision + 1)


def reminder(session_id: str, conversation: str) -> dict[str, object]:
    """The event that reminds of a session when it may have timed out.

    Args:
        session_id: the session's id.
        conversation: `<tenant>.<conversation id>`.
    """
    tenant_id, _, conversation_id = conversation.partition(".")
    return {"tenant": tenant_id, "id": session_id, "conversation": conversation_id}


def _begun_by_text(stored: Session | None, conversation: str, text: ReceivedText, agent: Agent) -> Session:
    tenant_id, _, conversation_id = conversation.partition(".")
    identifier = new_session_id()
    return Session(
        tenant=tenant_id,
        conversation=conversation_id,
        id=identifier,
        agent=agent.id,
        opened_at=text.at,
        latest_at=text.at,
        latest=LatestText(text.id, Turn(identifier, 1, text.at, None)),
        parties=_parties(text, agent),
        revision=stored.revision + 1 if stored else 1,
    )


def _parties(text: ReceivedText, agent: Agent) -> Parties | None:
    """Whom the session is with, where its end is watched; None where it is not: then nobody's address is stored."""
    return text.parties if agent.watches_sessions else None
