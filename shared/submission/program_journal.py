"""What the API tells in the journal of an agent: messages that programs submit, and sessions that they create."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.journal import Journal
from shared.messages.journal import Entry, Happening
from shared.messages.sessions import EndedBy

if TYPE_CHECKING:
    from shared.submission.origins import Talk


@dataclass(frozen=True)
class ProgramJournal:
    """Tells what programs did. Each method may be repeated, and raises Unavailable."""

    journal: Journal

    def submitted(self, talk: Talk, answer_id: str, *, in_reply_to: str | None = None) -> None:
        """Tells that a message is on the outbound queue, and which text it answers."""
        ids = {"answer_id": answer_id, "text_id": in_reply_to}
        self._write(talk, Happening.SUBMITTED, f"{answer_id}.submitted", self.journal.now(), ids)

    def session_begun(self, talk: Talk, session_id: str, at: str, *, replaced: str | None) -> None:
        """Tells that a session began, and that it took the place of another one that was open.

        Args:
            talk: whose it is.
            session_id: the new session.
            at: when it began, in ISO 8601 form.
            replaced: the session that has ended with it, if any.
        """
        moment = datetime.fromisoformat(at)
        if replaced:
            self._ended(talk, replaced, moment, EndedBy.PROGRAM)
        self._write(talk, Happening.SESSION_BEGUN, f"{session_id}.begun", moment, {"session_id": session_id})

    def session_ended(self, talk: Talk, session_id: str, ended_by: EndedBy) -> None:
        """Tells that a program ended a session, or a backend with its late answer."""
        self._ended(talk, session_id, self.journal.now(), ended_by)

    def _ended(self, talk: Talk, session_id: str, at: datetime, ended_by: EndedBy) -> None:
        ids = {"session_id": session_id, "reason": ended_by.value}
        self._write(talk, Happening.SESSION_ENDED, f"{session_id}.ended", at, ids)

    def _write(
        self, talk: Talk, happening: Happening, entry_id: str, at: datetime, ids: Mapping[str, str | None]
    ) -> None:
        if talk.agent.journal:
            entry = Entry(happening, entry_id, at, talk.conversation, ours=talk.sender, person=talk.recipient, ids=ids)
            self.journal.write(talk.tenant.id, talk.agent, entry)
