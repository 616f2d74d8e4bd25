"""A phone in the terminal: what is typed is texted, and what the agent says is shown."""

import itertools
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from cli.demo import hops
from cli.demo.line import NUMBERS, PERSON
from cli.local.phones import Phones

_FINAL = {"delivered", "undelivered", "failed"}


@dataclass(frozen=True)
class Phone:
    """Texts both numbers in turn, and prints each text's hops and what comes back."""

    phones: Phones
    console: Console

    def use(self) -> None:
        """Texts line by line until the input ends."""
        self.console.print(f"[bold]A phone, {PERSON}.[/] Type a text and press Enter; Ctrl-D puts the phone away.")
        for stage, to in itertools.cycle(NUMBERS.items()):
            try:
                body = self.console.input(f"[bold]to {to} ({stage})>[/] ")
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
            self.console.print(f"[bold]{message['from']}:[/] ", end="")
            self.console.print(message["body"], markup=False, end="")
            self.console.print(f"  [dim]{message['status']}[/]")

    def _print(self, hop: hops.Hop) -> None:
        mark = "[green]✔[/]" if hop.good else "[red]✘[/]"
        took = "" if hop.milliseconds is None else f" [dim]{hop.milliseconds} ms[/]"
        self.console.print(f"  {mark} {hop.name}{took}")
