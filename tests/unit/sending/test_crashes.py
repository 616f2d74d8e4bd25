"""Crashes at every step, answers that get lost, and what the person sees of them: nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Unavailable, UpstreamRefused
from shared.messages.outbound import PARKED, OutboundMessage, SentMessage
from shared.reasons import Reason
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from shared.tenants.account import Account
from tests.fakes import NOW
from tests.unit.messages.outbound_events import outbound
from tests.unit.sending.fakes import (
    CODE,
    DELIVERED,
    FAILED,
    LATER,
    LOST,
    OPTED_OUT,
    REFUSED,
    SENT,
    TAKEN,
    TAKEN_BUT_LOST,
    Behaviour,
    FakeProviderApi,
    Phone,
    World,
)

MANY = 60  # more than any run has steps


def steps(*behaviours: Behaviour) -> int:
    """How many steps there are when nothing crashes."""
    world = World()
    world.api.behaviours = list(behaviours)
    world.run(outbound())
    assert 8 <= world.steps < MANY
    return world.steps


@pytest.mark.parametrize("behaviours", [[], [LATER], [TAKEN_BUT_LOST], [LOST, TAKEN_BUT_LOST], [LOST, LATER]])
def test_a_crash_at_any_step_neither_loses_nor_doubles_a_reply(behaviours: list[Behaviour]) -> None:
    for crash_at in range(1, steps(*behaviours) + 1):
        world = World(crash_at)
        world.api.behaviours = list(behaviours)
        assert world.run(outbound()) == Done(LogEvent.SENT), f"crashed at step {crash_at}"
        assert world.texts() == ["part 1"], f"crashed at step {crash_at}"
        assert world.parking.kept == {}
        record = world.replies.find("acme", "SM42-1")
        assert record
        assert record.message_id == "SM1"


def test_a_crash_at_any_step_parks_a_refused_reply_all_the_same() -> None:
    for crash_at in range(1, steps(REFUSED) + 1):
        world = World(crash_at)
        world.api.behaviours = [REFUSED] * MANY
        assert world.run(outbound()) == Done(LogEvent.PARKED, "provider_refused"), f"crashed at step {crash_at}"
        assert [one.reason for one in world.parking.parked("acme")] == ["provider_refused"]
        assert {told.deduplication for told in world.inbound.sent} == {f"SM42-1.{FAILED}.21408"}


def test_a_crash_at_any_step_tells_the_backend_of_an_opted_out_person_all_the_same() -> None:
    for crash_at in range(1, steps(OPTED_OUT) + 1):
        world = World(crash_at)
        world.api.behaviours = [OPTED_OUT] * MANY
        assert world.run(outbound()) == Done(LogEvent.NOT_SENT, "opted_out"), f"crashed at step {crash_at}"
        assert {told.deduplication for told in world.inbound.sent} == {f"SM42-1.{FAILED}.{CODE}"}
        assert world.parking.kept == {}


def test_a_crash_at_any_step_parks_what_the_provider_never_takes() -> None:
    world = World()
    world.api.behaviours = [LATER] * MANY
    world.run(outbound())
    for crash_at in range(1, world.steps + 1):
        world = World(crash_at)
        world.api.behaviours = [LATER] * MANY
        done = world.run(outbound())
        assert done in (Done(LogEvent.PARKED, "provider_unavailable"), Done(LogEvent.PARKED, Reason.PERHAPS_SENT))
        assert len(world.parking.kept) == 1
        assert world.texts() == []


@given(
    behaviours=st.lists(st.sampled_from([TAKEN, TAKEN_BUT_LOST, LOST, LATER]), max_size=8),
    crash_at=st.none() | st.integers(1, MANY),
    replayed=st.booleans(),
)
def test_whatever_happens_the_person_gets_it_once_or_it_is_parked(
    *, behaviours: list[Behaviour], crash_at: int | None, replayed: bool
) -> None:
    world = World(crash_at)
    world.api.behaviours = list(behaviours)
    done = world.run(outbound())
    if done.outcome is LogEvent.PARKED and replayed:
        world.discard("SM42-1")
        world.api.behaviours = []
        done = world.run(outbound() | {"replay": 1})
        assert done == Done(LogEvent.SENT)
    if done == Done(LogEvent.SENT):
        assert world.texts() == ["part 1"]
        assert world.parking.kept == {}
    else:
        assert len(world.texts()) <= (done.reason == Reason.PERHAPS_SENT)
        assert [one.reason for one in world.parking.parked("acme")] == [done.reason]


def test_a_lost_answer_is_looked_for_before_it_is_sent_again() -> None:
    world = World()
    world.api.behaviours = [TAKEN_BUT_LOST]
    assert world.deliver(outbound()) == Again(6.25, "in_doubt")
    assert world.deliver(outbound(), receives=2) == Done(LogEvent.SENT)
    assert len(world.api.status_urls) == 1
    record = world.replies.find("acme", "SM42-1")
    assert record
    assert (record.message_id, record.status) == ("SM1", "sent")


def test_a_status_that_came_meanwhile_settles_it_without_a_question() -> None:
    world = World()
    world.api.behaviours = [TAKEN_BUT_LOST]
    world.api.finding = Unavailable("nobody should ask")
    world.deliver(outbound())
    world.replies.advance("acme", "SM42-1", DELIVERED, message_id="SM1", error_code=None)
    assert world.deliver(outbound(), receives=2) == Done(LogEvent.SENT)
    assert world.texts() == ["part 1"]


def test_a_message_that_belongs_to_another_reply_is_not_taken_for_this_one() -> None:
    world = World()
    world.deliver(outbound("SM41", text="OK"))
    world.api.behaviours = [LOST]
    world.deliver(outbound("SM42", text="OK"))
    assert world.deliver(outbound("SM42", text="OK"), receives=2) == Done(LogEvent.SENT)
    assert world.texts() == ["OK", "OK"]
    assert [world.replies.owner("acme", sid) for sid in ("SM1", "SM2")] == ["SM41-1", "SM42-1"]


def test_a_message_from_before_the_attempt_is_not_taken_for_it() -> None:
    world = World()
    world.deliver(outbound())
    world.api.got[0].at = NOW - timedelta(minutes=1)
    world.replies.kept.clear()
    world.claims.kept.clear()
    world.api.behaviours = [LOST]
    world.deliver(outbound())
    assert world.deliver(outbound(), receives=2) == Done(LogEvent.SENT)
    assert len(world.texts()) == 2


def test_a_status_that_comes_while_it_is_looked_for_does_not_make_it_somebody_elses() -> None:
    world = World()

    class Meanwhile(FakeProviderApi):
        """The status webhook comes while the provider is asked."""

        def find(self, message: OutboundMessage, account: Account, *, since: datetime) -> Sequence[SentMessage]:
            world.replies.advance("acme", "SM42-1", SENT, message_id="SM1", error_code=None)
            return super().find(message, account, since=since)

    world.api = Meanwhile(world.now, [TAKEN_BUT_LOST])
    world.deliver(outbound())
    assert world.deliver(outbound(), receives=2) == Done(LogEvent.SENT)
    assert world.texts() == ["part 1"]


@pytest.mark.parametrize(("behind", "texts"), [(5, 1), (6, 2)])
def test_the_providers_clock_may_be_a_little_behind_ours(behind: int, texts: int) -> None:
    world = World()
    world.api.behaviours = [TAKEN_BUT_LOST]
    world.deliver(outbound())
    world.api.got[0].at = NOW - timedelta(seconds=behind)
    assert world.deliver(outbound(), receives=2) == Done(LogEvent.SENT)
    assert len(world.texts()) == texts


@pytest.mark.parametrize("replay", [{}, {"replay": 1}])
def test_several_that_look_alike_are_for_a_person_to_tell_apart(replay: dict[str, int]) -> None:
    world = World()
    world.api.behaviours = [TAKEN_BUT_LOST]
    world.deliver(outbound())
    world.api.got.append(Phone(world.api.got[0].message, "SM7", world.now()))
    assert world.deliver(outbound() | replay, receives=2) == Done(LogEvent.PARKED, Reason.PERHAPS_SENT)
    assert world.inbound.sent == []  # a backend is not told that it failed: perhaps it did not
    assert len(world.texts()) == 2
    assert "2 messages" in world.parking.parked("acme")[0].detail


def test_what_one_may_not_look_for_is_perhaps_sent() -> None:
    world = World()
    world.api.behaviours = [TAKEN_BUT_LOST]
    world.deliver(outbound())
    world.api.finding = UpstreamRefused(Reason.PROVIDER_UNAUTHORIZED, "Twilio does not accept the keys", code=20003)
    assert world.deliver(outbound(), receives=2) == Done(LogEvent.PARKED, Reason.PERHAPS_SENT)
    world.api.finding = None
    assert world.deliver(outbound() | {"replay": 1}) == Done(LogEvent.SENT)
    assert world.texts() == ["part 1"]


def test_in_doubt_to_the_end_is_perhaps_sent_and_a_replay_settles_it() -> None:
    world = World()
    world.api.behaviours = [TAKEN_BUT_LOST]
    world.api.finding = Unavailable("Twilio answered 503")
    assert world.run(outbound()) == Done(LogEvent.PARKED, Reason.PERHAPS_SENT)
    record = world.replies.find("acme", "SM42-1")
    assert record
    assert record.status == PARKED
    assert world.inbound.sent == []
    world.api.finding = None
    assert world.deliver(outbound() | {"replay": 1}) == Done(LogEvent.SENT)
    assert world.texts() == ["part 1"]


def test_a_later_no_does_not_make_an_earlier_doubt_go_away() -> None:
    world = World()
    world.api.behaviours = [LOST, LATER]
    world.deliver(outbound())
    world.deliver(outbound(), receives=2)
    record = world.replies.find("acme", "SM42-1")
    assert record
    assert record.attempted_at == NOW
