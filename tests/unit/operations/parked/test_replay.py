"""Replays: nothing parked is lost, and what is sent twice is a duplicate that the queue or a claim drops."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.parked.replay import Choice, replay
from shared.errors import Malformed, SmsReceiverError, Unavailable
from shared.messages.outbound import Parked
from tests.fakes import NOW, OUR_NUMBER, FakeClock, FakeParking, FakeQueue

TEXT = Parked(
    tenant="acme",
    id="SM1",
    queue="inbound",
    group="acme.c1",
    reason="backend_unavailable",
    detail="it did not answer",
    number=OUR_NUMBER,
    parked_at=NOW,
    event={"id": "SM1", "type": "sms.message.received.v1", "data": {"text": "Hello?"}},
)
REPLY = replace(TEXT, id="SM1-1", queue="outbound", reason="provider_refused", parked_at=NOW + timedelta(hours=1))


class Stage:
    """A parking and a queue."""

    def __init__(self, *parked: Parked) -> None:
        self.parking = FakeParking()
        for event in parked:
            self.parking.park(event)
        self.queue = FakeQueue()

    def replay(self, parked: Parked) -> bool:
        return replay(parked, parking=self.parking, queue=self.queue)


@dataclass
class ParksAgain:
    """A queue whose consumer parks each event again before `send` returns."""

    parking: FakeParking
    sent: list[str] = field(default_factory=list)

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        assert group
        self.sent.append(deduplication)
        self.parking.park(replace(TEXT, event=event, parked_at=NOW + timedelta(seconds=len(self.sent))))


class TestReplay:
    def test_sends_the_event_to_its_queue_and_group_and_forgets_it(self) -> None:
        stage = Stage(TEXT, REPLY)
        assert stage.replay(TEXT)
        [sent] = stage.queue.sent
        assert (sent.event, sent.group, sent.deduplication) == ({**TEXT.event, "replay": 1}, "acme.c1", "SM1.1")
        assert stage.parking.parked("acme") == [REPLY]

    def test_counts_further_when_it_was_parked_again_so_that_the_queue_does_not_drop_it(self) -> None:
        stage = Stage(TEXT)
        for _ in range(3):
            [parked] = stage.parking.parked("acme")
            stage.replay(parked)
            stage.parking.park(replace(parked, event=stage.queue.sent[-1].event))
        assert [sent.deduplication for sent in stage.queue.sent] == ["SM1.1", "SM1.2", "SM1.3"]
        assert [sent.event["id"] for sent in stage.queue.sent] == ["SM1"] * 3, "the claim's key never changes"

    @pytest.mark.parametrize("error", [Unavailable("no answer"), Malformed("too large")])
    def test_keeps_what_it_could_not_send(self, error: SmsReceiverError) -> None:
        stage = Stage(TEXT)
        stage.queue.failing = error
        with pytest.raises(type(error)):
            stage.replay(TEXT)
        assert stage.parking.parked("acme") == [TEXT]

    @pytest.mark.parametrize(("seconds", "times"), [(299, 1), (300, 2)])
    def test_sends_the_same_once_more_after_a_crash_between_sending_and_forgetting(
        self, seconds: float, times: int
    ) -> None:
        stage, clock = Stage(TEXT), FakeClock()
        stage.queue.clock = clock

        class Crash(FakeParking):
            def remove(self, parked: Parked) -> None:
                raise Unavailable(parked.id)

        crashing = Crash(kept=stage.parking.kept)
        with pytest.raises(Unavailable):
            replay(TEXT, parking=crashing, queue=stage.queue)
        assert stage.parking.parked("acme") == [TEXT]
        clock.now += seconds
        assert stage.replay(TEXT)
        first = stage.queue.sent[0]
        assert stage.queue.sent == [first] * times, "the queue drops it for five minutes, and then the claim does"
        assert stage.parking.kept == {}

    def test_sends_nothing_when_somebody_else_was_first(self) -> None:
        stage = Stage(TEXT)
        assert stage.replay(TEXT)
        assert not stage.replay(TEXT)
        assert len(stage.queue.sent) == 1

    def test_does_not_forget_what_was_parked_again_before_it_could_forget_it(self) -> None:
        parking = FakeParking()
        parking.park(TEXT)
        queue = ParksAgain(parking)
        assert replay(TEXT, parking=parking, queue=queue)
        [again] = parking.parked("acme")
        assert again.event["replay"] == 1
        assert replay(again, parking=parking, queue=queue)
        assert queue.sent == ["SM1.1", "SM1.2"]
        assert parking.parked("acme")

    def test_sends_what_is_parked_now_and_not_what_was_listed(self) -> None:
        later = replace(TEXT, event={**TEXT.event, "replay": 4}, parked_at=NOW + timedelta(minutes=1))
        stage = Stage(later)
        assert stage.replay(TEXT)
        assert stage.queue.sent[0].deduplication == "SM1.5"
        assert stage.parking.kept == {}


class TestChoice:
    PARKED = (TEXT, REPLY, replace(REPLY, id="SM2-1", number="+12025550188", parked_at=NOW + timedelta(days=1)))

    def ids(self, choice: Choice) -> list[str]:
        return [parked.id for parked in choice.among(self.PARKED)]

    @pytest.mark.parametrize(
        ("choice", "ids"),
        [
            (Choice(), ["SM1", "SM1-1", "SM2-1"]),
            (Choice(ids=frozenset({"SM2-1", "SM1"})), ["SM1", "SM2-1"]),
            (Choice(queue="outbound"), ["SM1-1", "SM2-1"]),
            (Choice(reason="provider_refused", number=OUR_NUMBER), ["SM1-1"]),
            (Choice(before=NOW + timedelta(hours=1)), ["SM1"]),
            (Choice(since=NOW + timedelta(hours=1)), ["SM1-1", "SM2-1"]),
            (Choice(since=NOW + timedelta(hours=1), before=NOW + timedelta(hours=2)), ["SM1-1"]),
            (Choice(ids=frozenset({"SM1"}), queue="outbound"), []),
            (Choice(reason="refuse"), []),
        ],
    )
    def test_selects_only_what_matches_every_condition(self, choice: Choice, ids: list[str]) -> None:
        assert self.ids(choice) == ids

    @given(st.integers(-90_000, 90_000))
    def test_before_and_since_a_moment_are_all_and_never_the_same(self, seconds: int) -> None:
        moment = NOW + timedelta(seconds=seconds)
        assert sorted(self.ids(Choice(before=moment)) + self.ids(Choice(since=moment))) == self.ids(Choice())
