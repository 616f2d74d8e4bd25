"""What the Lambdas on the queues have in common: one message, one act, and the queue's answer.

A message that could not even be parked, as when DynamoDB is away, is postponed by the queue alone, with growing delays:
its group stays locked, so what is behind it waits and keeps its order (decision 0027).

"Again" is a changed visibility as the last act and the message's id in the answer, never an exception: those would make
SQS slow the whole queue down (AWS docs, "Reporting batch item failures for Lambda functions with an SQS trigger").
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from handlers import telemetry
from shared.defects import catching_defects
from shared.errors import Configuration, Defect, Malformed, Unavailable
from shared.messages import events
from shared.retry import CRASHES_MAX, Again, Done, in_any_case
from shared.telemetry import LogEvent, Measures, Metric

if TYPE_CHECKING:
    from shared.ports import Tries

Act = Callable[[dict[str, Any], int], Done | Again]

_ID = re.compile(r"[0-9A-Za-z._-]{1,192}")


class Postponing(Protocol):
    """The queue that the messages are from."""

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        """Lets the message come again after so many seconds. Raises Unavailable."""


@dataclass(frozen=True)
class Consumer:
    """What works on a queue.

    Attributes:
        act: does what is to be done with an event that is tried for so many times.
        crashed: parks an event of which each try ended the function.
        outage_delays: how many seconds after each receive of what could not even be parked the next one is.
    """

    queue: Postponing
    act: Act
    crashed: Callable[[dict[str, Any]], Done]
    tries: "Tries"
    outage_delays: Sequence[float]
    measures: Measures


def consume(event: dict[str, Any], consumer: Consumer) -> dict[str, object]:
    """Acts on the messages in turn; names those that are to come again: the first that failed, and all behind it."""
    records = event["Records"]
    for number, record in enumerate(records):
        said = _work_on(record, consumer)
        if isinstance(said, Done):
            continue
        _postpone(consumer.queue, record, said.after_seconds)
        return {"batchItemFailures": [{"itemIdentifier": left["messageId"]} for left in records[number:]]}
    return {"batchItemFailures": []}


def _work_on(record: dict[str, Any], consumer: Consumer) -> Done | Again:
    """What is said of the message.

    What is no event of ours has no tenant to park it for. It comes again at once, until the queue sets it aside.
    """
    ids = {"queue_message_id": record["messageId"]}
    try:
        event = json.loads(record["body"])
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        telemetry.failed(Malformed("this is no JSON object"), **ids)
        return Again(0, Malformed.reason)
    named = _ids(event)
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    measures = consumer.measures
    measures.take()  # what a crash left
    try:
        with catching_defects():  # in parking a defect, too
            tries = consumer.tries.count(record["messageId"], receives)
            said = consumer.act(event, tries) if tries <= CRASHES_MAX else consumer.crashed(event)
    except Malformed as error:
        telemetry.failed(error, **named, **ids)
        return Again(0, error.reason)
    except (Unavailable, Configuration, Defect) as error:
        again = in_any_case(error, receives, consumer.outage_delays)
        telemetry.failed(error, **named, **ids, after_seconds=f"{again.after_seconds:g}")
        return again
    if said.defect:
        telemetry.failed(said.defect, **named, **ids)
    if isinstance(said, Again):
        wait = f"{said.after_seconds:g}"
        telemetry.record(LogEvent.POSTPONED, measured=measures.take(), **named, reason=said.reason, after_seconds=wait)
        return said
    if event.get("type") == events.RECEIVED and receives == 1:
        measures.add(Metric.QUEUE_MS, _waited_ms(record["attributes"]))
    telemetry.record(said.outcome, measured=measures.take(), **named, reason=said.reason, **said.ids)
    return said


def _ids(event: dict[str, Any]) -> dict[str, str]:
    """What may be logged of them: a customer's backend may have written anything into an event."""
    data = event.get("data")
    reply_id = data.get("reply_id") if isinstance(data, dict) else None
    given = {"tenant": event.get("tenant"), "correlation_id": events.correlation_id(event), "reply_id": reply_id}
    ids = {name: value for name, value in given.items() if isinstance(value, str) and _ID.fullmatch(value)}
    return telemetry.reply(**ids) if len(ids) == len(given) else ids


def _waited_ms(attributes: dict[str, str]) -> int:
    """How long it stood on the queue before anybody took it (SQS API, ReceiveMessage, "Attributes")."""
    return int(attributes["ApproximateFirstReceiveTimestamp"]) - int(attributes["SentTimestamp"])


def _postpone(queue: Postponing, record: dict[str, Any], seconds: float) -> None:
    try:
        queue.postpone(record["receiptHandle"], seconds)
    except Unavailable as error:  # then it comes when the queue's own time is over
        telemetry.failed(error, queue_message_id=record["messageId"])
