"""What the Lambdas on the queues have in common: one message, one act, and the queue's answer.

"Again" is a changed visibility as the last act and the message's id in the answer, never an exception: those would make
SQS slow the whole queue down (AWS docs, "Reporting batch item failures for Lambda functions with an SQS trigger").
"""

import json
import re
from collections.abc import Callable
from typing import Any, Protocol

from handlers import telemetry
from shared import events
from shared.consuming import Again, Done
from shared.defects import catching_defects
from shared.errors import Configuration, Defect, Malformed, Unavailable
from shared.telemetry import LogEvent, Measures, Metric

Act = Callable[[dict[str, Any], int], Done | Again]

_ID = re.compile(r"[0-9A-Za-z._-]{1,192}")


class Postponing(Protocol):
    """The queue that the messages are from."""

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        """Lets the message come again after so many seconds. Raises Unavailable."""


def consume(event: dict[str, Any], *, queue: Postponing, act: Act, measures: Measures) -> dict[str, object]:
    """Acts on the messages in turn; names those that are to come again: the first that failed, and all behind it."""
    records = event["Records"]
    for number, record in enumerate(records):
        said = _work_on(record, act, measures)
        if isinstance(said, Done):
            continue
        if said:
            _postpone(queue, record, said.after_seconds)
        return {"batchItemFailures": [{"itemIdentifier": left["messageId"]} for left in records[number:]]}
    return {"batchItemFailures": []}


def _work_on(record: dict[str, Any], act: Act, measures: Measures) -> Done | Again | None:
    """What is said of the message; None when not even parking was possible: it comes when the queue's time is over.

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
    measures.take()  # what a crash left
    try:
        with catching_defects():  # in parking a defect, too
            said = act(event, receives)
    except (Unavailable, Configuration, Malformed, Defect) as error:
        telemetry.failed(error, **named, **ids)
        return Again(0, Malformed.reason) if isinstance(error, Malformed) else None
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
