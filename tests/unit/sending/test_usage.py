"""What counts of a message, and that it counts once: whatever comes twice, and wherever the Lambda ends."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Unavailable, UpstreamRefused
from shared.messages.usage import UsageOwner
from shared.reasons import Reason
from shared.retry import Done
from shared.telemetry import LogEvent
from tests.fakes import LISTENING, NOW, OUR_NUMBER, FakeAgents
from tests.provider import IS_TOY
from tests.unit.messages.outbound_events import outbound
from tests.unit.sending.fakes import (
    DELIVERED,
    LANDLINE,
    LATER,
    LOST,
    OPTED_OUT,
    REFUSED,
    TAKEN,
    TAKEN_BUT_LOST,
    Behaviour,
    World,
)
from tests.unit.sending.test_resending import OVERFLOW, overflowing, resend

OWNER = UsageOwner("acme", OUR_NUMBER, LISTENING.id, LISTENING.name)
SENT = {"outbound": 1, "outbound_segments": 1}
TODAY = NOW.date()
MANY = 60
LONG = "word " * 60  # 300 characters: two segments of GSM-7, and three of the toy's


def world_with(*behaviours: Behaviour, crash_at: int | None = None, segments: int | None = None) -> World:
    world = World(crash_at)
    world.api.behaviours, world.api.segments = list(behaviours), segments
    return world


def test_a_message_counts_for_its_agent_and_number_with_the_segments_that_the_provider_tells() -> None:
    world = world_with(segments=4)
    world.run(outbound())
    assert world.usage.kept == {(OWNER, TODAY, "outbound"): 1, (OWNER, TODAY, "outbound_segments"): 4}


def test_where_the_provider_tells_no_segments_they_are_counted_by_its_rules() -> None:
    world = world_with()
    world.run(outbound(text=LONG))
    assert world.usage.figures == {"outbound": 1, "outbound_segments": 3 if IS_TOY else 2}


@pytest.mark.parametrize("told", [None, 7])
def test_a_message_whose_answer_was_lost_and_that_a_status_proves_has_the_segments_of_its_text(
    told: int | None,
) -> None:
    world = world_with(TAKEN_BUT_LOST, segments=told)
    world.api.finding = Unavailable("nobody should ask")
    world.deliver(outbound(text=LONG))
    world.replies.advance("acme", "SM42-1", DELIVERED, message_id="SM1", error_code=None)
    assert world.deliver(outbound(text=LONG), receives=2) == Done(LogEvent.SENT)
    assert world.usage.figures == {"outbound": 1, "outbound_segments": 3 if IS_TOY else 2}


def test_a_message_that_is_found_at_the_provider_has_the_segments_that_it_tells() -> None:
    world = world_with(TAKEN_BUT_LOST, segments=7)
    assert world.run(outbound()) == Done(LogEvent.SENT)
    assert world.usage.figures == {"outbound": 1, "outbound_segments": 7}


@pytest.mark.parametrize("behaviours", [[], [LATER], [TAKEN_BUT_LOST], [LOST, TAKEN_BUT_LOST], [LOST, LATER]])
def test_after_a_crash_at_any_step_a_message_counts_once(behaviours: list[Behaviour]) -> None:
    for crash_at in range(1, MANY):
        world = world_with(*behaviours, crash_at=crash_at, segments=2)
        assert world.run(outbound()) == Done(LogEvent.SENT)
        assert world.usage.figures == {"outbound": 1, "outbound_segments": 2}, f"crashed at step {crash_at}"
        if world.steps < crash_at:
            return
    message = "it never came to its end"
    raise AssertionError(message)


@pytest.mark.parametrize(("refusal", "reason"), [(REFUSED, "provider_refused"), (OPTED_OUT, "opted_out")])
def test_after_a_crash_at_any_step_a_refused_message_counts_as_failed_once(
    refusal: UpstreamRefused, reason: str
) -> None:
    for crash_at in range(1, MANY):
        world = world_with(*[refusal] * MANY, crash_at=crash_at)
        assert world.run(outbound()).reason == reason
        assert world.usage.kept == {(OWNER, TODAY, f"failed.{reason}"): 1}, f"crashed at step {crash_at}"
        if world.steps < crash_at:
            return
    message = "it never came to its end"
    raise AssertionError(message)


def test_a_message_that_cannot_reach_its_person_counts_as_failed_and_not_as_sent() -> None:
    world = world_with(LANDLINE)
    assert world.run(outbound()) == Done(LogEvent.NOT_SENT, Reason.UNREACHABLE)
    assert world.usage.kept == {(OWNER, TODAY, "failed.unreachable"): 1}


def test_what_the_provider_never_takes_counts_as_failed_for_its_agent() -> None:
    world = world_with(*[LATER] * MANY)
    assert world.run(outbound()) == Done(LogEvent.PARKED, Reason.PROVIDER_UNAVAILABLE)
    assert world.usage.kept == {(OWNER, TODAY, "failed.provider_unavailable"): 1}


def test_a_message_from_a_number_without_an_agent_counts_as_failed_for_nobody() -> None:
    world = world_with()
    world.agents = FakeAgents({})
    assert world.run(outbound()) == Done(LogEvent.PARKED, Reason.NOT_OUR_NUMBER)
    assert world.usage.kept == {(UsageOwner("acme", OUR_NUMBER), TODAY, "failed.not_our_number"): 1}


@pytest.mark.parametrize("failing", [Unavailable("DynamoDB does not answer"), None])
def test_parking_does_not_wait_for_who_has_the_number(failing: Unavailable | None) -> None:
    world = world_with()
    world.agents = FakeAgents({}, failing=failing)
    world.run(outbound())
    assert sum(world.usage.figures.values()) == len(world.parking.kept) == 1


def test_a_malformed_message_counts_as_failed_of_the_number_that_it_names() -> None:
    world = world_with()
    assert world.run(outbound(part=0)) == Done(LogEvent.PARKED, Reason.MALFORMED)
    assert world.usage.kept == {(OWNER, TODAY, "failed.malformed"): 1}


def test_each_part_of_an_answer_is_a_message() -> None:
    world = world_with()
    for part in (1, 2, 3):
        world.run(outbound(part=part, parts=3))
    assert world.usage.figures == {"outbound": 3, "outbound_segments": 3}


def test_the_failure_of_a_message_stays_when_its_replay_is_sent() -> None:
    world = world_with(REFUSED)
    world.run(outbound())
    world.discard("SM42-1")
    assert world.run(outbound() | {"replay": 1}) == Done(LogEvent.SENT)
    assert world.usage.figures == SENT | {"failed.provider_refused": 1}


def test_what_is_perhaps_sent_counts_as_sent_when_a_replay_has_found_it() -> None:
    world = world_with(TAKEN_BUT_LOST)
    world.api.finding = Unavailable("Twilio answered 503")
    assert world.run(outbound()) == Done(LogEvent.PARKED, Reason.PERHAPS_SENT)
    assert world.usage.figures == {"failed.perhaps_sent": 1}
    world.api.finding = None
    assert world.deliver(outbound() | {"replay": 1}) == Done(LogEvent.SENT)
    assert world.usage.figures == SENT | {"failed.perhaps_sent": 1}


def test_a_message_that_is_sent_again_counts_once_more_as_the_provider_has_two() -> None:
    world = overflowing("SM1")
    for _ in range(2):
        assert world.run(resend()) == Done(LogEvent.SENT)
    assert len(world.texts()) == 2
    assert world.usage.figures == {"outbound": 2, "outbound_segments": 2}


def test_after_a_crash_at_any_step_of_sending_again_it_counts_once_more() -> None:
    for crash_at in range(1, MANY):
        world = overflowing("SM1", crash_at=crash_at)
        assert world.run(resend()) == Done(LogEvent.SENT)
        assert world.usage.figures == {"outbound": 2, "outbound_segments": 2}, f"crashed at step {crash_at}"
        if world.crash_at is None or world.steps < world.crash_at:
            return
    message = "it never came to its end"
    raise AssertionError(message)


def test_a_message_that_failed_for_now_too_often_counts_as_failed_once() -> None:
    world = overflowing("SM1", "SM2", "SM3")
    for message_id in ("SM1", "SM2"):
        assert world.run(resend(message_id)) == Done(LogEvent.SENT)
    assert world.run(resend("SM3")) == Done(LogEvent.PARKED, Reason.PROVIDER_UNAVAILABLE)
    assert world.api.fates["SM3"] == OVERFLOW
    assert world.usage.figures == {"outbound": 3, "outbound_segments": 3, "failed.provider_unavailable": 1}


def test_a_message_is_neither_parked_nor_sent_twice_because_it_cannot_be_counted() -> None:
    world = world_with()
    world.usage.failing = Unavailable("the usage could not be counted: AWS answered ThrottlingException")
    for receives in range(1, 9):
        with pytest.raises(Unavailable):
            world.deliver(outbound(), receives=receives)
    assert (world.texts(), world.parking.kept) == (["part 1"], {})
    world.usage.failing = None
    assert world.deliver(outbound(), receives=9) == Done(LogEvent.SENT)
    assert (world.texts(), world.usage.figures) == (["part 1"], SENT)


def test_a_defect_in_counting_keeps_no_message_from_being_sent_or_parked() -> None:
    for behaviours, outcome in (([], LogEvent.SENT), ([REFUSED], LogEvent.PARKED)):
        world = world_with(*behaviours)
        world.usage.failing = ZeroDivisionError()
        done = world.run(outbound())
        assert done.outcome is outcome
        assert str(done.defect).startswith("ZeroDivisionError")
        assert (len(world.texts()), len(world.parking.kept)) == (1 - len(behaviours), len(behaviours))


def test_a_message_of_which_each_try_ended_the_function_counts_as_failed_or_as_sent() -> None:
    world = world_with()
    assert world.sender().crashed(outbound()) == Done(LogEvent.PARKED, Reason.DEFECT)
    assert world.usage.kept == {(OWNER, TODAY, "failed.defect"): 1}
    world = world_with()
    world.usage.failing = Unavailable("DynamoDB does not answer")
    with pytest.raises(Unavailable):
        world.deliver(outbound())
    world.usage.failing = None
    assert world.sender().crashed(outbound()) == Done(LogEvent.SENT)
    assert world.usage.figures == SENT


def test_a_claim_from_before_segments_were_kept_counts_as_one() -> None:
    world = world_with()
    world.claims.once("send", "acme.SM42-1", lambda: {"message_id": "SM1"}, stage="east")
    assert world.run(outbound()) == Done(LogEvent.SENT)
    assert world.usage.figures == SENT


@given(
    behaviours=st.lists(st.sampled_from([TAKEN, TAKEN_BUT_LOST, LOST, LATER, REFUSED]), max_size=8),
    crashes=st.lists(st.integers(1, MANY), max_size=3),
    deliveries=st.lists(st.tuples(st.sampled_from(["SM41", "SM42"]), st.booleans()), min_size=1, max_size=6),
    proofs=st.booleans(),
)
def test_figures_are_those_of_a_ledger_whatever_is_delivered_how_often_and_crashes_where(
    *, behaviours: list[Behaviour], crashes: list[int], deliveries: list[tuple[str, bool]], proofs: bool
) -> None:
    """The ledger: a message was sent if it was ever reported so, and failed if it was ever parked.

    Each takes two segments, by the provider and by its rules, which count where a status alone proves a message.
    """
    world = world_with(*behaviours, segments=2)
    sent, parked = set(), set()
    for number, (answer_id, is_replay) in enumerate(deliveries):
        world.crash_at = world.steps + crashes[number] if number < len(crashes) else None
        event = outbound(answer_id, text=42 * answer_id) | ({"replay": 1} if is_replay else {})
        done = world.run(event)
        if done.outcome is LogEvent.SENT:
            sent.add(done.ids["message_id"])
        parked |= {reply_id for _, reply_id in world.parking.kept}
        if proofs:
            _report_delivered(world)
        world.seconds += timedelta(minutes=10).total_seconds()
    expected = {"outbound": len(sent), "outbound_segments": 2 * len(sent)} if sent else {}
    failed = sum(count for figure, count in world.usage.figures.items() if figure.startswith("failed."))
    assert {figure: count for figure, count in world.usage.figures.items() if "failed" not in figure} == expected
    assert failed == len(parked)
    assert len(world.texts()) >= len(sent)


def _report_delivered(world: World) -> None:
    """The provider reports what it took."""
    for phone in world.api.got:
        world.replies.advance("acme", phone.message.reply_id, DELIVERED, message_id=phone.message_id, error_code=None)
