"""A scripted demonstration: accepted and refused texts, conversations and faults, and a table of the results."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.server import ServedPage
from devstack.arrivals import Arrivals
from devstack.demo import delivery_hops
from devstack.demo.demo_tenant import NUMBERS, PERSON, set_webhooks
from devstack.demo.page import page_scene
from devstack.demo.play import Play
from devstack.demo.scene_result import SceneResult, table
from devstack.demo.scenes import scenes
from terminal.gate import Screen, styled


@dataclass(frozen=True)
class Script:
    """Plays everything with the tenant of a `Play`."""

    play: Play
    arrivals: Arrivals
    page: ServedPage

    def run(self, console: Screen) -> bool:
        """Prints each result and a table. Returns whether every text went as expected."""
        results: list[SceneResult] = []
        with console.status("Texting …"):
            for result in self._results(results):
                results.append(result)
                line = styled(result.mark, f" {result.what} ({result.stage}): {result.happened}")
                console.print(line, soft_wrap=True)
        console.print(table(results))
        return all(result.good for result in results)

    def _results(self, before: Sequence[SceneResult]) -> Iterator[SceneResult]:
        yield from scenes(self.play)
        for stage in NUMBERS:
            yield from self._webhooks(stage)
        yield page_scene(self.page, before)

    def _webhooks(self, stage: str) -> Iterator[SceneResult]:
        tenant, stack, phones = self.play.tenant, self.play.stack, self.play.phones
        yield self._accepted("a text", stage, self._text(stage, "Hello?"))
        yield self._accepted("not only ASCII, and a blank", stage, self._text(stage, "Grüße, 你好 👋 "))
        picture = [{"url": "https://media.example/cat.jpg", "content_type": "image/jpeg"}]
        yield self._accepted("a picture", stage, self._text(stage, "", media=picture))
        forged = self._text(stage, "pay me", signature="Zm9yZ2VkIQ==")
        yield self._refused("a forged signature", stage, forged, [401, 403])
        set_webhooks(tenant, stage, tenant.key[:-1], stack, phones)
        yield self._refused("a wrong key", stage, self._text(stage, "let me in"), [401, 401])
        set_webhooks(tenant, stage, tenant.reader_key, stack, phones)
        yield self._refused("a Reader's key", stage, self._text(stage, "let me in"), [401, 403])
        set_webhooks(tenant, stage, tenant.key, stack, phones)
        yield self._accepted("a text after all that", stage, self._text(stage, "Still there?"))

    def _text(self, stage: str, body: str, **more: object) -> dict[str, Any]:
        return self.play.phones.text(sender=PERSON, to=NUMBERS[stage], body=body, **more)

    def _accepted(self, what: str, stage: str, delivery: dict[str, Any]) -> SceneResult:
        self.arrivals.arrived(stage, delivery["message_sid"])
        return self._result(what, stage, delivery, expected="reaches the agent once", statuses=[401, 200], arrived=1)

    def _refused(self, what: str, stage: str, delivery: dict[str, Any], statuses: list[int]) -> SceneResult:
        """Refused by both stages, because Twilio tries the fallback too."""
        return self._result(what, stage, delivery, expected="is refused", statuses=statuses * 2, arrived=0)

    def _result(  # noqa: PLR0913 - a row of the table
        self, what: str, stage: str, delivery: dict[str, Any], *, expected: str, statuses: list[int], arrived: int
    ) -> SceneResult:
        answers = [attempt["status"] for attempt in delivery["attempts"]]
        ids = [event["id"] for name in NUMBERS for event in self.arrivals.everything(name)]
        count = ids.count(delivery["message_sid"])
        hops = " → ".join(hop.name for hop in delivery_hops.of_delivery(delivery)) + (" → agent" if count else "")
        return SceneResult(
            what=what, stage=stage, expected=expected, happened=hops, good=answers == statuses and count == arrived
        )
