"""What the Lambdas on the queues answer SQS, and what they log."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from handlers.consuming import Act, consume
from shared.consuming import Again, Done
from shared.errors import Configuration, Defect, Malformed, SmsReceiverError, Unavailable
from shared.telemetry import LogEvent, Measures, Metric
from tests.integration.events import delivered

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


def taken(event: dict[str, Any], queue: Postponed, act: Act, measures: Measures | None = None) -> dict[str, object]:
    return consume(event, queue=queue, act=act, measures=measures or Measures())


def lines(written: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.splitlines()]


def test_what_is_done_is_forgotten(logged: Callable[[], str]) -> None:
    queue, seen = Postponed(), []

    def act(event: dict[str, Any], receives: int) -> Done:
        seen.append((event, receives))
        return Done(LogEvent.PARKED, "no_agent")

    assert taken(delivered(json.dumps(EVENT), receives=3), queue=queue, act=act) == {"batchItemFailures": []}
    assert seen == [(EVENT, 3)]
    assert queue.asked == []
    [line] = lines(logged())
    assert (line["message"], line["reason"], line["Parked"]) == ("Parked", "no_agent", 1)
    assert (line["tenant"], line["correlation_id"]) == ("acme", "SM1")


def test_what_is_wanted_again_is_postponed_and_named(logged: Callable[[], str]) -> None:
    queue = Postponed()
    answer = consume(
        delivered(json.dumps(EVENT)), queue=queue, act=says(Again(20.5, "unavailable")), measures=Measures()
    )
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == [("r1", 20.5)]
    [line] = lines(logged())
    assert (line["message"], line["reason"], line["after_seconds"]) == ("Postponed", "unavailable", "20.5")
    assert line["Postponed"] == 1


def test_the_queue_decides_when_postponing_fails() -> None:
    queue = Postponed(failing=Unavailable("the message could not be postponed"))
    answer = taken(delivered(json.dumps(EVENT)), queue=queue, act=says(Again(5, "unavailable")))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '"text"', "null", "[" * 100_000, '{"id": '])
def test_what_is_no_event_is_left_to_the_queue(body: str, logged: Callable[[], str]) -> None:
    queue = Postponed()
    answer = taken(delivered(body), queue=queue, act=says(Done(LogEvent.SENT)))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == [("r1", 0)]
    assert lines(logged())[0]["reason"] == "malformed"


@pytest.mark.parametrize(
    ("error", "asked"),
    [(Unavailable("no parking"), []), (Configuration("no setting"), []), (Malformed("nobody's"), [("r1", 0)])],
)
def test_what_could_not_even_be_parked_is_no_exception_and_waits_for_the_queues_own_time(
    error: SmsReceiverError, asked: list[tuple[str, float]], logged: Callable[[], str]
) -> None:
    queue = Postponed()
    answer = taken(delivered(json.dumps(EVENT)), queue=queue, act=says(error))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == asked
    line = lines(logged())[0]
    assert (line["message"], line["level"], line["detail"]) == ("Failed", "ERROR", str(error))


HUSH = "+12025550123 wrote: hello"


@pytest.mark.parametrize("said", [Again(5, "defect", Defect("ValueError in x")), Done(LogEvent.PARKED, "defect")])
def test_a_defect_is_a_failure_of_ours_and_then_what_became_of_it(
    said: Again | Done, logged: Callable[[], str]
) -> None:
    taken(delivered(json.dumps(EVENT)), Postponed(), says(replace(said, defect=Defect("ValueError in x"))))
    failed, line = lines(logged())
    assert (failed["message"], failed["level"], failed["Failed"]) == ("Failed", "ERROR", 1)
    assert (failed["reason"], failed["detail"]) == ("defect", "ValueError in x")
    assert (failed["tenant"], failed["correlation_id"], failed["queue_message_id"]) == ("acme", "SM1", "m1")
    assert line["reason"] == "defect"


@pytest.mark.parametrize(
    "error", [ValueError(HUSH), KeyError(HUSH), MemoryError(HUSH), UnicodeEncodeError("a", HUSH, 0, 1, "b")]
)
def test_what_not_even_parking_foresaw_is_no_exception_and_not_quoted(
    error: Exception, logged: Callable[[], str]
) -> None:
    def act(_event: dict[str, Any], _receives: int) -> Done:
        raise error

    answer = taken(delivered(json.dumps(EVENT)), Postponed(), act)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    written = logged()
    assert "2025550123" not in written
    assert lines(written)[0]["detail"].startswith(f"{type(error).__name__} in handlers.consuming, line ")


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
    consume(
        delivered(json.dumps(EVENT | {key: value})),
        queue=Postponed(),
        act=says(Done(LogEvent.SENT)),
        measures=Measures(),
    )
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


def test_what_is_measured_is_in_the_line_of_its_own_message_only(logged: Callable[[], str]) -> None:
    measures = Measures()

    def act(event: dict[str, Any], _receives: int) -> Done:
        if event["id"] == "SM1":
            measures.add(Metric.BACKEND_MS, 100.4)
            measures.add(Metric.BACKEND_MS, 20.2)
        return Done(LogEvent.ANSWERED)

    measures.add(Metric.BACKEND_FAILED)  # by what crashed before its line
    taken(delivered(json.dumps(EVENT), json.dumps(EVENT | {"id": "SM2"})), Postponed(), act, measures)
    first, second = lines(logged())
    assert first["BackendMs"] == 121
    assert "BackendMs" not in second
    assert "BackendFailed" not in first
