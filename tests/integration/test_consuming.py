"""What the Lambdas on the queues answer SQS, and what they log."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from handlers.aws_events import BatchResponse, SqsEvent
from handlers.sqs_consumer import Act, QueueConsumer, consume
from shared.errors import Defect, SmsReceiverError, Unavailable
from shared.retry import RECEIVES_MAX, Again, Done
from shared.telemetry import LogEvent, Measurements, Metric
from tests.integration.events import delivered
from tests.tries_fake import FakeTries

EVENT = {"tenant": "acme", "id": "SM1", "subject": "c0ffee", "data": {"text": "hello", "to": "+12025550123"}}


@dataclass
class Postponed:
    """Remembers what was postponed, or fails."""

    failing: SmsReceiverError | None = None
    asked: list[tuple[str, float]] = field(default_factory=list)

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        self.asked.append((receipt_handle, seconds))
        if self.failing:
            raise self.failing


def says(said: Done | Again | SmsReceiverError) -> Act:
    def act(_event: dict[str, Any], _receives: int) -> Done | Again:
        if isinstance(said, SmsReceiverError):
            raise said
        return said

    return act


OUTAGE_DELAYS = (15.0, 30.0, 600.0)


def never(_event: dict[str, Any]) -> Done:
    pytest.fail("nothing crashed")


def taken(  # noqa: PLR0913 - each of them is the point of some test
    event: SqsEvent,
    queue: Postponed,
    act: Act,
    measurements: Measurements | None = None,
    *,
    tries: FakeTries | None = None,
    crashed: Callable[[dict[str, Any]], Done] = never,
) -> BatchResponse:
    consumer = QueueConsumer(
        name="inbound",
        queue=queue,
        act=act,
        crashed=crashed,
        tries=tries or FakeTries(),
        outage_delays=OUTAGE_DELAYS,
        measurements=measurements or Measurements(),
    )
    return consume(event, consumer)


def lines(written: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.splitlines()]


def test_what_is_done_is_forgotten(logged: Callable[[], str]) -> None:
    queue, seen = Postponed(), []

    def act(event: dict[str, Any], receives: int) -> Done:
        seen.append((event, receives))
        return Done(LogEvent.PARKED, "no_agent")

    tries = FakeTries(counted={"m1": {2}})
    answer = taken(delivered(json.dumps(EVENT), receives=3), queue, act, tries=tries)
    assert answer == {"batchItemFailures": []}
    assert seen == [(EVENT, 3)]
    assert queue.asked == []
    [line] = lines(logged())
    assert (line["message"], line["reason"], line["Parked"]) == ("Parked", "no_agent", 1)
    assert (line["tenant"], line["correlation_id"]) == ("acme", "SM1")


def test_what_is_wanted_again_is_postponed_and_named(logged: Callable[[], str]) -> None:
    queue = Postponed()
    answer = taken(delivered(json.dumps(EVENT)), queue, says(Again(20.5, "unavailable")))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == [("r1", 20.5)]
    [line] = lines(logged())
    assert (line["message"], line["reason"], line["after_seconds"]) == ("Postponed", "unavailable", "20.5")
    assert line["Postponed"] == 1


def test_the_queue_decides_when_postponing_fails() -> None:
    queue = Postponed(failing=Unavailable("the message could not be postponed"))
    answer = taken(delivered(json.dumps(EVENT)), queue=queue, act=says(Again(5, "unavailable")))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_what_comes_early_is_postponed_without_a_word(logged: Callable[[], str]) -> None:
    queue = Postponed()
    answer = taken(delivered(json.dumps(EVENT)), queue, says(Again(40, reason="")))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == [("r1", 40)]
    assert lines(logged()) == []


def test_what_has_nothing_to_tell_is_forgotten_without_a_word(logged: Callable[[], str]) -> None:
    assert taken(delivered(json.dumps(EVENT)), Postponed(), says(Done(None))) == {"batchItemFailures": []}
    assert lines(logged()) == []


def test_a_defect_is_told_though_there_is_nothing_else_to_tell(logged: Callable[[], str]) -> None:
    result = Done(None, defect=Defect("a reminder names no text"))
    assert taken(delivered(json.dumps(EVENT)), Postponed(), says(result)) == {"batchItemFailures": []}
    [line] = lines(logged())
    assert (line["message"], line["reason"]) == ("Failed", "defect")


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '"text"', "null", "[" * 100_000, '{"id": '])
def test_what_is_no_event_is_refused_and_forgotten(body: str, logged: Callable[[], str]) -> None:
    queue = Postponed()
    answer = taken(delivered(body), queue=queue, act=says(Done(LogEvent.SENT)))
    assert answer == {"batchItemFailures": []}
    assert queue.asked == []
    [line] = lines(logged())
    assert (line["message"], line["level"], line["reason"]) == ("Refused", "WARN", "malformed")
    assert (line["detail"], line["queue_message_id"]) == ("the message is no JSON object", "m1")
    assert line["Refused"] == 1


def test_nothing_is_worked_on_out_of_order() -> None:
    queue, seen = Postponed(), []

    def act(event: dict[str, Any], _receives: int) -> Done | Again:
        seen.append(event["id"])
        return Again(5, "unavailable") if event["id"] == "SM2" else Done(LogEvent.SENT)

    bodies = [json.dumps(EVENT | {"id": f"SM{number}"}) for number in (1, 2, 3)]
    answer = taken(delivered(*bodies), queue=queue, act=act)
    assert seen == ["SM1", "SM2"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m3"}]}


@pytest.mark.parametrize("key", ["tenant", "id"])
@pytest.mark.parametrize("value", ["+12025550123", "see you at noon", "x" * 200, 12025550123, ["SM1"], None, "é", ""])
def test_logs_no_id_that_is_none(key: str, value: object, logged: Callable[[], str]) -> None:
    taken(delivered(json.dumps(EVENT | {key: value})), Postponed(), says(Done(LogEvent.SENT)))
    written = logged()
    assert "2025550123" not in written
    assert "noon" not in written
    assert "hello" not in written


SEND = {"tenant": "acme", "id": "SM1-2", "type": "sms.message.send.v1"}


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        ({"reply_id": "SM1-2", "answer_id": "SM1", "in_reply_to": "SM1"}, ("SM1", "2")),
        ({"reply_id": "SM1-f-1", "answer_id": "SM1-f", "in_reply_to": "SM1"}, ("SM1", "f-1")),
        ({"reply_id": "AP9-1", "answer_id": "AP9", "in_reply_to": None}, ("AP9", "1")),
        ({"reply_id": "AP9-1", "answer_id": "AP9", "in_reply_to": "SM1"}, ("SM1", "AP9-1")),
        ({"reply_id": "AP9-1", "in_reply_to": None}, ("AP9", "1")),
        ({"reply_id": "AP9-1", "in_reply_to": ["SM1"]}, (None, None)),
        ({"reply_id": "call me", "in_reply_to": "SM1"}, ("SM1", None)),
    ],
)
def test_a_line_of_a_reply_names_the_text_and_the_part(
    data: dict[str, object], ids: tuple[str, str], logged: Callable[[], str]
) -> None:
    said = Done(LogEvent.SENT, ids={"message_id": "SM5"})
    taken(delivered(json.dumps(SEND | {"data": data})), queue=Postponed(), act=says(said))
    [line] = lines(logged())
    assert (line.get("correlation_id"), line.get("reply"), line["message_id"]) == (*ids, "SM5")


@pytest.mark.parametrize(
    ("kind", "receives", "waited"),
    [("sms.message.received.v1", 1, 250), ("sms.message.received.v1", 2, None), ("sms.message.send.v1", 1, None)],
)
def test_a_text_that_is_taken_for_the_first_time_tells_how_long_it_waited(
    kind: str, receives: int, waited: int | None, logged: Callable[[], str]
) -> None:
    event = delivered(json.dumps(EVENT | {"type": kind}), receives=receives)
    taken(event, queue=Postponed(), act=says(Done(LogEvent.ANSWERED)))
    assert lines(logged())[0].get("QueueMs") == waited


AWAY = Unavailable("the table does not answer")


def sent_ago(seconds: float, *bodies: str, receives: int) -> SqsEvent:
    """What Lambda gets from a queue, sent so many seconds ago."""
    event: SqsEvent = delivered(*bodies, receives=receives)
    for record in event["Records"]:
        record["attributes"]["SentTimestamp"] = str(int(1000 * (time.time() - seconds)))
    return event


@pytest.mark.parametrize("said", [Again(5, "unavailable"), AWAY, Done(LogEvent.SENT)], ids=str)
def test_what_comes_again_tells_how_long_it_has_been_on_its_queue(
    said: Done | Again | SmsReceiverError, logged: Callable[[], str]
) -> None:
    taken(sent_ago(720, json.dumps(EVENT), receives=3), queue=Postponed(), act=says(said))
    [line] = lines(logged())
    assert 720_000 <= line["WaitedMs"] < 780_000
    assert line["queue"] == "inbound"
    by = {metric["Name"]: one["Dimensions"] for one in line["_aws"]["CloudWatchMetrics"] for metric in one["Metrics"]}
    assert by["WaitedMs"] == [["stage"], ["stage", "queue"]]


@pytest.mark.parametrize("body", [json.dumps(EVENT), "no JSON"])
def test_what_comes_for_the_first_time_has_not_waited(body: str, logged: Callable[[], str]) -> None:
    taken(delivered(body), queue=Postponed(), act=says(AWAY))
    [line] = lines(logged())
    assert "WaitedMs" not in line
    assert "queue" not in line


def test_a_clock_that_is_behind_makes_no_negative_wait(logged: Callable[[], str]) -> None:
    taken(sent_ago(-60, json.dumps(EVENT), receives=2), queue=Postponed(), act=says(AWAY))
    assert lines(logged())[0]["WaitedMs"] == 0


@pytest.mark.parametrize("receives", [RECEIVES_MAX, RECEIVES_MAX + 1])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (json.dumps(EVENT), AWAY),
        (json.dumps(EVENT), Again(5, "unavailable")),
    ],
)
def test_the_last_try_before_the_dead_letter_queue_is_counted(
    receives: int, body: str, said: Again | SmsReceiverError, logged: Callable[[], str]
) -> None:
    taken(delivered(body, receives=receives), queue=Postponed(), act=says(said))
    assert lines(logged())[0]["LastTry"] == 1


@pytest.mark.parametrize(("receives", "said"), [(RECEIVES_MAX - 1, AWAY), (RECEIVES_MAX, Done(LogEvent.PARKED))])
def test_an_earlier_try_or_one_that_succeeds_is_not_the_last(
    receives: int, said: Done | SmsReceiverError, logged: Callable[[], str]
) -> None:
    taken(delivered(json.dumps(EVENT), receives=receives), queue=Postponed(), act=says(said))
    assert "LastTry" not in lines(logged())[0]


@pytest.mark.parametrize(
    "result",
    [
        Done(LogEvent.ANSWERED),
        Again(5, "unavailable"),
        Done(LogEvent.PARKED, "defect", defect=Defect("KeyError at forwarder.py:1")),
        AWAY,
    ],
    ids=str,
)
def test_every_line_names_the_agent_as_soon_as_it_is_known(
    result: Done | Again | SmsReceiverError, logged: Callable[[], str]
) -> None:
    measurements = Measurements()

    def act(event: dict[str, Any], receives: int) -> Done | Again:
        if event["id"] == "SM1":
            measurements.names_agent("0a1b2c3d")
        return says(result)(event, receives)

    taken(delivered(json.dumps(EVENT)), Postponed(), act, measurements)
    written = lines(logged())
    assert {line["agent"] for line in written} == {"0a1b2c3d"}
    taken(delivered(json.dumps(EVENT | {"id": "SM2"})), Postponed(), act, measurements)
    assert not any("agent" in line for line in lines(logged()))


def test_what_is_measured_is_in_the_line_of_its_own_message_only(logged: Callable[[], str]) -> None:
    measurements = Measurements()

    def act(event: dict[str, Any], _receives: int) -> Done:
        if event["id"] == "SM1":
            measurements.add(Metric.BACKEND_MS, 100.4)
            measurements.add(Metric.BACKEND_MS, 20.2)
        return Done(LogEvent.ANSWERED)

    measurements.add(Metric.BACKEND_FAILED)  # by what crashed before its line
    taken(delivered(json.dumps(EVENT), json.dumps(EVENT | {"id": "SM2"})), Postponed(), act, measurements)
    first, second = lines(logged())
    assert first["BackendMs"] == 121
    assert "BackendMs" not in second
    assert "BackendFailed" not in first
