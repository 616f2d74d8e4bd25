"""Which session a text belongs to, and agents that answer in sessions of programs only."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import BackendUnavailable, Unavailable
from shared.messages.sessions import EndedBy, Session, new_session_id
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from tests.fakes import NOW
from tests.forwarding_fakes import AGENT, TEXT_ID, World, answer, text

CLOSED = replace(AGENT, initiates_from_inbound=False)
OUTSIDE = Done(LogEvent.UNANSWERED, "no_session")
GROUP = f"acme.{text()['subject']}"
CONTEXT = {"order": 7, "notes": ["größer", None]}


def by_program(world: World, context: dict[str, Any] | None = None) -> Session:
    """A session that a program created now."""
    session = Session(
        tenant="acme",
        conversation=GROUP.partition(".")[2],
        id=new_session_id(),
        agent=AGENT.id,
        opened_at=world.time,
        latest_at=world.time,
        context=CONTEXT if context is None else context,
        by_program=True,
    )
    world.sessions.begin(session, AGENT)
    return session


def asked(world: World) -> list[dict[str, Any]]:
    """The sessions in the events that the backend got."""
    return [dict(event["data"]["session"]) for event in world.backend.asked]


def test_a_text_outside_a_session_is_left_unanswered_and_nobody_is_asked() -> None:
    world = World(agent=CLOSED)
    assert world.forward(text()) == OUTSIDE
    assert (world.backend.asked, world.queue.sent, world.reasons, world.reminders.sent) == ([], [], [], [])
    assert not world.sessions.kept


def test_a_text_in_a_session_of_a_program_is_answered() -> None:
    world = World(agent=CLOSED)
    session = by_program(world)
    assert world.forward(text()) == Done(LogEvent.ANSWERED)
    assert [(seen["id"], seen["turn"]) for seen in asked(world)] == [(session.id, 1)]


def test_what_was_decided_about_a_text_stays_however_often_it_comes() -> None:
    world = World(agent=CLOSED)
    assert world.forward(text()) == OUTSIDE
    by_program(world)
    assert world.forward(text(), receives=2) == OUTSIDE
    assert world.forward(text(message_id="SM6")) == Done(LogEvent.ANSWERED)
    assert len(world.backend.asked) == 1


@pytest.mark.parametrize("seconds", [3601, 90_000])
def test_after_its_time_a_session_is_closed_again(seconds: float) -> None:
    world = World(agent=CLOSED)
    by_program(world)
    world.time = NOW + timedelta(seconds=seconds)
    event = {**text(), "time": world.time.isoformat(timespec="milliseconds")}
    assert world.forward(event) == OUTSIDE


def test_after_its_end_by_the_backend_the_next_text_is_outside() -> None:
    world = World(answer("Goodbye.", end_session=True), agent=CLOSED)
    by_program(world)
    assert world.forward(text()) == Done(LogEvent.ANSWERED)
    assert world.forward(text(message_id="SM6")) == OUTSIDE


@pytest.mark.parametrize(("body", "reason"), [("STOP", "opt_out"), ("START", "opt_out"), ("Stop it", "no_session")])
def test_words_like_stop_are_told_as_what_they_are(body: str, reason: str) -> None:
    world = World(agent=CLOSED)
    assert world.forward(text(body)) == Done(LogEvent.UNANSWERED, reason)
    assert not world.backend.asked


def test_stop_is_obeyed_outside_a_session_where_the_provider_does_not_keep_it() -> None:
    world = World(agent=CLOSED)
    person, ours = "whatsapp:+12025550123", "whatsapp:+12025550199"
    event = text("STOP", From=person, To=ours)
    assert world.forward(event) == Done(LogEvent.UNANSWERED, "opt_out")
    assert world.opt_outs.has_stopped(f"acme.{event['subject']}")


def test_the_context_comes_with_each_text_of_its_session_and_goes_with_it() -> None:
    world = World(answer("one"), answer("two", end_session=True), answer("three"))
    by_program(world)
    for number in range(3):
        world.forward(text(message_id=f"SM{number}"))
    assert [seen["context"] for seen in asked(world)] == [CONTEXT, CONTEXT, None]
    assert [seen["turn"] for seen in asked(world)] == [1, 2, 1]


def test_a_text_that_was_received_before_the_session_and_is_forwarded_after_belongs_to_it() -> None:
    world = World()
    event = text()
    world.time = NOW + timedelta(seconds=30)
    session = by_program(world)
    assert world.forward(event) == Done(LogEvent.ANSWERED)
    assert [(seen["id"], seen["context"]) for seen in asked(world)] == [(session.id, CONTEXT)]


def test_a_text_that_is_tried_again_keeps_its_place_when_a_program_creates_a_session_meanwhile() -> None:
    world = World(BackendUnavailable("away"), answer("at last"), answer("next"))
    assert isinstance(world.forward(text()), Again)
    session = by_program(world)
    assert world.forward(text(), receives=2) == Done(LogEvent.ANSWERED)
    world.forward(text(message_id="SM6"))
    first, again, following = asked(world)
    assert first == again
    assert (following["id"], following["turn"], following["context"]) == (session.id, 1, CONTEXT)


def test_what_ends_with_an_earlier_text_is_not_the_session_that_a_program_created_since() -> None:
    world = World(BackendUnavailable("away"), answer("Goodbye.", end_session=True), answer("next"))
    world.forward(text())
    session = by_program(world)
    world.forward(text(), receives=2)
    world.forward(text(message_id="SM6"))
    assert asked(world)[-1]["id"] == session.id
    assert not world.sessions.ended


def test_a_session_that_cannot_be_looked_up_makes_the_text_come_again() -> None:
    world = World(agent=CLOSED)
    world.sessions.failing = Unavailable("DynamoDB is away")
    assert isinstance(world.forward(text()), Again)
    assert not world.backend.asked


def test_an_answer_that_an_earlier_version_kept_is_still_an_answer() -> None:
    world = World()
    world.claims.kept["ask", f"acme.{TEXT_ID}"] = '{"messages":[],"end_session":false,"later":false}'
    assert world.forward(text()) == Done(LogEvent.UNANSWERED, "no_message")


def test_the_context_is_in_no_repr() -> None:
    world = World()
    session = by_program(world, {"secret": "hidden"})
    world.forward(text())
    shown = [repr(session), *map(repr, world.sessions.kept.values())]
    assert not [each for each in shown if "hidden" in each]
    assert world.sessions.end_at(world.sessions.kept[GROUP], EndedBy.PROGRAM)
    assert world.sessions.kept[GROUP].context is None
