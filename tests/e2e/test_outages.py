from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from devstack.arrivals import Arrivals
from devstack.aws import LocalAws
from devstack.faults import Faults
from devstack.phones import Phones
from tests.e2e.lines import PERSON, Line, Lines
from tests.e2e.talks import Talks

Outage = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture
def outage(stage: str, aws: LocalAws, talks: Talks) -> Outage:
    def begin(function: str, service: str) -> AbstractContextManager[None]:
        talks.rest(stage)
        return Faults(stage, aws).outage(function, service)

    return begin


def test_says_unavailable_when_the_queue_is_down_and_queues_nothing(
    line: Line, outage: Outage, arrivals: Arrivals
) -> None:
    form = line.form()
    with outage("receiver", "SQS"):
        answer = line.post(form)

    assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
    after = line.form()
    assert line.post(after).status_code == 200
    assert arrivals.arrived(line.stage, after["MessageSid"])
    assert form["MessageSid"] not in {event["id"] for event in arrivals.everything(line.stage)}


def test_a_text_that_was_turned_away_by_an_outage_is_taken_when_it_comes_again(
    line: Line, outage: Outage, arrivals: Arrivals
) -> None:
    form = line.form()
    with outage("receiver", "SQS"):
        assert line.post(form).status_code == 503

    assert line.post(form).status_code == 200
    assert arrivals.arrived(line.stage, form["MessageSid"])


@pytest.mark.parametrize("function", ["authorizer", "receiver"])
def test_says_unavailable_when_secrets_cannot_be_read(
    stage: str, lines: Lines, outage: Outage, arrivals: Arrivals, function: str
) -> None:
    line = lines.open(stage)
    form = line.form()
    with outage(function, "SECRETS_MANAGER"):
        answer = line.post(form)

    assert answer.status_code == 503
    assert "www-authenticate" not in answer.headers
    assert arrivals.arrived(stage, form["MessageSid"], within_seconds=0.3) is None
    assert line.post(line.form()).status_code == 200


def test_twilio_turns_to_the_other_region_and_the_text_arrives_there(
    stage: str, lines: Lines, phones: Phones, outage: Outage, arrivals: Arrivals
) -> None:
    line = lines.open(stage)
    elsewhere = lines.on("south" if stage == "east" else "east", line)
    phones.set_number(line.number, account=line.account, webhook=line.webhook, fallback=elsewhere.webhook)
    with outage("receiver", "SQS"):
        done = phones.text(sender=PERSON, to=line.number, body="by the other way")

    steps = [(attempt["kind"], attempt["status"]) for attempt in done["attempts"]]
    assert steps == [("primary", 401), ("primary", 503), ("fallback", 401), ("fallback", 200)]
    event = arrivals.arrived(elsewhere.stage, done["message_sid"])
    assert event
    assert event["data"]["fields"]["ErrorCode"] == ["11200"]
    assert line.key not in str(event)
    assert done["message_sid"] not in {event["id"] for event in arrivals.everything(stage)}


def test_twilio_retries_when_the_number_asks_for_it(line: Line, lines: Lines, phones: Phones, outage: Outage) -> None:
    fresh = lines.open(line.stage)
    phones.set_number(fresh.number, account=fresh.account, webhook=fresh.webhook + "#rc=2&rp=5xx")
    with outage("receiver", "SQS"):
        done = phones.text(sender=PERSON, to=fresh.number, body="hello?")

    assert done["outcome"] == "failed"
    assert [attempt["status"] for attempt in done["attempts"]].count(503) == 3
