"""What the Lambdas on the queues have in common: one message, one act, and the queue's answer.

"Again" is a changed visibility as the last act and the message's id in the answer, never an exception: those would make
SQS slow the whole queue down (AWS docs, "Reporting batch item failures for Lambda functions with an SQS trigger").
"""

import json
import re
from collections.abc import Callable
from typing import Any, Protocol

from handlers import telemetry
from shared.consuming import Again, Done
from shared.errors import Configuration, Malformed, Unavailable

Act = Callable[[dict[str, Any], int], Done | Again]

_NAMED = {"tenant": "tenant", "event_id": "id", "conversation": "subject"}
_ID = re.compile(r"[0-9A-Za-z._-]{1,192}")


class Postponing(Protocol):
    """The queue that the messages are from."""

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        """Lets the message come again after so many seconds. Raises Unavailable."""


def consume(event: dict[str, Any], *, queue: Postponing, act: Act) -> dict[str, object]:
    """Acts on the messages in turn; names those that are to come again: the first that failed, and all behind it."""
    records = event["Records"]
    for number, record in enumerate(records):
        said = _work_on(record, act)
        if isinstance(said, Done):
            continue
        if said:
            _postpone(queue, record, said.after_seconds)
        return {"batchItemFailures": [{"itemIdentifier": left["messageId"]} for left in records[number:]]}
    return {"batchItemFailures": []}


def _work_on(record: dict[str, Any], act: Act) -> Done | Again | None:
    """What is said of the message; None when not even parking was possible: it comes when the queue's time is over.

    What is no event of ours has no tenant to park it for. It comes again at once, until the queue sets it aside.
    """
    ids = {"queue_message_id": record["messageId"]}
    try:
        event = json.loads(record["body"])
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        telemetry.record("Failed", reason=Malformed.reason, level="error", detail="this is no JSON object", **ids)
        return Again(0, Malformed.reason)
    ids |= {name: event[key] for name, key in _NAMED.items() if _is_id(event.get(key))}
    try:
        said = act(event, int(record["attributes"]["ApproximateReceiveCount"]))
    except (Unavailable, Configuration, Malformed) as error:
        telemetry.record("Failed", reason=error.reason, level="error", detail=str(error), **ids)
        return Again(0, Malformed.reason) if isinstance(error, Malformed) else None
    if isinstance(said, Again):
        telemetry.record("Postponed", reason=said.reason, after_seconds=f"{said.after_seconds:g}", **ids)
    else:
        telemetry.record(said.outcome.capitalize(), reason=said.reason, **ids)
    return said


def _is_id(value: object) -> bool:
    """Whether it may be logged: a customer's backend may have written anything into an event."""
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _postpone(queue: Postponing, record: dict[str, Any], seconds: float) -> None:
    try:
        queue.postpone(record["receiptHandle"], seconds)
    except Unavailable as error:  # then it comes when the queue's own time is over
        ids = {"queue_message_id": record["messageId"]}
        telemetry.record("Failed", reason=error.reason, level="error", detail=str(error), **ids)
