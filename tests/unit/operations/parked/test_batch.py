"""Several parked events at once: in order, each change written down, also when a later one fails."""

import pytest

from operations.parked.batch import Replayed, discard_all, replay_all
from operations.parked.crashed import count_crashed, redrive
from operations.parked.written import without_text
from shared.errors import Unavailable
from shared.messages.outbound import Parked
from tests.fakes import OUR_NUMBER
from tests.unit.cli.command import Command
from tests.unit.cli.test_parked import REPLY, TEXT, command
from tests.unit.operations.operators import FakeProgress, operator


def audited(made: Command) -> list[tuple[str, str]]:
    return [(record["what"], record["which"].get("id", "")) for record in made.audit.kept]


def test_a_replay_counts_what_went_out_and_what_was_gone() -> None:
    made = command()
    made.parking.remove(REPLY)
    assert replay_all(operator(made), [TEXT, REPLY]) == Replayed(replayed=1, gone_meanwhile=1)
    assert audited(made) == [("parked.replay", "SM1")]


def test_a_replay_that_fails_writes_down_what_it_did_and_says_what_is_still_parked() -> None:
    made = command()
    made.queues["outbound"].failing = Unavailable("the message could not be queued")
    person = operator(made)
    with pytest.raises(Unavailable):
        replay_all(person, [TEXT, REPLY])
    assert audited(made) == [("parked.replay", "SM1")]
    assert isinstance(person.progress, FakeProgress)
    assert person.progress.notes == ["1 of 2 were replayed; the others are still parked."]
    assert made.parking.find("acme", "SM9-1") == REPLY


def test_a_discard_that_fails_writes_down_what_it_did() -> None:
    made = command()
    remove = made.parking.remove

    def failing(parked: Parked) -> None:
        if parked.id == REPLY.id:
            message = "it could not be removed"
            raise Unavailable(message)
        remove(parked)

    made.parking.remove = failing  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        discard_all(operator(made), [TEXT, REPLY])
    assert audited(made) == [("parked.discard", "SM1")]


def test_nothing_is_replayed_or_written_down_when_nothing_was_chosen() -> None:
    made = command()
    assert replay_all(operator(made), []) == Replayed(0, 0)
    assert discard_all(operator(made), []) == 0
    assert made.audit.kept == []


def test_only_a_queue_in_which_something_crashed_is_brought_back() -> None:
    made = command()
    made.dead = {"inbound": 0, "outbound": 3}
    person = operator(made)
    counts = count_crashed(person)
    redrive(person, counts)
    assert counts == {"inbound": 0, "outbound": 3}
    assert [(record["tenant"], record["which"]) for record in made.audit.kept] == [
        (None, {"queue": "outbound", "about": "3"})
    ]


def test_no_line_of_the_audit_log_has_a_whole_number() -> None:
    made = command()
    discard_all(operator(made), [TEXT])
    assert OUR_NUMBER not in str(made.audit.kept)


def test_hides_what_was_written_wherever_it_is_and_changes_no_event() -> None:
    data = {"to": OUR_NUMBER, "text": "my secret wish", "fields": {"Body": ["my secret wish"]}}
    event = without_text({"id": "SM1", "data": data}, placeholder="hidden")
    assert event == {"id": "SM1", "data": {"to": OUR_NUMBER, "text": "hidden", "fields": "hidden"}}
    assert data["text"] == "my secret wish"
    assert without_text({"id": "SM1", "data": "odd"}, placeholder="hidden") == {"id": "SM1", "data": "hidden"}
