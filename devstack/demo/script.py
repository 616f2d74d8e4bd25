"""A scripted demonstration: good texts and bad ones, conversations and mishaps, and a table of what became of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.terminal import Screen, styled
from devstack.arrivals import Arrivals
from devstack.demo import hops
from devstack.demo.line import NUMBERS, PERSON, connect
from devstack.demo.outcome import Outcome, table
from devstack.demo.play import Play
from devstack.demo.scenes import scenes


@dataclass(frozen=True)
class Script:
    """Plays everything on a line."""

    play: Play
    arrivals: Arrivals

    def run(self, console: Screen) -> bool:
        """Prints a table; True when every text went as it must."""
        outcomes = []
        with console.status("Texting …"):
            for outcome in self._outcomes():
                outcomes.append(outcome)
                line = styled(outcome.mark, f" {outcome.what} ({outcome.stage}): {outcome.got}")
                console.print(line, soft_wrap=True)
        console.print(table(outcomes))
        return all(outcome.good for outcome in outcomes)

    def _outcomes(self) -> Iterator[Outcome]:
        yield from scenes(self.play)
        for stage in NUMBERS:
            yield from self._webhooks(stage)

    def _webhooks(self, stage: str) -> Iterator[Outcome]:
        line, present, phones = self.play.line, self.play.present, self.play.phones
        yield self._accepted("a text", stage, self._text(stage, "Hello?"))
        yield self._accepted("not only ASCII, and a blank", stage, self._text(stage, "Grüße, 你好 👋 "))
        picture = [{"url": "https://media.example/cat.jpg", "content_type": "image/jpeg"}]
        yield self._accepted("a picture", stage, self._text(stage, "", media=picture))
        forged = self._text(stage, "pay me", signature="Zm9yZ2VkIQ==")
        yield self._refused("a forged signature", stage, forged, [401, 403])
        connect(line, stage, line.key[:-1], present, phones)
        yield self._refused("a wrong key", stage, self._text(stage, "let me in"), [401, 401])
        connect(line, stage, line.reader_key, present, phones)
        yield self._refused("a Reader's key", stage, self._text(stage, "let me in"), [401, 403])
        connect(line, stage, line.key, present, phones)
        yield self._accepted("a text after all that", stage, self._text(stage, "Still there?"))

    def _text(self, stage: str, body: str, **more: object) -> dict[str, Any]:
        return self.play.phones.text(sender=PERSON, to=NUMBERS[stage], body=body, **more)

    def _accepted(self, what: str, stage: str, done: dict[str, Any]) -> Outcome:
        self.arrivals.arrived(stage, done["message_sid"])
        return self._outcome(what, stage, done, must="reaches the agent once", statuses=[401, 200], arrived=1)

    def _refused(self, what: str, stage: str, done: dict[str, Any], statuses: list[int]) -> Outcome:
        """Refused by both regions: Twilio tries the fallback too."""
        return self._outcome(what, stage, done, must="is refused", statuses=statuses * 2, arrived=0)

    def _outcome(  # noqa: PLR0913 - a row of the table
        self, what: str, stage: str, done: dict[str, Any], *, must: str, statuses: list[int], arrived: int
    ) -> Outcome:
        got = [attempt["status"] for attempt in done["attempts"]]
        ids = [event["id"] for name in NUMBERS for event in self.arrivals.everything(name)]
        count = ids.count(done["message_sid"])
        way = " → ".join(hop.name for hop in hops.of_delivery(done)) + (" → agent" if count else "")
        return Outcome(what=what, stage=stage, must=must, got=way, good=got == statuses and count == arrived)
