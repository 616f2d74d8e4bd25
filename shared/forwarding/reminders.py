"""The reminders that come back from their queue: of answers that were promised, and of sessions that may time out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.forwarding.late_answers import LateAnswers
from shared.forwarding.session_timeouts import SessionTimeouts, is_of_session

if TYPE_CHECKING:
    from shared.messages.events import Event
    from shared.retry import Again, Done


@dataclass(frozen=True)
class Reminders:
    """Gives each reminder to what it was sent by."""

    late_answers: LateAnswers
    session_timeouts: SessionTimeouts

    def remind(self, reminder: Event, tries: int) -> Done | Again:
        """What became of what the reminder is about. Raises as the two do."""
        return self._sender_of(reminder).remind(reminder, tries)

    def crashed(self, reminder: Event) -> Done:
        """What becomes of a reminder of which each try ended the function. Raises as the two do."""
        return self._sender_of(reminder).crashed(reminder)

    def _sender_of(self, reminder: Event) -> LateAnswers | SessionTimeouts:
        return self.session_timeouts if is_of_session(reminder) else self.late_answers
