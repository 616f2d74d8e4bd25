"""What the functions' log lines tell: handlers/telemetry.py writes them."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from operations.operator import Operator
from operations.stage.stack import FUNCTIONS, LogLine
from operations.stage.target import Stage
from operations.tracing.hop import Hop
from shared.telemetry import LogEvent

_KNOWN = frozenset(LogEvent)
_OF_NO_INTEREST = {"level", "message", "reason", "timestamp", "stage", "_aws", *_KNOWN}


def read(
    operator: Operator,
    since: datetime,
    *,
    stages: Iterable[Stage],
    until: datetime | None = None,
    containing: str | None = None,
) -> list[Hop]:
    """The hops on some stages in the order of time. Raises Declined, Unavailable."""
    hops = (
        hop
        for stage in stages
        for function in FUNCTIONS
        for hop in _hops(stage, operator.on(stage).log(function, since, until, containing))
    )
    return sorted(hops, key=lambda hop: hop.time)


def _hops(stage: str, lines: Iterable[LogLine]) -> Iterator[Hop]:
    """Of the lines those that are ours; Lambda itself writes others."""
    for line in lines:
        try:
            told = json.loads(line.text)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("message") in _KNOWN:
            ids = {name: value for name, value in told.items() if name not in _OF_NO_INTEREST}
            yield Hop(line.id, line.time, stage, line.function, LogEvent(told["message"]), told.get("reason"), ids)
