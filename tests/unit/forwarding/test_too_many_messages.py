"""A backend's answer that would be too many messages: none goes out, the person hears it, and the text is parked."""

import pytest

from shared.messages.outbound import Answer, AnswerMessage
from shared.retry import Done
from shared.telemetry import LogEvent
from tests.forwarding_fakes import AGENT, MESSAGES_MAX, TEXT_ID, World, answer, text
from tests.provider import ITS_RULES

LONG = "x" * ITS_RULES.text_max
PARKED = Done(LogEvent.PARKED, "too_many_messages")


@pytest.mark.parametrize(
    "too_much",
    [
        answer(*["No."] * (MESSAGES_MAX + 1)),
        answer(LONG * MESSAGES_MAX + "."),
        answer(LONG * (MESSAGES_MAX - 1), "One.", "Two."),
        Answer((AnswerMessage("", ("https://example.com/a.png",) * (ITS_RULES.media_max * MESSAGES_MAX + 1)),)),
    ],
)
def test_no_part_is_sent_and_the_person_hears_the_failure_reply(too_much: Answer) -> None:
    world = World(too_much)
    assert world.forward(text()) == PARKED
    (parked,) = world.parking.kept.values()
    assert parked.id == TEXT_ID
    assert parked.detail.endswith(f"messages to the person, and no more than {MESSAGES_MAX} are allowed")
    assert world.replies == [(f"{TEXT_ID}-f-1", AGENT.failure_reply)]


def test_as_many_as_are_allowed_are_sent() -> None:
    world = World(answer(*["Yes."] * MESSAGES_MAX))
    assert world.forward(text()) == Done(LogEvent.ANSWERED)
    assert [said for _, said in world.replies] == ["Yes."] * MESSAGES_MAX


def test_it_is_not_tried_again_and_the_answer_is_not_kept_for_a_replay_asks_anew() -> None:
    world = World(answer(LONG * (MESSAGES_MAX + 1)), answer("Short."))
    assert world.forward(text()) == PARKED
    assert len(world.backend.asked) == 1
    assert world.forward(text()) == Done(LogEvent.ANSWERED)
    assert world.replies[-1] == (f"{TEXT_ID}-1", "Short.")


def test_a_stop_is_never_answered_however_much_the_backend_says() -> None:
    world = World(answer(LONG * (MESSAGES_MAX + 1)))
    world.forward(text("STOP"))
    assert world.replies == []
