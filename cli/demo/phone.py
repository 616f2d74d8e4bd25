"""A phone in the terminal: what is typed is texted."""

import itertools
from dataclasses import dataclass

from rich.console import Console

from cli.demo import hops
from cli.demo.line import NUMBERS, PERSON
from cli.local.arrivals import Arrivals
from cli.local.phones import Phones


@dataclass(frozen=True)
class Phone:
    """Texts both numbers in turn and prints each text's hops."""

    phones: Phones
    arrivals: Arrivals
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
                self._text(stage, to, body)

    def _text(self, stage: str, to: str, body: str) -> None:
        done = self.phones.text(sender=PERSON, to=to, body=body)
        for hop in hops.of_delivery(done):
            self._print(hop)
        if done["outcome"] == "delivered":
            event = self.arrivals.arrived(stage, done["message_sid"])
            self._print(hops.Hop("arrived at the agent's queue", good=event is not None))
            if event:
                self.console.print(f"    the agent reads: {event['data']['text']!r}", markup=False)

    def _print(self, hop: hops.Hop) -> None:
        mark = "[green]✔[/]" if hop.good else "[red]✘[/]"
        took = "" if hop.milliseconds is None else f" [dim]{hop.milliseconds} ms[/]"
        self.console.print(f"  {mark} {hop.name}{took}")
