"""What the forwarder tells in the journal of an agent: of texts, of sessions, and what became of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.errors import Malformed
from shared.forwarding import inbound_event
from shared.forwarding.inbound_event import Envelope, InboundText, StatusUpdate
from shared.journal import Journal, journaling_agent
from shared.messages.event_fields import REPLAY
from shared.messages.journal import Entry, Happening
from shared.messages.promises import Promise
from shared.messages.sessions import EndedBy, Session
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from shared.tenants.agent import Agent

if TYPE_CHECKING:
    from shared.ports import Sessions
    from shared.tenants.lookup import AgentLookup

_OF_TEXTS = {
    LogEvent.ANSWERED: Happening.ANSWERED,
    LogEvent.UNANSWERED: Happening.UNANSWERED,
    LogEvent.PARKED: Happening.PARKED,
}


@dataclass(frozen=True)
class TextJournal:
    """Tells what happened. Each method may be repeated, and raises Unavailable.

    Args:
        agents: the agents by their numbers.
        sessions: knows in which session a text was.
    """

    journal: Journal
    agents: AgentLookup
    sessions: Sessions

    def forwarded(self, envelope: Envelope, result: Done | Again, tries: int = 1) -> None:
        """Tells what became of an event in a try; nothing of an event that nobody can read, or whose agent is broken.

        That it was received, and that it began a session, is told at the first try, and once more with what became of
        it: the first try may have crashed.
        """
        if isinstance(result, Again) and tries > 1:
            return
        try:
            content = inbound_event.read(envelope, now=self.journal.now())
        except Malformed:
            return
        number = content.sender if isinstance(content, StatusUpdate) else content.recipient
        agent = journaling_agent(self.agents, content.tenant, number)
        if agent:
            entries = [self._status(content)] if isinstance(content, StatusUpdate) else self._of_text(content, result)
            self.journal.write(content.tenant, agent, *entries)

    def session_timed_out(self, agent: Agent, session: Session) -> None:
        """Tells that a session has timed out."""
        entry = _ended(session.id, EndedBy.TIMEOUT, session.times_out_at(agent), session.conversation)
        self.journal.write(session.tenant, agent, entry)

    def overdue(self, promise: Promise) -> None:
        """Tells that an answer did not come in time."""
        envelope = promise.envelope
        agent = journaling_agent(self.agents, promise.tenant, envelope.sender)
        entry = Entry(
            Happening.OVERDUE,
            f"{promise.text_id}.overdue",
            promise.due_at,
            promise.conversation,
            ours=envelope.sender,
            person=envelope.recipient,
            ids={"text_id": promise.text_id},
        )
        self.journal.write(promise.tenant, agent, entry)

    def _status(self, status: StatusUpdate) -> Entry:
        data = status.event["data"]
        return Entry(
            Happening.STATUS,
            status.id,
            self.journal.now(),
            str(data.get("conversation") or ""),
            ours=status.sender,
            person=data["to"],
            ids={
                "text_id": data.get("in_reply_to"),
                "reply_id": data["reply_id"],
                "message_id": data.get("message_id"),
                "status": data.get("status"),
                "error_code": data.get("error_code"),
            },
        )

    def _of_text(self, text: InboundText, result: Done | Again) -> list[Entry]:
        if text.is_probe:
            return []
        received = Entry(
            Happening.RECEIVED,
            f"{text.id}.received",
            text.received_at,
            text.conversation,
            ours=text.recipient,
            person=text.sender,
            ids={"text_id": text.id},
            text=text.data["text"],
            media_urls=_media_urls(text),
        )
        session = self.sessions.find(text.group)
        begun = [*_begun(text, session), received]
        happening = _OF_TEXTS.get(result.outcome) if isinstance(result, Done) and result.outcome else None
        if happening is None:
            return begun
        replay = text.event.get(REPLAY)
        outcome = Entry(
            happening,
            f"{text.id}.{happening}"
            + (f".{replay}" if happening is Happening.PARKED and isinstance(replay, int) else ""),
            self.journal.now(),
            text.conversation,
            ours=text.recipient,
            person=text.sender,
            ids={"text_id": text.id, "reason": result.reason or None},
        )
        ended_id = session.ended_with(text.id) if session else None
        ended = [_ended(ended_id, EndedBy.BACKEND, self.journal.now(), text.conversation)] if ended_id else []
        return [*begun, outcome, *ended]


def _begun(text: InboundText, session: Session | None) -> list[Entry]:
    """That the text began its session, if it did."""
    turn = session.turn_of(text.id) if session else None
    if turn is None or turn.number > 1 or turn.by_program:
        return []
    entry = Entry(
        Happening.SESSION_BEGUN,
        f"{turn.session_id}.begun",
        turn.first_text_at,
        text.conversation,
        ours=text.recipient,
        person=text.sender,
        ids={"session_id": turn.session_id, "text_id": text.id},
    )
    return [entry]


def _ended(session_id: str, by: EndedBy, at: datetime, conversation: str) -> Entry:
    return Entry(
        Happening.SESSION_ENDED,
        f"{session_id}.ended",
        at,
        conversation,
        ids={"session_id": session_id, "reason": by.value},
    )


def _media_urls(text: InboundText) -> list[str]:
    media = text.data.get("media")
    links = [entry.get("url") for entry in media if isinstance(entry, dict)] if isinstance(media, list) else []
    return [link for link in links if isinstance(link, str)]
