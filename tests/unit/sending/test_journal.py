"""What the sender tells in an agent's journal: what became of each message, at least once."""

from dataclasses import replace
from typing import Any

import pytest

from shared.errors import Unavailable, UpstreamRefused
from shared.messages.event_fields import REPLAY
from shared.reasons import Reason
from shared.retry import Done
from shared.telemetry import LogEvent
from tests.fakes import LISTENING, OUR_NUMBER, FakeAgents
from tests.journal_entries import REDACTED, WITH_TEXT, entries, ids
from tests.unit.messages.outbound_events import outbound as event
from tests.unit.sending.fakes import World

REPLY_ID = "SM42-1"
TOLD, OPEN = replace(LISTENING, journal=REDACTED), replace(LISTENING, journal=WITH_TEXT)


def world(agent: Any = TOLD, **more: Any) -> World:  # noqa: ANN401 - whatever a test changes
    return World(agents=FakeAgents({OUR_NUMBER: agent}), **more)


def test_a_message_that_was_sent_is_told_with_its_id_at_the_provider() -> None:
    made = world()
    made.deliver(event())
    [entry] = entries(made.journal)
    assert entry["id"] == f"{REPLY_ID}.sent.SM1"
    data = entry["data"]
    assert (data["event"], data["reply_id"], data["message_id"], data["text"]) == ("sent", REPLY_ID, "SM1", None)
    assert (data["number"], data["person"]) == ("…0199", "…0123")
    sent = event()
    assert (entry["subject"], data["conversation"]) == (sent["subject"], sent["subject"])
    assert (data["text_id"], sent["data"]["in_reply_to"]) == ("SM42", "SM42")
    made.deliver(event(), receives=2)
    assert ids(made.journal) == [f"{REPLY_ID}.sent.SM1"]


def test_with_leave_its_text_is_told_too() -> None:
    made = world(OPEN)
    made.deliver(event())
    [entry] = entries(made.journal)
    assert (entry["data"]["text"], entry["data"]["number"]) == (event()["data"]["text"], OUR_NUMBER)


def test_an_agent_without_a_journal_tells_nothing() -> None:
    made = world(LISTENING)
    made.journal.failing = Unavailable("SQS is away")
    assert isinstance(made.deliver(event()), Done)
    assert made.journal.sent == []


def test_a_message_that_will_never_be_sent_is_told_with_its_reason() -> None:
    made = world()
    made.api.behaviours.append(UpstreamRefused(Reason.OPTED_OUT, "no", code=21610))
    assert made.deliver(event()) == Done(LogEvent.NOT_SENT, Reason.OPTED_OUT)
    [entry] = entries(made.journal)
    assert (entry["id"], entry["data"]["reason"], entry["data"]["error_code"]) == (
        f"{REPLY_ID}.not_sent",
        "opted_out",
        21610,
    )


def test_a_message_that_is_parked_is_told_each_time() -> None:
    made = world()
    for number in range(2):
        made.api.behaviours.append(UpstreamRefused(Reason.PROVIDER_REFUSED, "no", code=30034))
        made.deliver(event() | ({REPLAY: number} if number else {}))
    assert ids(made.journal) == [f"{REPLY_ID}.parked", f"{REPLY_ID}.parked.1"]


def test_a_message_that_is_tried_again_is_told_once_that_is_certain() -> None:
    made = world()
    made.api.behaviours.append(Unavailable("away"))
    made.sender().send(event(), 1)
    assert made.journal.sent == []
    made.deliver(event(), receives=2)
    assert ids(made.journal) == [f"{REPLY_ID}.sent.SM1"]


@pytest.mark.parametrize("data", [None, 5, {}, {"from": 5}, {"from": OUR_NUMBER, "text": 5, "media_urls": [5]}])
def test_what_nobody_can_read_is_parked_and_told_as_far_as_it_goes(data: object) -> None:
    made = world(OPEN)
    assert made.deliver({**event(), "data": data}) == Done(LogEvent.PARKED, Reason.MALFORMED)
    told = entries(made.journal)
    assert len(told) == (1 if isinstance(data, dict) and data.get("from") == OUR_NUMBER else 0)


def test_while_the_queue_of_journals_is_away_a_message_comes_again_and_is_sent_once() -> None:
    made = world()
    made.journal.failing = Unavailable("SQS is away")
    for receives in (1, 2):
        with pytest.raises(Unavailable):
            made.deliver(event(), receives=receives)
    made.journal.failing = None
    assert isinstance(made.deliver(event(), receives=3), Done)
    assert len(made.api.got) == 1
    assert ids(made.journal) == [f"{REPLY_ID}.sent.SM1"]


STEPS = 30


@pytest.mark.parametrize("step", range(1, STEPS))
def test_after_a_crash_anywhere_it_is_told_under_the_same_id(step: int) -> None:
    made = world(crash_at=step)
    made.deliver(event())
    assert ids(made.journal) == [f"{REPLY_ID}.sent.SM1"]
    assert len(made.api.got) == 1
