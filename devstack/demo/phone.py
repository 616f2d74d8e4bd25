"""A phone in the terminal: it texts what is typed, and shows each hop and each reply as it comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from devstack.demo.delivery_hops import DeliveryHop, of_delivery
from devstack.demo.demo_tenant import NUMBERS, PERSON
from devstack.demo.journey import Journeys
from devstack.demo.scene_result import mark
from operations.stage.names import Stage
from operations.tracing.hop import Hop
from operations.tracing.verdicts import verdict
from shared.telemetry import LogEvent
from terminal.gate import Screen, styled

_FINAL = {"delivered", "undelivered", "failed"}
_BAD = {LogEvent.REFUSED, LogEvent.MISDIRECTED, LogEvent.FAILED, LogEvent.PARKED, LogEvent.NOT_SENT}
_BAD |= {LogEvent.NOT_DELIVERED, LogEvent.POSTPONED}
_HIDDEN = {"tenant", "correlation_id", "conversation", "credential", "request_id", "queue_message_id", "message_id"}
_SMS = "./sms --local"


class TwinPhones(Protocol):
    """What the phone needs of the twin."""

    def text(self, *, sender: str, to: str, body: str) -> dict[str, Any]:
        """Sends a text to a number; what Twilio did with it."""

    def screen(self, number: str) -> list[dict[str, Any]]:
        """What a person's phone shows, in the order of arrival."""


@dataclass
class Phone:
    """Texts one of the numbers, and prints each text's hops and its replies.

    Attributes:
        phones: the twin.
        journeys: follows a text through the functions.
        console: where it prints.
        stage: whose number it texts; `/east` and `/south` change it.
    """

    phones: TwinPhones
    journeys: Journeys
    console: Screen
    stage: Stage = "east"

    def use(self) -> None:
        """Sends each line as a text until the input ends."""
        help_text = " Type a text and press Enter. /south and /east choose the number; Ctrl-D puts the phone away."
        self.console.print(styled((f"A phone, {PERSON}.", "bold"), help_text), soft_wrap=True)
        while True:
            prompt = styled((f"to {NUMBERS[self.stage]} ({self.stage})>", "bold"), " ")
            try:
                line = self.console.input(prompt)
            except EOFError:
                self.console.print()
                return
            match line.strip():
                case "/east":
                    self.stage = "east"
                case "/south":
                    self.stage = "south"
                case "":
                    pass
                case _:
                    self._text(line)

    def _text(self, body: str) -> None:
        shown = len(self.phones.screen(PERSON))
        delivery = self.phones.text(sender=PERSON, to=NUMBERS[self.stage], body=body)
        for step in of_delivery(delivery):
            self._print_delivery(step)
        text_id, hops, before = delivery["message_sid"], list[Hop](), shown
        for news in self.journeys.follow(text_id):
            hops += news
            for hop in news:
                self._print_hop(hop)
            for message in _arrived(self.phones.screen(PERSON)[shown:]):
                self.show(message)
                shown += 1
        for message in self.phones.screen(PERSON)[shown:]:
            self.show(message)
            shown += 1
        if shown == before:
            why = str(verdict(text_id, hops, command=_SMS))
            self.console.print(styled(("  Nothing comes. ", "yellow"), why), soft_wrap=True)

    def show(self, message: dict[str, Any]) -> None:
        """Prints a message as the phone got it."""
        line = styled((f"{message['from']}:", "bold"), f" {message['body']}  ", (message["status"], "dim"))
        self.console.print(line, soft_wrap=True)

    def _print_delivery(self, step: DeliveryHop) -> None:
        duration = "" if step.milliseconds is None else f" {step.milliseconds} ms"
        self.console.print(styled("  ", mark(good=step.good), f" {step.name}", (duration, "dim")), soft_wrap=True)

    def _print_hop(self, hop: Hop) -> None:
        more = "".join(f"  {name}={value}" for name, value in hop.details.items() if name not in _HIDDEN)
        why = f"  {hop.reason}" if hop.reason else ""
        good = mark(good=hop.event not in _BAD)
        line = styled("  ", good, f" {hop.event.value} ({hop.function}){why}", (more, "dim"))
        self.console.print(line, soft_wrap=True)


def _arrived(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first messages of which it is known what became of them; those behind wait, so that the order stays."""
    count = next((place for place, message in enumerate(messages) if message["status"] not in _FINAL), len(messages))
    return list(messages[:count])
