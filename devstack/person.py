"""A person with a phone: texts, sees what comes back, and knows what the agent heard of it."""

from dataclasses import dataclass, field
from typing import Any

from devstack.backend import Backend, Heard
from devstack.phones import Phones
from shared.messages.events import RECEIVED, STATUS


class NotTakenError(Exception):
    """Twilio could not deliver a text to the webhook; the message says what each attempt met."""


@dataclass(frozen=True)
class Person:
    """Somebody with a phone of their own, who texts one of the numbers."""

    address: str
    to: str
    phones: Phones = field(repr=False)
    backend: Backend = field(repr=False)

    def text(self, body: str) -> str:
        """Texts; gives Twilio's id of the text. Raises NotTakenError."""
        done = self.phones.text(sender=self.address, to=self.to, body=body)
        if done["outcome"] != "delivered":
            tried = [attempt["error"] or attempt["status"] for attempt in done["attempts"]]
            message = f"the webhook did not take the text: {tried}"
            raise NotTakenError(message)
        sid: str = done["message_sid"]
        return sid

    def sees(self, count: int, *, within_seconds: float = 20) -> list[str]:
        """What the agent's side sent, once it is so many messages or the time is over."""
        return _sent(
            self.phones.wait(self.address, lambda shown: len(_sent(shown)) >= count, within_seconds=within_seconds)
        )

    def statuses(self) -> list[str]:
        """What the agent heard of the replies to this person, in order."""
        return [
            one.event["data"]["status"]
            for one in self.backend.heard()
            if one.event["type"] == STATUS and one.event["data"]["to"] == self.address
        ]

    def heard(self, *, path: str | None = None) -> list[Heard]:
        """This person's texts as the agent heard them, repetitions too."""
        return [
            one
            for one in self.backend.heard()
            if one.event["type"] == RECEIVED and one.event["data"]["from"] == self.address and path in {None, one.path}
        ]


def _sent(shown: list[dict[str, Any]]) -> list[str]:
    return [message["body"] for message in shown if message["by"] == "api"]
