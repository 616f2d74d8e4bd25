"""A person with a phone: texts a number, sees the replies, and knows what the agent heard."""

from dataclasses import dataclass, field
from typing import Any

from devstack.backend import LocalBackend, ReceivedEvent
from devstack.phones import Phones
from shared.messages.events import RECEIVED, STATUS


class NotTakenError(Exception):
    """Twilio could not deliver a text to the webhook; the message has the result of each attempt."""


@dataclass(frozen=True)
class Person:
    """Somebody with a phone, who texts one of the numbers.

    Attributes:
        address: the person's number.
        to: the number that is texted.
    """

    address: str
    to: str
    phones: Phones = field(repr=False)
    backend: LocalBackend = field(repr=False)

    def text(self, body: str) -> str:
        """Texts the number, and returns Twilio's id of the text. Raises NotTakenError."""
        delivery = self.phones.text(sender=self.address, to=self.to, body=body)
        if delivery["outcome"] != "delivered":
            results = [attempt["error"] or attempt["status"] for attempt in delivery["attempts"]]
            message = f"the webhook did not accept the text: {results}"
            raise NotTakenError(message)
        sid: str = delivery["message_sid"]
        return sid

    def sees(self, count: int, *, within_seconds: float = 20) -> list[str]:
        """The texts that the agent's side sent, as soon as there are `count` of them or the time is over."""
        return _sent(
            self.phones.wait(
                self.address, lambda messages: len(_sent(messages)) >= count, within_seconds=within_seconds
            )
        )

    def statuses(self) -> list[str]:
        """The statuses of replies to this person that the agent heard, in order."""
        return [
            request.event["data"]["status"]
            for request in self.backend.heard()
            if request.event["type"] == STATUS and request.event["data"]["to"] == self.address
        ]

    def heard(self, *, path: str | None = None) -> list[ReceivedEvent]:
        """This person's texts as the agent heard them, with repetitions."""
        return [
            request
            for request in self.backend.heard()
            if request.event["type"] == RECEIVED
            and request.event["data"]["from"] == self.address
            and path in {None, request.path}
        ]


def _sent(messages: list[dict[str, Any]]) -> list[str]:
    return [message["body"] for message in messages if message["by"] == "api"]
