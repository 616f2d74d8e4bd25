"""A backend for trying things out: it says back what was written. Keeps `shared.ports.Backend`."""

from collections.abc import Mapping
from typing import Any

from shared import events
from shared.agent import BackendSettings
from shared.answer import Answer, AnswerMessage
from shared.backends import rules

NO_TEXT = "That came without a text."


def check(settings: BackendSettings) -> None:
    """Raises InvalidValue: there is nothing to set."""
    rules.takes_no_target(settings)
    rules.takes_no_secrets(settings)
    rules.takes_no_locale(settings)
    rules.declines_statuses(settings)


class EchoBackend:
    """Answers at once, and never fails."""

    def ask(self, event: Mapping[str, Any]) -> Answer:
        """The text itself, or a sentence when there was none; nothing to a status."""
        if event["type"] == events.STATUS:
            return Answer()
        text: str = event["data"]["text"]
        return Answer((AnswerMessage(text if text.strip() else NO_TEXT),))
