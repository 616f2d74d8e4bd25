"""A backend for trying things out, which sends each text back. Implements `shared.ports.Backend`."""

from collections.abc import Mapping
from typing import Any

from shared.backends import settings_checks
from shared.messages import events
from shared.messages.outbound import Answer, AnswerMessage
from shared.tenants.agent import BackendSettings

NO_TEXT = "That message had no text."


def check(settings: BackendSettings) -> None:
    """Raises InvalidValue when anything but the kind and the time-out is set."""
    settings_checks.takes_no_target(settings)
    settings_checks.takes_no_secrets(settings)
    settings_checks.takes_no_locale(settings)
    settings_checks.declines_statuses(settings)


class EchoBackend:
    """A backend that answers at once and never fails."""

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """The text itself, or NO_TEXT when it is blank; an empty answer to a status."""
        if event["type"] == events.STATUS:
            return Answer()
        text: str = event["data"]["text"]
        return Answer((AnswerMessage(text if text.strip() else NO_TEXT),))
