"""A scripted conversation: good texts and bad ones, and a table of what became of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from cli.demo import hops
from cli.demo.line import NUMBERS, PERSON, Line, connect
from cli.local.arrivals import Arrivals
from cli.local.phones import Phones
from cli.local.state import State


@dataclass(frozen=True)
class Outcome:
    """What became of one text: what had to happen, the statuses Twilio got, and how often it arrived."""

    what: str
    stage: str
    must: str
    statuses: list[int]
    hops: str
    arrived: int
    good: bool


@dataclass(frozen=True)
class Script:
    """Plays the conversation on a line."""

    line: Line
    present: State
    phones: Phones
    arrivals: Arrivals

    def play(self, console: Console) -> bool:
        """Prints a table; True when every text went as it must."""
        outcomes = []
        with console.status("Texting …"):
            for outcome in self._outcomes():
                outcomes.append(outcome)
                line = f"{_mark(outcome)} {outcome.what} ({outcome.stage}): {outcome.hops}"
                console.print(line, soft_wrap=True)
        console.print(_table(outcomes))
        return all(outcome.good for outcome in outcomes)

    def _outcomes(self) -> Iterator[Outcome]:
        for stage in NUMBERS:
            first = self._text(stage, "Hello?")
            yield self._accepted("a text", stage, first)
            yield self._accepted("not only ASCII, and a blank", stage, self._text(stage, "Grüße, 你好 👋 "))
            picture = [{"url": "https://media.example/cat.jpg", "content_type": "image/jpeg"}]
            yield self._accepted("a picture", stage, self._text(stage, "", media=picture))
            again = self.phones.again(first["message_sid"])
            yield self._accepted("the first text, delivered twice", stage, again)
            forged = self._text(stage, "pay me", signature="Zm9yZ2VkIQ==")
            yield self._refused("a forged signature", stage, forged, [401, 403])
            connect(self.line, stage, self.line.key[:-1], self.present, self.phones)
            yield self._refused("a wrong key", stage, self._text(stage, "let me in"), [401, 401])
            connect(self.line, stage, self.line.reader_key, self.present, self.phones)
            yield self._refused("a Reader's key", stage, self._text(stage, "let me in"), [401, 403])
            connect(self.line, stage, self.line.key, self.present, self.phones)
            yield self._accepted("a text after all that", stage, self._text(stage, "Still there?"))

    def _text(self, stage: str, body: str, **more: object) -> dict[str, Any]:
        return self.phones.text(sender=PERSON, to=NUMBERS[stage], body=body, **more)

    def _accepted(self, what: str, stage: str, done: dict[str, Any]) -> Outcome:
        self.arrivals.arrived(stage, done["message_sid"])
        return self._outcome(what, stage, done, must="arrives once", statuses=[401, 200], arrived=1)

    def _refused(self, what: str, stage: str, done: dict[str, Any], statuses: list[int]) -> Outcome:
        """Refused by both regions: Twilio tries the fallback too."""
        return self._outcome(what, stage, done, must="is refused", statuses=statuses * 2, arrived=0)

    def _outcome(  # noqa: PLR0913 - a row of the table
        self, what: str, stage: str, done: dict[str, Any], *, must: str, statuses: list[int], arrived: int
    ) -> Outcome:
        got = [attempt["status"] for attempt in done["attempts"]]
        ids = [event["id"] for name in NUMBERS for event in self.arrivals.everything(name)]
        count = ids.count(done["message_sid"])
        return Outcome(
            what=what,
            stage=stage,
            must=must,
            statuses=got,
            hops=" → ".join(hop.name for hop in hops.of_delivery(done)) + (" → arrived" if count else ""),
            arrived=count,
            good=got == statuses and count == arrived,
        )


def _table(outcomes: list[Outcome]) -> Table:
    table = Table("", "text", "stage", "must", "Twilio got", "arrived")
    for outcome in outcomes:
        statuses = " ".join(map(str, outcome.statuses))
        table.add_row(_mark(outcome), outcome.what, outcome.stage, outcome.must, statuses, str(outcome.arrived))
    return table


def _mark(outcome: Outcome) -> str:
    return "[green]✔[/]" if outcome.good else "[red]✘[/]"
