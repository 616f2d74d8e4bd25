"""What the Lambdas on the queues answer SQS, and what they log."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from handlers.consuming import consume
from shared.consuming import Again, Done
from shared.errors import Configuration, Malformed, SmsReceiverError, Unavailable

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


def delivered(*bodies: str, receives: int = 1) -> dict[str, Any]:
    """What Lambda gets from an SQS FIFO queue (AWS docs, "Using Lambda with Amazon SQS")."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(receives), "MessageGroupId": "acme.c0ffee"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
            }
            for number, body in enumerate(bodies, start=1)
        ]
    }


def says(said: Done | Again | SmsReceiverError) -> Callable[[dict[str, Any], int], Done | Again]:
    def act(_event: dict[str, Any], _receives: int) -> Done | Again:
        if isinstance(said, SmsReceiverError):
            raise said
        return said

    return act


def lines(written: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.splitlines()]


def test_what_is_done_is_forgotten(logged: Callable[[], str]) -> None:
    queue, seen = Postponed(), []

    def act(event: dict[str, Any], receives: int) -> Done:
        seen.append((event, receives))
        return Done("parked", "no_agent")

    assert consume(delivered(json.dumps(EVENT), receives=3), queue=queue, act=act) == {"batchItemFailures": []}
    assert seen == [(EVENT, 3)]
    assert queue.asked == []
    line, metric = lines(logged())
    assert (line["outcome"], line["reason"], line["level"]) == ("Parked", "no_agent", "INFO")
    assert (line["tenant"], line["event_id"], line["conversation"]) == ("acme", "SM1", "c0ffee")
    assert (metric["Parked"], metric["reason"]) == ([1.0], "no_agent")


def test_what_is_wanted_again_is_postponed_and_named(logged: Callable[[], str]) -> None:
    queue = Postponed()
    answer = consume(delivered(json.dumps(EVENT)), queue=queue, act=says(Again(20.5, "unavailable")))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == [("r1", 20.5)]
    line, metric = lines(logged())
    assert (line["outcome"], line["reason"], line["after_seconds"]) == ("Postponed", "unavailable", "20.5")
    assert metric["Postponed"] == [1.0]


def test_the_queue_decides_when_postponing_fails() -> None:
    queue = Postponed(failing=Unavailable("the message could not be postponed"))
    answer = consume(delivered(json.dumps(EVENT)), queue=queue, act=says(Again(5, "unavailable")))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '"text"', "null", "[" * 100_000, '{"id": '])
def test_what_is_no_event_is_left_to_the_queue(body: str, logged: Callable[[], str]) -> None:
    queue = Postponed()
    answer = consume(delivered(body), queue=queue, act=says(Done("sent")))
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
    answer = consume(delivered(json.dumps(EVENT)), queue=queue, act=says(error))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == asked
    line = lines(logged())[0]
    assert (line["outcome"], line["level"], line["detail"]) == ("Failed", "ERROR", str(error))


def test_nothing_is_worked_on_out_of_order() -> None:
    queue, seen = Postponed(), []

    def act(event: dict[str, Any], _receives: int) -> Done | Again:
        seen.append(event["id"])
        return Again(5, "unavailable") if event["id"] == "SM2" else Done("sent")

    bodies = [json.dumps(EVENT | {"id": f"SM{number}"}) for number in (1, 2, 3)]
    answer = consume(delivered(*bodies), queue=queue, act=act)
    assert seen == ["SM1", "SM2"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m3"}]}


@pytest.mark.parametrize("key", ["tenant", "id", "subject"])
@pytest.mark.parametrize("value", ["+12025550123", "see you at noon", "x" * 200, 12025550123, ["SM1"], None, "é", ""])
def test_logs_no_id_that_is_none(key: str, value: object, logged: Callable[[], str]) -> None:
    consume(delivered(json.dumps(EVENT | {key: value})), queue=Postponed(), act=says(Done("sent")))
    written = logged()
    assert "2025550123" not in written
    assert "noon" not in written
    assert "hello" not in written
