"""What the forwarder tells in an agent's journal: all that happens, at least once, and nothing that it may not tell."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import BackendUnavailable, Configuration, Unavailable, UpstreamRefused
from shared.messages import events
from shared.messages.event_fields import REPLAY
from shared.messages.outbound import Answer
from shared.messages.sessions import EndedBy
from shared.reasons import Reason
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from shared.tenants.agent import Agent
from tests.fakes import NOW, OUR_NUMBER, PERSON, Crash, FakeAgents
from tests.forwarding_fakes import AGENT, FIRST, TEXT_ID, World, answer, status, text
from tests.journal_entries import REDACTED, WITH_TEXT, entries, ids
from tests.unit.forwarding.test_crashes import Fuse, wire
from tests.unit.forwarding.test_sessions import by_program

TOLD = replace(AGENT, journal=REDACTED)
OPEN = replace(AGENT, journal=WITH_TEXT)
WORDS = "my most private words"


def session_of(world: World) -> str:
    [session] = world.sessions.kept.values()
    return session.id


def of(world: World, event: str) -> dict[str, Any]:
    """The data of the first entry with this event."""
    return next(entry["data"] for entry in entries(world.journal) if entry["data"]["event"] == event)


def test_an_answered_text_is_told_with_its_session() -> None:
    world = World(agent=TOLD)
    world.forward(text())
    assert ids(world.journal) == [f"{session_of(world)}.begun", f"{TEXT_ID}.received", f"{TEXT_ID}.answered"]
    assert len(world.journal.sent) == 1, "in one message of the queue"
    [begun, received, answered] = entries(world.journal)
    assert received["source"] == "/sms-receiver/east/journal"
    assert (received["time"], received["subject"]) == (text()["time"], text()["subject"])
    assert (answered["data"]["text_id"], answered["data"]["agent"], answered["data"]["reason"]) == (
        TEXT_ID,
        "desk",
        None,
    )
    assert begun["data"]["session_id"] == session_of(world)


@pytest.mark.parametrize("agent", [AGENT, replace(AGENT, backend=None)])
def test_an_agent_without_a_journal_tells_nothing(agent: Agent) -> None:
    world = World(answer("Bye.", end_session=True), agent=agent)
    world.journal.failing = Unavailable("SQS is away")
    world.exhaust(text(WORDS))
    assert world.journal.sent == []


def test_nothing_private_leaves_without_leave() -> None:
    world = World(answer("a private answer"), agent=TOLD)
    event = text(WORDS)
    event["data"]["media"] = [{"url": "https://api.twilio.com/private", "content_type": "image/png"}]
    world.forward(event)
    told = json.dumps(world.journal.sent, ensure_ascii=False)
    for private in (WORDS, "private", PERSON, OUR_NUMBER, PERSON[1:-4]):
        assert private not in told
    assert (of(world, "received")["person"], of(world, "received")["number"]) == ("…0123", "…0199")


def test_with_leave_it_has_the_text_its_links_and_whole_addresses() -> None:
    world = World(agent=OPEN)
    event = text(WORDS)
    event["data"]["media"] = [{"url": "https://api.twilio.com/cat", "content_type": "image/png"}]
    world.forward(event)
    received = of(world, "received")
    assert (received["text"], received["media_urls"]) == (WORDS, ["https://api.twilio.com/cat"])
    assert (received["person"], received["number"]) == (PERSON, OUR_NUMBER)
    assert of(world, "answered")["text"] is None


@pytest.mark.parametrize(
    ("world", "event", "happening", "reason"),
    [
        (World(Answer(), agent=TOLD), text(), "unanswered", "no_message"),
        (World(Answer(later=True), agent=TOLD), text(), "unanswered", "later"),
        (World(agent=TOLD), text("STOP"), "unanswered", "opt_out"),
        (World(agent=replace(TOLD, initiates_from_inbound=False)), text(), "unanswered", "no_session"),
        (World(agent=replace(TOLD, backend=None)), text(), "parked", "no_backend"),
        (World(UpstreamRefused(Reason.BACKEND_REFUSED, "no"), agent=TOLD), text(), "parked", "backend_refused"),
        (World(BackendUnavailable("away"), agent=TOLD), text(), "parked", "backend_unavailable"),
        (World(agent=TOLD, limit_texts=0), text(), "parked", "too_many_texts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whatever_becomes_of_a_text_is_told_with_its_reason(
    world: World, event: dict[str, Any], happening: str, reason: str
) -> None:
    assert isinstance(world.exhaust(event), Done)
    told = [identifier for identifier in ids(world.journal) if identifier.startswith(TEXT_ID)]
    assert told == [f"{TEXT_ID}.received", f"{TEXT_ID}.{happening}"]
    assert of(world, happening)["reason"] == reason


def test_that_a_text_was_received_is_told_before_it_is_answered() -> None:
    world = World(BackendUnavailable("away"), answer("at last"), agent=TOLD)
    assert isinstance(world.forward(text()), Again)
    assert [identifier for identifier in ids(world.journal) if identifier.startswith(TEXT_ID)] == [
        f"{TEXT_ID}.received"
    ]
    sent = len(world.journal.sent)
    assert isinstance(World.forward(world, text(), 2), Done)
    assert len(world.journal.sent) == sent + 1


def test_a_text_that_is_replayed_and_parked_again_is_told_again() -> None:
    world = World(agent=replace(TOLD, backend=None))
    for number in range(3):
        world.forward(text() | ({REPLAY: number} if number else {}))
    assert [identifier for identifier in ids(world.journal) if ".parked" in identifier] == [
        f"{TEXT_ID}.parked",
        f"{TEXT_ID}.parked.1",
        f"{TEXT_ID}.parked.2",
    ]


def test_a_session_of_a_program_is_not_told_again_when_a_text_comes() -> None:
    world = World(answer("Yes."), agent=TOLD)
    by_program(world)
    world.forward(text())
    assert ids(world.journal) == [f"{TEXT_ID}.received", f"{TEXT_ID}.answered"]


def test_a_text_that_is_tried_again_is_told_at_the_first_try_and_at_the_end() -> None:
    world = World(BackendUnavailable("away"), BackendUnavailable("away"), answer("Yes."), agent=TOLD)
    for receives in (1, 2, 3):
        world.forward(text(), receives)
    about_text = [entry["id"] for entry in entries(world.journal) if entry["id"].startswith(TEXT_ID)]
    assert about_text == [f"{TEXT_ID}.received", f"{TEXT_ID}.received", f"{TEXT_ID}.answered"]


def test_a_text_that_ended_the_function_each_time_is_told_as_parked() -> None:
    world = World(agent=TOLD)
    world.forwarder.crashed(text())
    assert ids(world.journal) == [f"{TEXT_ID}.received", f"{TEXT_ID}.parked"]
    assert of(world, "parked")["reason"] == "defect"


@pytest.mark.parametrize("word", ["sent", "delivered", "undelivered", "quantum"])
def test_a_status_is_told_also_when_no_backend_wants_it(word: str) -> None:
    world = World(agent=replace(TOLD, backend=replace(FIRST, statuses=False)))
    assert world.forward(status(word, error_code=30003)) == Done(None)
    [entry] = entries(world.journal)
    assert entry["id"] == f"{TEXT_ID}-1.{word}.30003"
    assert (entry["data"]["status"], entry["data"]["error_code"]) == (word, 30003)
    assert (entry["data"]["reply_id"], entry["data"]["text_id"]) == (f"{TEXT_ID}-1", TEXT_ID)
    assert (entry["data"]["person"], entry["data"]["number"]) == ("…0123", "…0199")
    assert not world.backend.asked


def test_a_status_that_a_backend_wants_is_told_to_both() -> None:
    world = World(Answer(), agent=TOLD)
    assert world.forward(status()) == Done(LogEvent.TOLD)
    assert ids(world.journal) == [f"{TEXT_ID}-1.delivered"]
    assert len(world.backend.asked) == 1


def test_a_session_that_the_backend_ends_is_told() -> None:
    world = World(answer("Bye.", end_session=True), agent=TOLD)
    for _ in range(2):
        world.forward(text())
    assert ids(world.journal).count(f"{session_of(world)}.ended") == 1
    assert of(world, "session_ended")["reason"] == "backend"


def test_a_session_that_times_out_is_told_with_and_without_a_notice() -> None:
    for notice in (None, "Goodbye."):
        world = World(answer("Yes."), agent=replace(TOLD, timeout_notice=notice, session_seconds=60))
        world.forward(text())
        world.time = NOW + timedelta(seconds=61)
        [(event, _)] = world.reminders.sent
        for _ in range(2):
            assert world.reminded.remind(event, 1) == Done(LogEvent.TIMED_OUT if notice else None)
        [ended] = {entry["id"]: entry for entry in entries(world.journal) if entry["id"].endswith(".ended")}.values()
        assert ended["id"] == f"{session_of(world)}.ended"
        assert (ended["data"]["reason"], ended["time"]) == ("timeout", "2026-11-23T12:01:00.000+00:00")


def test_an_answer_that_does_not_come_in_time_is_told() -> None:
    world = World(Answer(later=True), agent=TOLD)
    world.forward(text())
    world.time = NOW + timedelta(seconds=301)
    event = next(event for event, _ in world.reminders.sent if event["id"] == TEXT_ID)
    assert world.reminded.remind(event, 1) == Done(LogEvent.OVERDUE)
    assert ids(world.journal)[-1] == f"{TEXT_ID}.overdue"


def test_a_probe_and_what_nobody_can_read_are_not_told() -> None:
    world = World(agent=TOLD)
    world.forward(text(From=OUR_NUMBER))
    world.forward({**text(), "source": 5})
    assert world.reasons == ["malformed"]
    assert world.journal.sent == []


def test_a_text_to_a_number_that_no_agent_has_is_not_told() -> None:
    world = World(agents=FakeAgents({}))
    world.forward(text())
    assert (world.reasons, world.journal.sent) == (["no_agent"], [])


@pytest.mark.parametrize("failing", [Configuration("broken"), Unavailable("away")])
def test_what_is_parked_does_not_come_again_because_its_agent_cannot_be_looked_up(failing: Exception) -> None:
    world = World(agent=TOLD)
    world.agents.failing = failing  # type: ignore[assignment] # one of ours
    assert isinstance(world.exhaust(text()), Done)
    assert len(world.reasons) == 1


def test_while_the_queue_of_journals_is_away_a_text_comes_again_and_is_neither_asked_about_again_nor_parked() -> None:
    world = World(answer("Bye.", end_session=True), agent=TOLD)
    world.journal.failing = Unavailable("SQS is away")
    for receives in (1, 2, 9):
        with pytest.raises(Unavailable):
            world.forward(text(), receives)
    world.journal.failing = None
    assert world.forward(text(), 10) == Done(LogEvent.ANSWERED)
    assert (len(world.backend.asked), world.reasons, len(world.queue.sent)) == (1, [], 1)
    session_id = session_of(world)
    assert ids(world.journal) == [
        f"{session_id}.begun",
        f"{TEXT_ID}.received",
        f"{TEXT_ID}.answered",
        f"{session_id}.ended",
    ]


@pytest.mark.parametrize("ended_by", [EndedBy.PROGRAM, EndedBy.TIMEOUT])
def test_a_session_that_something_else_ended_is_not_told_as_ended_by_the_backend(ended_by: EndedBy) -> None:
    world = World(answer("Bye.", end_session=True), agent=TOLD)
    end = world.sessions.end

    def end_late(conversation: str, message_id: str) -> None:
        world.sessions.end_at(world.sessions.kept[conversation], ended_by)
        end(conversation, message_id)

    world.sessions.end = end_late  # type: ignore[method-assign] # somebody was faster
    world.forward(text())
    assert f"{session_of(world)}.ended" not in ids(world.journal)


def test_a_mistake_in_telling_keeps_no_notice_and_no_failure_reply_from_a_person() -> None:
    agent = replace(TOLD, timeout_notice="Goodbye.", session_seconds=60, failure_reply="Sorry.")
    for said, reply in ((answer("Yes."), "Goodbye."), (Answer(later=True), "Sorry.")):
        world = World(said, agent=agent)
        world.forward(text())
        event = world.reminders.sent[-1][0]
        world.time = NOW + timedelta(seconds=301)
        world.journal.send = None  # type: ignore[method-assign,assignment] # a defect
        result = world.reminded.remind(event, 1)
        assert isinstance(result, Done)
        assert result.defect
        assert world.replies[-1][1] == reply


def test_a_notice_and_a_failure_reply_that_are_given_up_are_told_all_the_same() -> None:
    agent = replace(TOLD, timeout_notice="Goodbye.", session_seconds=60, failure_reply="Sorry.")
    for said, happening in ((answer("Yes."), "session_ended"), (Answer(later=True), "overdue")):
        world = World(said, agent=agent)
        world.forward(text())
        event = world.reminders.sent[-1][0]
        world.time = NOW + timedelta(seconds=301)
        world.queue.failing = Unavailable("SQS is away")
        with pytest.raises(Unavailable):
            world.reminded.remind(event, 1)
        world.reminded.crashed(event)
        assert of(world, happening)


def test_a_mistake_in_telling_is_seen_and_does_nothing_again() -> None:
    world = World(agent=TOLD)
    event = text()
    event["data"]["media"] = [{"url": "https://a.example/"}]
    world.journal.send = None  # type: ignore[method-assign,assignment] # a defect
    world.sessions.turn = lambda *_: None  # type: ignore[method-assign] # none begins
    result = world.forward(event)
    assert result == Done(LogEvent.UNANSWERED, "no_session")
    assert result.defect
    assert "NoneType" not in str(world.journal.sent)


def answering() -> World:
    return World(answer("one", end_session=True), agent=TOLD)


def refusing() -> World:
    return World(UpstreamRefused(Reason.BACKEND_REFUSED, "no"), agent=TOLD)


def steps(make: Callable[[], World]) -> int:
    world, fuse = make(), Fuse(left=100)
    wire(world, fuse)
    world.journal.send = fuse.around(world.journal.send)  # type: ignore[method-assign] # with the fuse
    world.forward(text())
    return 100 - fuse.left


CASES = [(make, step) for make in (answering, refusing) for step in range(1, steps(make) + 1)]


@pytest.mark.parametrize(("make", "step"), CASES)
def test_after_a_crash_anywhere_all_of_it_is_told_under_the_same_ids(make: Callable[[], World], step: int) -> None:
    whole, world, fuse = make(), make(), Fuse(left=step)
    whole.forward(text())
    wire(world, fuse)
    world.journal.send = fuse.around(world.journal.send)  # type: ignore[method-assign] # with the fuse
    with pytest.raises(Crash):
        world.forward(text())
    world.claims.expire()
    world.forward(text(), receives=2)
    told = [identifier.replace(session_of(world), "SE") for identifier in ids(world.journal)]
    assert sorted(told) == sorted(identifier.replace(session_of(whole), "SE") for identifier in ids(whole.journal))


def test_an_entry_has_no_more_of_a_text_than_any_provider_takes() -> None:
    world = World(agent=OPEN)
    world.forward(text("\U0001f605" * 50_000))
    assert len(of(world, "received")["text"]) == 16_000
    assert len(json.dumps(world.journal.sent[-1][0])) < 256 * 1024


def test_entries_have_ids_that_queues_take() -> None:
    world = World(agent=TOLD)
    world.forward(text())
    assert all(len(identifier) <= 128 for identifier in ids(world.journal))
    assert events.CONVERSATION_ID.fullmatch(entries(world.journal)[0]["subject"])
