"""Answers that came later, through `SmsSend` or straight from the outbound queue: they end the wait for them."""

import pytest

from shared.errors import Unavailable
from shared.messages import events
from shared.messages.promises import PromiseState
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from tests.fakes import OUR_NUMBER, PERSON, SALT
from tests.promises_fake import FakePromises
from tests.promises_of_texts import promise
from tests.unit.messages.outbound_events import outbound
from tests.unit.sending.fakes import REFUSED, World, parked

TEXT_ID = "SM42"


def promised() -> World:
    world = World()
    world.promises.make(promise(TEXT_ID))
    return world


def state(world: World) -> PromiseState:
    found = world.promises.find("acme", TEXT_ID)
    assert found
    return found.state


@pytest.mark.parametrize("answer_id", ["AP" + "0" * 32, "desk-7"])
def test_an_answer_of_a_backend_ends_the_wait(answer_id: str) -> None:
    world = promised()
    assert world.deliver(outbound(answer_id)) == Done(LogEvent.SENT)
    assert state(world) is PromiseState.ANSWERED
    assert world.promises.kept["acme", TEXT_ID].answer_id == answer_id


@pytest.mark.parametrize("answer_id", [TEXT_ID, f"{TEXT_ID}-f"])
def test_what_the_forwarder_says_does_not(answer_id: str) -> None:
    world = promised()
    assert world.deliver(outbound(answer_id)) == Done(LogEvent.SENT)
    assert state(world) is PromiseState.WAITING


def test_nor_does_a_message_that_answers_no_text() -> None:
    world = promised()
    assert world.deliver(outbound("AP1", in_reply_to=None)) == Done(LogEvent.SENT)
    assert state(world) is PromiseState.WAITING


def test_nor_an_answer_to_another_person() -> None:
    world = promised()
    assert world.deliver(outbound("AP1", to="+12025550124")) == Done(LogEvent.SENT)
    assert state(world) is PromiseState.WAITING


def test_the_first_part_counts() -> None:
    world = promised()
    world.deliver(outbound("AP1", part=2, parts=2))
    assert state(world) is PromiseState.WAITING
    world.deliver(outbound("AP1", part=1, parts=2))
    assert state(world) is PromiseState.ANSWERED


def test_an_answer_counts_though_the_provider_refuses_it() -> None:
    world = promised()
    world.api.behaviours = [REFUSED]
    world.run(outbound("AP1"))
    assert parked(world) == {"AP1-1": "provider_refused"}
    assert state(world) is PromiseState.ANSWERED


def test_an_answer_that_comes_before_its_promise_is_noted_for_the_conversation_of_its_numbers() -> None:
    world = World()
    world.deliver(outbound("AP1"))
    found = world.promises.find("acme", TEXT_ID)
    assert found
    assert found.conversation == events.conversation_id(SALT, ours=OUR_NUMBER, person=PERSON)
    assert world.promises.make(promise(TEXT_ID)).state is PromiseState.ANSWERED


def test_an_answer_that_cannot_be_noted_is_tried_again_and_sent_once() -> None:
    world = promised()
    promises, world.promises = world.promises, FakePromises(failing=Unavailable("DynamoDB is away"))
    assert isinstance(world.deliver(outbound("AP1")), Again)
    assert world.texts() == []
    world.promises = promises
    assert world.deliver(outbound("AP1"), receives=2) == Done(LogEvent.SENT)
    assert world.texts() == ["part 1"]


def test_a_crash_at_any_step_still_ends_the_wait_and_sends_once() -> None:
    whole = promised()
    whole.run(outbound("AP1"))
    for crash_at in range(1, whole.steps + 1):
        world = World(crash_at, promises=FakePromises())
        world.promises.make(promise(TEXT_ID))
        assert world.run(outbound("AP1")) == Done(LogEvent.SENT), f"crashed at step {crash_at}"
        assert (state(world), world.texts()) == (PromiseState.ANSWERED, ["part 1"]), f"crashed at step {crash_at}"
