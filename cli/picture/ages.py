"""How old the oldest event on a queue is, at any time of a run: SQS measures that, and the local AWS does not."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from cli.local.metrics import Point
from shared.telemetry import LogEvent

Stay = tuple[datetime, datetime]
"""When an event came onto its queue, and when it left it."""

_AGE = "ApproximateAgeOfOldestMessage"
_STEP = timedelta(seconds=1)
_LEAVES_INBOUND = {LogEvent.ANSWERED, LogEvent.UNANSWERED, LogEvent.PARKED}
_LEAVES_OUTBOUND = {LogEvent.SENT, LogEvent.NOT_SENT, LogEvent.PARKED}


def of_oldest(queue: str, stays: Iterable[Stay], *, begin: datetime, end: datetime) -> Iterator[Point]:
    """A point each second, from when each event came and when it was done with. As with SQS, nothing is no age."""
    known = sorted(stays)
    at = begin
    while at <= end:
        oldest = next((came for came, went in known if came <= at < went), None)
        age = (at - oldest).total_seconds() if oldest else 0
        yield Point("AWS/SQS", _AGE, {"QueueName": queue}, age, at)
        at += _STEP


def stays(lines: Iterable[str]) -> tuple[list[Stay], list[Stay]]:
    """When each text, and each reply, came onto its queue and left it, as the functions' log lines tell."""
    came: dict[str, datetime] = {}
    answered: dict[str, datetime] = {}
    texts, replies = [], []
    for told in sorted(_told(lines), key=lambda told: str(told["timestamp"])):
        event, text = told["message"], str(told.get("correlation_id"))
        time = datetime.fromisoformat(str(told["timestamp"]))
        if event == LogEvent.ACCEPTED:
            came[text] = time
        elif event == LogEvent.SUBMITTED:
            answered[text] = time
        elif "reply" in told and event in _LEAVES_OUTBOUND and text in answered:
            replies.append((answered[text], time))
        elif "reply" not in told and event in _LEAVES_INBOUND and text in came:
            texts.append((came.pop(text), time))
            answered[text] = time
    return texts, replies


def _told(lines: Iterable[str]) -> Iterator[dict[str, object]]:
    for line in lines:
        with suppress(ValueError):
            told = json.loads(line)
            if isinstance(told, dict) and {"message", "timestamp"} <= told.keys():
                yield told
