"""`shared.ports.BackendStates` in memory; tests/integration/test_backend_states.py holds it to the port."""

import json
from dataclasses import dataclass, field

from shared.errors import SmsReceiverError
from shared.messages.sessions import SessionText
from shared.ports import Json


@dataclass
class FakeBackendStates:
    """Keeps the states as JSON, as a table would.

    Attributes:
        failing: what every call raises.
        kept: the text that was answered last, with the states before and after it, by session and backend.
    """

    failing: SmsReceiverError | None = None
    kept: dict[tuple[str, str, str], tuple[str, str, str]] = field(default_factory=dict)

    def before(self, text: SessionText) -> Json | None:
        if self.failing:
            raise self.failing
        answered = self.kept.get((text.conversation, text.session_id, text.backend))
        if answered is None:
            return None
        message_id, before, after = answered
        state: Json | None = json.loads(before if message_id == text.message_id else after)
        return state

    def keep(self, text: SessionText, state: Json) -> None:
        before = json.dumps(self.before(text))
        self.kept[text.conversation, text.session_id, text.backend] = (text.message_id, before, json.dumps(state))
