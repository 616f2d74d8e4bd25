"""A phone in the terminal: what is typed is texted, and what the agent says is shown."""

import itertools
from dataclasses import dataclass
from typing import Any

from cli.terminal import Screen, styled
from devstack.demo import hops
from devstack.demo.line import NUMBERS, PERSON
from devstack.demo.outcome import mark
from devstack.phones import Phones

_FINAL = {"delivered", "undelivered", "failed"}


@dataclass(frozen=True)
class Phone:
    """Texts both numbers in turn, and prints each text's hops and what comes back."""

    phones: Phones
    console: Screen

    def use(self) -> None:
        """Texts line by line until the input ends."""
        use = " Type a text and press Enter; Ctrl-D puts the phone away."
        self.console.print(styled((f"A phone, {PERSON}.", "bold"), use))
        for stage, to in itertools.cycle(NUMBERS.items()):
            try:
                body = self.console.input(styled((f"to {to} ({stage})>", "bold"), " "))
            except EOFError:
                self.console.print()
                return
            if body:
                self._text(to, body)

    def _text(self, to: str, body: str) -> None:
        before = len(self.phones.screen(PERSON))

        def news(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return shown[before:]

        done = self.phones.text(sender=PERSON, to=to, body=body)
        for hop in hops.of_delivery(done):
            self._print(hop)
        if done["outcome"] != "delivered":
            return
        self.phones.wait(PERSON, news, within_seconds=20)
        shown = self.phones.wait(
            PERSON, lambda shown: all(one["status"] in _FINAL for one in news(shown)), within_seconds=5
        )
        for message in news(shown):
            self.show(message)

    def show(self, message: dict[str, Any]) -> None:
        """Prints a message as the phone got it, word for word."""
        line = styled((f"{message['from']}:", "bold"), f" {message['body']}  ", (message["status"], "dim"))
        self.console.print(line, soft_wrap=True)

    def _print(self, hop: hops.Hop) -> None:
        took = "" if hop.milliseconds is None else f" {hop.milliseconds} ms"
        self.console.print(styled("  ", mark(good=hop.good), f" {hop.name}", (took, "dim")))
