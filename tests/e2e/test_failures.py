"""What Twilio refuses, or cannot send for now: who hears of it, what is parked, and what rings."""

from datetime import UTC, datetime
from typing import Any

import pytest

from devstack import metrics
from devstack.alarms import Alarms
from devstack.aws import LocalAws
from devstack.backend import CannedAnswer
from devstack.metrics import Point
from devstack.person import Person
from shared.messages.events import STATUS, deduplication
from tests.e2e.callbacks import call_back, fields
from tests.e2e.programs import send
from tests.e2e.talks import Talk, Talks
from tests.e2e.waiting import until

LANDLINE, OVERFLOW = 21614, 30001


def told(talks: Talks, talk: Talk) -> list[dict[str, Any]]:
    """The statuses that the agent heard so far."""
    return [one.event["data"] for one in talks.backend.heard(talk.line.tenant) if one.event["type"] == STATUS]


def counted(points: list[Point], name: str, code: int) -> float:
    """How often a metric counted an error code."""
    return sum(
        point.value for point in points if point.name == name and point.dimensions.get("error_code") == str(code)
    )


def test_a_landline_is_told_and_rings_nothing(stage: str, talks: Talks, aws: LocalAws) -> None:
    talk = talks.begin(stage, lambda _: CannedAnswer(("one", "two")), statuses=True)
    talks.phones.fail(status=400, code=LANDLINE, count=0, to=talk.person.address)
    begun = datetime.now(UTC)

    for _ in range(3):  # six messages: more than the alarm takes of others
        talk.person.text("I write from a landline")

    assert talks.backend.wait(lambda _: len(told(talks, talk)) == 6)
    assert talk.queues.settle()
    assert {(data["status"], data["error_code"], data["message_id"]) for data in told(talks, talk)} == {
        ("failed", LANDLINE, None)
    }
    parking = talks.lines.parking(talk.line)
    assert list(parking.parked(talk.line.tenant)) == []
    record = talks.lines.replies(talk.line).find(talk.line.tenant, told(talks, talk)[1]["reply_id"])
    assert record
    assert (record.status, record.error_code, record.message_id) == ("failed", LANDLINE, None)
    assert until(
        lambda: counted(metrics.of_stage(aws, stage, since=begun), "ReplyUnreachable", LANDLINE) >= 6, within_seconds=30
    )
    assert counted(metrics.of_stage(aws, stage, since=begun), "ReplyFailed", LANDLINE) == 0
    assert not Alarms(stage, aws, begun).rings("replies-failing")


def test_a_short_code_is_not_even_tried(talks: Talks) -> None:
    """A program's message is refused at once; an agent's answer to a text from one is told as failed."""
    talk = talks.begin("east", statuses=True)
    machine = Person("68849", talk.line.number, talks.phones, talks.backend)
    before = len(talks.phones.messages())

    refused = send(talk.line, to=machine.address, text="hello, machine")
    machine.text("Your parcel is on its way.")

    assert (refused.status_code, refused.json()["field"]) == (400, "to")
    assert talks.backend.wait(lambda _: bool(told(talks, talk)))
    assert talk.queues.settle()
    [data] = told(talks, talk)
    assert (data["status"], data["error_code"], data["to"]) == ("failed", 21265, machine.address)
    assert not [one for one in talks.phones.messages()[before:] if one["to"] == machine.address]
    assert list(talks.lines.parking(talk.line).parked(talk.line.tenant)) == []


def test_what_twilio_could_not_send_for_now_arrives_once(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, statuses=True)
    talks.phones.fail(kind="fails_later", error_code=OVERFLOW, ends="failed", to=talk.person.address)

    sid = talk.person.text("are you there?")

    assert talks.backend.wait(lambda _: "delivered" in talk.person.statuses())
    assert talk.queues.settle()
    sent = [one for one in talks.phones.messages() if one["to"] == talk.person.address and one["by"] == "api"]
    assert [(one["body"], one["status"]) for one in sent] == [
        ("You said: are you there?", "failed"),
        ("You said: are you there?", "delivered"),
    ]
    assert not {"failed", "undelivered"} & set(talk.person.statuses()), "what failed for now is told to nobody"
    record = talks.lines.replies(talk.line).find(talk.line.tenant, f"{sid}-1")
    assert record
    assert (record.status, record.message_id, record.superseded) == (
        "delivered",
        sent[1]["message_sid"],
        frozenset({sent[0]["message_sid"]}),
    )


def test_what_twilio_can_never_send_is_parked_and_a_replay_sends_it(talks: Talks) -> None:
    talk = talks.begin("east", statuses=True)
    talks.phones.fail(kind="fails_later", error_code=OVERFLOW, count=3, to=talk.person.address)

    sid = talk.person.text("are you there?")

    parked = talks.lines.parked(talk.line, f"{sid}-1", within_seconds=60)
    assert (parked.reason, parked.event["type"]) == ("provider_unavailable", "sms.message.resend.v1")
    assert talks.backend.wait(lambda _: "failed" in talk.person.statuses())
    assert told(talks, talk)[-1]["error_code"] == OVERFLOW

    queue = talks.lines.target.queue("outbound")
    queue.send({**parked.event, "replay": 1}, group=parked.group, deduplication=f"{deduplication(parked.event)}.1")
    assert talks.backend.wait(lambda _: "delivered" in talk.person.statuses())
    sent = [one for one in talks.phones.messages() if one["to"] == talk.person.address and one["by"] == "api"]
    assert [one["status"] for one in sent] == ["failed", "failed", "failed", "delivered"]


@pytest.mark.parametrize("word", ["partially_delivered", "teleported"])
def test_a_word_that_nobody_knows_reaches_the_backend(word: str, talks: Talks) -> None:
    talk = talks.begin("east", statuses=True)
    talks.phones.set_callbacks(off=True)
    try:
        sid = talk.person.text("hello")
        assert until(lambda: _sent(talks, talk, sid) and talks.phones.idle(), within_seconds=30)
    finally:
        talks.phones.set_callbacks(off=False)
    reply = talks.lines.replies(talk.line).find(talk.line.tenant, f"{sid}-1")
    assert reply

    form = fields(talk.line, reply, word, To=talk.person.address)
    assert call_back(talk.line, reply.reply_id, form).status_code == 204

    assert talks.backend.wait(lambda _: word in talk.person.statuses())
    kept = talks.lines.replies(talk.line).find(talk.line.tenant, reply.reply_id)
    assert kept
    assert kept.status == word


def _sent(talks: Talks, talk: Talk, sid: str) -> bool:
    record = talks.lines.replies(talk.line).find(talk.line.tenant, f"{sid}-1")
    return bool(record and record.message_id)
