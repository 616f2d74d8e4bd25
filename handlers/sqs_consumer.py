"""What the Lambdas on the queues have in common: one message, one action, and the answer to the queue.

A message that could not even be parked, as when DynamoDB is away, is postponed by the queue alone, with growing delays:
its group stays locked, so what is behind it waits and keeps its order (decision 0027).

For a message that must come again, the visibility is changed at the end, and its id is in the answer. No exception is
raised: SQS would slow the whole queue down (AWS docs, "Reporting batch item failures for Lambda functions with an SQS
trigger").
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from handlers import telemetry
from shared.defects import catching_defects
from shared.errors import Configuration, Defect, Malformed, Unavailable
from shared.messages import events
from shared.retry import CRASHES_MAX, RECEIVES_MAX, Again, Done, retry_always
from shared.telemetry import LogEvent, Measurements, Metric

if TYPE_CHECKING:
    from handlers.aws_events import BatchResponse, SqsAttributes, SqsEvent, SqsRecord
    from shared.ports import Tries

Act = Callable[[dict[str, Any], int], Done | Again]

_ID = re.compile(r"[0-9A-Za-z._-]{1,192}")


class PostponingQueue(Protocol):
    """The queue that the messages are from."""

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        """Lets the message come again after so many seconds. Raises Unavailable."""


@dataclass(frozen=True)
class QueueConsumer:
    """What the messages of a queue are for.

    Attributes:
        name: the queue's name, for the log lines: `inbound`, `outbound`, `reminders` or `journal`.
        act: does what an event asks for; gets the event and the number of its tries, this one included.
        crashed: parks an event of which each try ended the function.
        outage_delays: how many seconds after each receive the next one is, for events that could not even be parked.
        is_set_aside: whether the queue has a dead-letter queue, to which the last try leads.
    """

    name: str
    queue: PostponingQueue
    act: Act
    crashed: Callable[[dict[str, Any]], Done]
    tries: Tries
    outage_delays: Sequence[float]
    measurements: Measurements
    is_set_aside: bool = True


class UncountedTries:
    """Counts each try as the first: for what is never given up. Implements `shared.ports.Tries`."""

    def count(self, queue_message_id: str, receives: int) -> int:  # noqa: ARG002 - the port's
        """Always 1."""
        return 1


def consume(event: SqsEvent, consumer: QueueConsumer) -> BatchResponse:
    """The messages that must come again: the first that failed, and all behind it. Acts on the messages in turn."""
    records = event["Records"]
    for number, record in enumerate(records):
        result = _consume_record(record, consumer)
        if isinstance(result, Done):
            continue
        _postpone(consumer.queue, record, result.after_seconds)
        return {"batchItemFailures": [{"itemIdentifier": failed["messageId"]} for failed in records[number:]]}
    return {"batchItemFailures": []}


def _consume_record(record: SqsRecord, consumer: QueueConsumer) -> Done | Again:
    """What became of the message.

    A message that names no tenant is none of ours: nobody could be shown it. It is refused, and the queue forgets it.
    """
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    waited, queue = (_waited_ms(record["attributes"]), {"queue": consumer.name}) if receives > 1 else ({}, {})
    ids = {"queue_message_id": record["messageId"]}
    unfinished = {**waited, **({Metric.LAST_TRY: 1} if receives >= RECEIVES_MAX and consumer.is_set_aside else {})}
    try:
        event = json.loads(record["body"])
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        return _refuse(Malformed("the message is no JSON object"), ids | queue)
    event_ids = _loggable_ids(event) | queue
    measurements = consumer.measurements
    measurements.take()  # a crash left them behind
    try:
        with catching_defects(Unavailable, Configuration, Malformed):  # in parking a defect, too
            tries = consumer.tries.count(record["messageId"], receives)
            result = consumer.act(event, tries) if tries <= CRASHES_MAX else consumer.crashed(event)
    except Malformed as error:
        return _refuse(error, event_ids | ids)
    except (Unavailable, Configuration, Defect) as error:
        again = retry_always(error, receives, consumer.outage_delays)
        agent, after = measurements.agent_id, f"{again.after_seconds:g}"
        telemetry.failed(error, measured=unfinished, **event_ids, **ids, agent=agent, after_seconds=after)
        return again
    event_ids |= {"agent": measurements.agent_id or ""}
    if result.defect:
        telemetry.failed(result.defect, measured={}, **event_ids, **ids)
    if isinstance(result, Again):
        if result.reason:
            telemetry.record(
                LogEvent.POSTPONED,
                measured=measurements.take() | unfinished,
                **event_ids,
                reason=result.reason,
                after_seconds=f"{result.after_seconds:g}",
            )
        return result
    if result.outcome is None:
        return result
    if event.get("type") == events.RECEIVED and receives == 1:
        measurements.add(Metric.QUEUE_MS, _first_wait_ms(record["attributes"]))
    measured = measurements.take() | waited
    telemetry.record(result.outcome, measured=measured, **event_ids, reason=result.reason, **result.ids)
    return result


def _refuse(error: Malformed, ids: dict[str, str]) -> Done:
    telemetry.record(LogEvent.REFUSED, level="WARN", measured={}, reason=error.reason, detail=str(error), **ids)
    return Done(LogEvent.REFUSED, error.reason)


def _loggable_ids(event: dict[str, Any]) -> dict[str, str]:
    """The event's ids that may be logged: a customer's backend may have written anything into an event."""
    data = event.get("data")
    reply_id = data.get("reply_id") if isinstance(data, dict) else None
    values = {"tenant": event.get("tenant"), "correlation_id": events.correlation_id(event), "reply_id": reply_id}
    ids = {name: value for name, value in values.items() if isinstance(value, str) and _ID.fullmatch(value)}
    return telemetry.reply(**ids) if len(ids) == len(values) else ids


def _first_wait_ms(attributes: SqsAttributes) -> int:
    """How many milliseconds the message stood on the queue before it was first received."""
    return int(attributes["ApproximateFirstReceiveTimestamp"]) - int(attributes["SentTimestamp"])


def _waited_ms(attributes: SqsAttributes) -> dict[Metric, float]:
    """How many milliseconds the message has been on the queue, tries included.

    The queue's own age of its oldest message leaves out what was received three times or more (Amazon SQS guide,
    "Available CloudWatch metrics for Amazon SQS", ApproximateAgeOfOldestMessage).
    """
    return {Metric.WAITED_MS: max(0, time.time() * 1000 - int(attributes["SentTimestamp"]))}


def _postpone(queue: PostponingQueue, record: SqsRecord, seconds: float) -> None:
    try:
        queue.postpone(record["receiptHandle"], seconds)
    except Unavailable as error:  # then it comes after the queue's own visibility timeout
        telemetry.failed(error, queue_message_id=record["messageId"])
