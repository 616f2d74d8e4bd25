"""Hours without DynamoDB, with production's delays: everything arrives, in order, once, and nothing is set aside."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from handlers.aws_events import SqsAttributes, SqsEvent, SqsRecord
from handlers.sqs_consumer import QueueConsumer, consume
from shared.errors import Unavailable
from shared.retry import Again, Done
from shared.telemetry import Measurements
from tests.fakes import OUR_NUMBER, FakeAgents
from tests.forwarding_fakes import AGENT, text
from tests.forwarding_fakes import World as Forwarding
from tests.tries_fake import FakeTries
from tests.unit.project.test_times import QUEUES, delays, seconds
from tests.unit.sending.fakes import World as Sending

AWAY = Unavailable("DynamoDB does not answer")
HOUR = 3600.0
PEOPLE = [f"+1202555010{number}" for number in range(5)]
TEXTS = 4


@dataclass
class Message:
    """A message as SQS keeps it."""

    message_id: str
    body: str
    visible_at: float
    receives: int = 0


@dataclass
class FifoQueue:
    """SQS FIFO: of each group only the first, and none while that is in flight; what came too often is set aside.

    AWS docs, "Amazon SQS visibility timeout", "Using dead-letter queues in Amazon SQS", "FIFO queue delivery logic".
    """

    receives_max: int
    visibility: float
    groups: dict[str, list[Message]] = field(default_factory=dict)
    set_aside: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def put(self, event: Mapping[str, Any], group: str, deduplication: str, now: float) -> None:
        if deduplication not in self.seen:
            self.seen.add(deduplication)
            self.groups.setdefault(group, []).append(Message(f"m-{deduplication}", json.dumps(event), now))

    def next_at(self) -> float | None:
        return min((waiting[0].visible_at for waiting in self.groups.values() if waiting), default=None)

    def receive(self, now: float) -> Iterator[tuple[list[Message], SqsEvent]]:
        for waiting in self.groups.values():
            if not waiting or waiting[0].visible_at > now:
                continue
            head = waiting[0]
            head.receives += 1
            head.visible_at = now + self.visibility
            if head.receives > self.receives_max:
                self.set_aside.append(waiting.pop(0).message_id)
                continue
            yield waiting, delivered(head)


def delivered(message: Message) -> SqsEvent:
    attributes: SqsAttributes = {
        "ApproximateReceiveCount": str(message.receives),
        "ApproximateFirstReceiveTimestamp": "1764075600250",
        "SentTimestamp": "1764075600000",
    }
    record: SqsRecord = {
        "messageId": message.message_id,
        "receiptHandle": message.message_id,
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:inbound.fifo",
        "body": message.body,
        "attributes": attributes,
    }
    return {"Records": [record]}


@dataclass
class Postponing:
    """Changes the visibility of what is in flight."""

    message: Message
    now: float

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        assert receipt_handle == self.message.message_id
        self.message.visible_at = self.now + seconds


class Stage:
    """Both queues, both consumers, and a DynamoDB that is away from time to time."""

    def __init__(self, *says: Any) -> None:  # noqa: ANN401 - what the backend says or raises
        self.forwarding = Forwarding(*says)
        self.sending = Sending(agents=FakeAgents({OUR_NUMBER: AGENT}))
        self.tries = FakeTries()
        self.now = 0.0
        self.inbound, self.outbound = (
            FifoQueue(QUEUES[f"{name}Queue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"], visibility)
            for name, visibility in (
                ("Inbound", seconds("forwarderVisibilitySeconds")),
                ("Outbound", seconds("senderVisibilitySeconds")),
            )
        )
        self.worked_at: list[float] = []

    def dynamodb(self, *, away: bool) -> None:
        world, sending = self.forwarding, self.sending
        asked = (world.agents, world.claims, world.sessions, world.limits, world.parking)
        sent = (sending.agents, sending.claims, sending.replies, sending.parking)
        ports: tuple[Any, ...] = (*asked, *sent, self.tries)
        for port in ports:
            port.failing = AWAY if away else None

    def write(self, person: str, number: int) -> None:
        event = text(f"text {number}", message_id=f"SM{person[-1]}x{number}", From=person)
        self.inbound.put(event, f"{event['tenant']}.{event['subject']}", event["id"], self.now)

    def run(self, *, until: float, away: Callable[[float], bool]) -> None:
        """Works on whatever is visible, one after the other, until nothing is left or the time is over."""
        while True:
            times = [at for at in (self.inbound.next_at(), self.outbound.next_at()) if at is not None]
            if not times or min(times) > until:
                return
            self.now = max(self.now, min(times))
            self.sending.seconds = self.now
            self.dynamodb(away=away(self.now))
            self._work(self.inbound, self.forwarding.forwarder.forward, self.forwarding.forwarder.crashed)
            for sent in self.forwarding.queue.sent:
                self.outbound.put(sent.event, sent.group, sent.deduplication, self.now)
            sender = self.sending.sender()
            self._work(self.outbound, sender.send, sender.crashed)

    def _work(
        self,
        queue: FifoQueue,
        act: Callable[[dict[str, Any], int], Done | Again],
        crashed: Callable[[dict[str, Any]], Done],
    ) -> None:
        for waiting, event in queue.receive(self.now):
            consumer = QueueConsumer(
                name="inbound",
                queue=Postponing(waiting[0], self.now),
                act=act,
                crashed=crashed,
                tries=self.tries,
                outage_delays=delays("outageDelaysSeconds"),
                measurements=Measurements(),
            )
            if not consume(event, consumer)["batchItemFailures"]:
                waiting.pop(0)
                self.worked_at.append(self.now)

    @property
    def asked(self) -> dict[str, list[str]]:
        """What the backend was asked, by person."""
        return self._by_person(
            (event["data"]["from"], event["data"]["text"]) for event in self.forwarding.backend.asked
        )

    @property
    def told(self) -> dict[str, list[str]]:
        """The ids of the replies that went out, by person."""
        return self._by_person((one.message.recipient, one.message.reply_id) for one in self.sending.api.got)

    def _by_person(self, pairs: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {person: [] for person in PEOPLE}
        for person, value in pairs:
            found[person].append(value)
        return found

    @property
    def set_aside(self) -> list[str]:
        return self.inbound.set_aside + self.outbound.set_aside


def whole(stage: Stage) -> None:
    """Each text was asked once and answered once, in its conversation's order; nothing is parked or set aside."""
    assert stage.set_aside == []
    assert not stage.forwarding.parking.kept
    assert not stage.sending.parking.kept
    assert stage.asked == {person: [f"text {number}" for number in range(TEXTS)] for person in PEOPLE}
    ids = {person: [f"SM{person[-1]}x{number}-1" for number in range(TEXTS)] for person in PEOPLE}
    assert stage.told == ids


@pytest.mark.parametrize("hours", [0.05, 0.5, 6, 12])
def test_an_outage_is_waited_out_in_order_and_nothing_is_set_aside(hours: float) -> None:
    stage = Stage()
    for number in range(TEXTS):
        for person in PEOPLE:
            stage.write(person, number)
    stage.run(until=4 * 24 * HOUR, away=lambda now: now < hours * HOUR)
    whole(stage)
    assert max(stage.worked_at) - hours * HOUR <= 10 * 60 + 1, "minutes after the outage everybody is answered"


def test_texts_that_come_during_the_outage_keep_their_place_too() -> None:
    stage = Stage()
    for number in range(TEXTS):
        stage.run(until=number * HOUR, away=lambda now: now < 6 * HOUR)
        stage.now = number * HOUR
        for person in PEOPLE:
            stage.write(person, number)
    stage.run(until=24 * HOUR, away=lambda now: now < 6 * HOUR)
    whole(stage)


def test_an_outage_that_comes_and_goes_changes_nothing() -> None:
    """Also one that begins when the replies are queued already."""
    stage = Stage()
    for number in range(TEXTS):
        for person in PEOPLE:
            stage.write(person, number)
    stage.run(until=24 * HOUR, away=lambda now: 0 < now < 2 * HOUR or (now % 1000 < 500 and now < 6 * HOUR))
    whole(stage)


def test_an_outage_of_days_sets_the_first_of_a_conversation_aside_at_last() -> None:
    """What the tests above guard against can happen here."""
    stage = Stage()
    stage.write(PEOPLE[0], 0)
    stage.run(until=4 * 24 * HOUR, away=lambda _now: True)
    assert stage.set_aside == [f"m-SM{PEOPLE[0][-1]}x0"]
    assert stage.now > 12 * HOUR


def test_a_text_has_its_tries_when_the_outage_is_over() -> None:
    later = Unavailable("the backend answered 503")
    stage = Stage(later, later, later, later)
    stage.write(PEOPLE[0], 0)
    stage.run(until=24 * HOUR, away=lambda now: now < 6 * HOUR)
    assert len(stage.forwarding.backend.asked) == 4
    assert stage.forwarding.reasons == ["backend_unavailable"]
    assert stage.now - 6 * HOUR > sum(delays("retryDelaysSeconds")[1:])
