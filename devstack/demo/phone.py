"""A phone in the terminal: it texts what is typed and shows what the agent answers."""

import itertools
from dataclasses import dataclass
from typing import Any

from devstack.demo.delivery_hops import DeliveryHop, of_delivery
from devstack.demo.demo_tenant import NUMBERS, PERSON
from devstack.demo.scene_result import mark
from devstack.phones import Phones
from terminal.gate import Screen, styled

_FINAL = {"delivered", "undelivered", "failed"}


@dataclass(frozen=True)
class Phone:
    """Texts both numbers in turn, and prints each text's hops and its replies."""

    phones: Phones
    console: Screen

    def use(self) -> None:
        """Sends each line as a text until the input ends."""
        help_text = " Type a text and press Enter; Ctrl-D puts the phone away."
        self.console.print(styled((f"A phone, {PERSON}.", "bold"), help_text))
        for stage, number in itertools.cycle(NUMBERS.items()):
            try:
                body = self.console.input(styled((f"to {number} ({stage})>", "bold"), " "))
            except EOFError:
                self.console.print()
                return
            if body:
                self._text(number, body)

    def _text(self, number: str, body: str) -> None:
        before = len(self.phones.screen(PERSON))

        def new_ones(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return messages[before:]

        delivery = self.phones.text(sender=PERSON, to=number, body=body)
        for hop in of_delivery(delivery):
            self._print(hop)
        if delivery["outcome"] != "delivered":
            return
        self.phones.wait(PERSON, new_ones, within_seconds=20)
        messages = self.phones.wait(
            PERSON,
            lambda messages: all(message["status"] in _FINAL for message in new_ones(messages)),
            within_seconds=5,
        )
        for message in new_ones(messages):
            self.show(message)

    def show(self, message: dict[str, Any]) -> None:
        """Prints a message as the phone got it."""
        line = styled((f"{message['from']}:", "bold"), f" {message['body']}  ", (message["status"], "dim"))
        self.console.print(line, soft_wrap=True)

    def _print(self, hop: DeliveryHop) -> None:
        duration = "" if hop.milliseconds is None else f" {hop.milliseconds} ms"
        self.console.print(styled("  ", mark(good=hop.good), f" {hop.name}", (duration, "dim")))
