"""A stand-in for the sessions of conversations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from shared.errors import SmsReceiverError
from shared.messages.sessions import EndedBy, ReceivedText, Session, Turn, after_text, replacing
from shared.tenants.agent import Agent


@dataclass
class FakeSessions:
    """`shared.ports.Sessions` over a dict; tests/integration/test_sessions.py holds it to the port.

    Attributes:
        asked: the conversation and the text of every call of `turn`.
        ended: the conversation and the id of every session that was ended, and what ended it.
        kept: by conversation.
    """

    failing: SmsReceiverError | None = None
    asked: list[tuple[str, ReceivedText]] = field(default_factory=list)
    ended: list[tuple[str, str, EndedBy]] = field(default_factory=list)
    kept: dict[str, Session] = field(default_factory=dict)

    def turn(self, conversation: str, text: ReceivedText, agent: Agent) -> Turn | None:
        self.asked.append((conversation, text))
        stored = self.find(conversation)
        if stored and (turn := stored.turn_of(text.id)):
            return turn
        session = after_text(stored, conversation, text, agent)
        if session is None:
            return None
        self.kept[conversation] = session
        return session.turn_of(text.id)

    def begin(self, session: Session, agent: Agent) -> Session:
        conversation = f"{session.tenant}.{session.conversation}"
        stored = self.find(conversation)
        if stored is None or stored.id != session.id:
            self.kept[conversation] = replacing(stored, session, agent)
        return self.kept[conversation]

    def end(self, conversation: str, message_id: str) -> None:
        session = self.find(conversation)
        if session and session.latest and session.latest.id == message_id:
            self._end(session, EndedBy.BACKEND)

    def end_at(self, session: Session, ended_by: EndedBy) -> bool:
        stored = self.find(f"{session.tenant}.{session.conversation}")
        if stored is None or stored.revision != session.revision:
            return False
        return self._end(stored, ended_by)

    def find(self, conversation: str) -> Session | None:
        if self.failing:
            raise self.failing
        return self.kept.get(conversation)

    def latest(self, tenant_id: str) -> Iterator[Sequence[Session]]:
        if self.failing:
            raise self.failing
        yield [session for session in self.kept.values() if session.tenant == tenant_id]

    def _end(self, session: Session, ended_by: EndedBy) -> bool:
        if session.ended_by:
            return False
        latest = session.latest and replace(session.latest, turn=replace(session.latest.turn, context=None))
        conversation = f"{session.tenant}.{session.conversation}"
        self.kept[conversation] = replace(
            session, ended_by=ended_by, context=None, latest=latest, revision=session.revision + 1
        )
        self.ended.append((conversation, session.id, ended_by))
        return True
