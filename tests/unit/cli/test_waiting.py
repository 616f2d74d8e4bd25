from datetime import timedelta

from shared.errors import Unavailable
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER, PERSON
from tests.promises_of_texts import promise
from tests.unit.cli.command import Command


def waiting() -> Command:
    """A text that is overdue for an hour, and a later one that has four minutes."""
    command = Command.on(fakes.managed_tenant())
    times = {"SM2": (-60, 240), "SM1": (-3900, -3600)}
    for text_id, (received, due) in times.items():
        moment = (NOW + timedelta(seconds=received)).isoformat()
        command.promises.make(promise(text_id, due_at=NOW + timedelta(seconds=due), received_at=moment))
    command.promises.make(promise("SM3", tenant="other"))
    return command


def test_lists_what_waits_the_oldest_first_and_marks_what_is_overdue() -> None:
    assert waiting().json("waiting") == [
        {
            "id": "SM1",
            "state": "overdue",
            "agent": "desk",
            "from": "…0123",
            "to": "…0199",
            "received_at": "2026-11-23T10:55:00+00:00",
            "due_at": "2026-11-23T11:00:00+00:00",
        },
        {
            "id": "SM2",
            "state": "waiting",
            "agent": "desk",
            "from": "…0123",
            "to": "…0199",
            "received_at": "2026-11-23T11:59:00+00:00",
            "due_at": "2026-11-23T12:04:00+00:00",
        },
    ]


def test_tells_people_how_old_it_is_and_when_it_is_due() -> None:
    result = waiting().run("waiting")
    rows = [line.split() for line in result.stdout.splitlines() if line.strip().startswith("SM")]
    assert rows == [
        ["SM1", "overdue", "desk", "…0123", "…0199", "1h", "1h", "ago"],
        ["SM2", "waiting", "desk", "…0123", "…0199", "1m", "in", "4m"],
    ]


def test_shows_whole_numbers_when_asked_to() -> None:
    shown = waiting().json("waiting", "--full")[0]
    assert (shown["from"], shown["to"]) == (PERSON, OUR_NUMBER)


def test_what_was_answered_is_not_listed() -> None:
    command = waiting()
    command.promises.fulfil(promise("SM1"))
    assert [text["id"] for text in command.json("waiting")] == ["SM2"]


def test_says_when_nothing_waits() -> None:
    result = Command.on(fakes.managed_tenant()).run("waiting", "--stage", "south")
    assert "No text waits for an answer on stage south." in result.stderr
    assert Command.on(fakes.managed_tenant()).json("waiting") == []


def test_a_table_that_cannot_be_read_is_a_sentence() -> None:
    command = waiting()
    command.promises.failing = Unavailable("the texts could not be read: AWS answered AccessDeniedException")
    assert "could not be read" in command.declined("waiting")
