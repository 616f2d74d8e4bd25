"""A message that the provider took and did not deliver counts as failed, once, and only if the status is true of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidSignature, Unavailable
from shared.messages.outbound import Reply
from shared.messages.usage import UsageOwner
from shared.telemetry import LogEvent
from tests.fakes import LISTENING, NOW, OUR_NUMBER, SECOND_TOKEN, FakeAgents
from tests.provider import DELIVERED, IS_TOY, QUEUED, SENT, UNDELIVERED, status, webhook
from tests.unit.messages.outbound_events import CONVERSATION
from tests.unit.receiving.test_status_callbacks import SID, URL, World

OWNER = UsageOwner("acme", OUR_NUMBER, LISTENING.id, LISTENING.name)
REPLY = Reply("acme", "SM42-1", LISTENING.name, CONVERSATION, "SM42", agent_id=LISTENING.id)
OTHER_SID = SID[:-1] + ("6" if SID[-1] != "6" else "7")
OVERFLOW = "486" if IS_TOY else "30001"


@pytest.fixture
def world() -> World:
    made = World()
    made.replies.attempt(REPLY, at=NOW)
    return made


def report(world: World, word: str, *, message_id: str = SID, error_code: str = "") -> LogEvent | None:
    code = {"ErrorCode": error_code} if error_code else {}
    return world.receive(webhook(status(MessageStatus=word, MessageSid=message_id, **code), url=URL))


def test_it_counts_for_the_agent_that_sent_it_also_when_another_one_has_the_number_now(world: World) -> None:
    world.agents = FakeAgents({OUR_NUMBER: replace(LISTENING, id="Other001", name="other")})
    assert report(world, UNDELIVERED, error_code="30003") is LogEvent.NOT_DELIVERED
    [(owner, day, figure)] = world.usage.kept
    assert (owner, day) == (OWNER, NOW.date())
    assert figure in {"failed.not_delivered", "failed.unreachable"}


@pytest.mark.parametrize(
    ("code", "reason"), [("30008", "not_delivered"), ("30006", "not_delivered" if IS_TOY else "unreachable")]
)
def test_it_says_whether_somebody_can_mend_it(code: str, reason: str, world: World) -> None:
    report(world, UNDELIVERED, error_code=code)
    assert world.usage.figures == {f"failed.{reason}": 1}


@pytest.mark.parametrize("words", [[DELIVERED], [QUEUED, SENT], ["wondrous"], [DELIVERED, UNDELIVERED]], ids=str)
def test_what_arrived_or_is_on_its_way_does_not_count(words: list[str], world: World) -> None:
    for word in words:
        report(world, word)
    assert world.usage.figures == {}


def test_what_is_sent_again_does_not_count(world: World) -> None:
    assert report(world, SENT if IS_TOY else "failed", error_code=OVERFLOW) is LogEvent.POSTPONED
    assert world.usage.figures == {}


def test_a_status_of_another_message_or_of_none_does_not_count(world: World) -> None:
    report(world, SENT)
    assert report(world, UNDELIVERED, message_id=OTHER_SID) is LogEvent.UNKNOWN_STATUS
    world.replies.supersede("acme", "SM42-1", SID)
    assert report(world, UNDELIVERED) is LogEvent.UNKNOWN_STATUS
    world.replies.kept.clear()
    assert report(world, UNDELIVERED) is LogEvent.UNKNOWN_STATUS
    assert world.usage.figures == {}


def test_a_status_with_a_wrong_signature_does_not_count(world: World) -> None:
    forged = webhook(status(MessageStatus=UNDELIVERED), url=URL, token=SECOND_TOKEN[::-1])
    with pytest.raises(InvalidSignature):
        world.receive(forged)
    assert world.usage.figures == {}


@pytest.mark.parametrize("failing", [Unavailable("others are changing the same thing"), ZeroDivisionError()], ids=str)
def test_a_status_whose_failure_cannot_be_counted_is_stored_and_passed_on_all_the_same(
    failing: Exception, world: World
) -> None:
    """The provider tells it once: it matters more than the figure, whose loss is logged."""
    world.usage.failing = failing
    assert report(world, UNDELIVERED) is LogEvent.NOT_DELIVERED
    assert (world.record().status, len(world.queue.sent)) == (UNDELIVERED, 1)
    assert len(world.uncounted) == 1
    assert world.usage.figures == {}


def test_a_status_that_could_be_counted_has_nothing_to_log(world: World) -> None:
    report(world, SENT)
    report(world, UNDELIVERED)
    assert world.uncounted == []


def test_without_dynamodb_a_status_is_neither_counted_nor_stored(world: World) -> None:
    world.replies.failing = Unavailable("DynamoDB does not answer")
    with pytest.raises(Unavailable):
        report(world, UNDELIVERED)
    assert world.usage.figures == {}


def test_a_crash_between_counting_and_storing_counts_once(world: World) -> None:
    world.queue.failing = Unavailable("SQS does not answer")
    with pytest.raises(Unavailable):
        report(world, UNDELIVERED)
    world.queue.failing = None
    report(world, UNDELIVERED)
    assert sum(world.usage.figures.values()) == 1


@given(words=st.lists(st.sampled_from([QUEUED, SENT, DELIVERED, UNDELIVERED]), max_size=8))
def test_a_message_failed_if_the_first_status_that_ends_it_says_so(words: list[str]) -> None:
    world = World()
    world.replies.attempt(REPLY, at=NOW)
    for word in words:
        report(world, word)
    last = next((word for word in words if word in {DELIVERED, UNDELIVERED}), DELIVERED)
    assert sum(world.usage.figures.values()) == (last == UNDELIVERED)
