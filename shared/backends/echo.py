"""A backend for trying things out: it says back what was written. Keeps `shared.ports.Backend`."""

from collections.abc import Mapping
from typing import Any

from shared.backends import validation
from shared.messages import events
from shared.messages.outbound import Answer, AnswerMessage
from shared.tenants.agent import BackendSettings

NO_TEXT = "That came without a text."


def check(settings: BackendSettings) -> None:
    """Raises InvalidValue: there is nothing to set."""
    validation.takes_no_target(settings)
    validation.takes_no_secrets(settings)
    validation.takes_no_locale(settings)
    validation.declines_statuses(settings)


class EchoBackend:
    """Answers at once, and never fails."""

    def ask(self, event: Mapping[str, Any]) -> Answer:
        """The text itself, or a sentence when there was none; nothing to a status."""
        if event["type"] == events.STATUS:
            return Answer()
        text: str = event["data"]["text"]
        return Answer((AnswerMessage(text if text.strip() else NO_TEXT),))
