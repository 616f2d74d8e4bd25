"""The hops in the functions' logs, whose lines handlers/telemetry.py writes."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from operations.operator import Operator
from operations.stage.deployed_stack import LogLine
from operations.stage.names import FUNCTIONS, Stage
from operations.tracing.hop import Hop
from shared.telemetry import LogEvent

_EVENTS = frozenset(LogEvent)
_NO_DETAILS = {"level", "message", "reason", "timestamp", "stage", "_aws", *_EVENTS}


def read(
    operator: Operator,
    since: datetime,
    *,
    stages: Iterable[Stage],
    until: datetime | None = None,
    containing: str | None = None,
) -> list[Hop]:
    """The hops on some stages, in order of time.

    Args:
        operator: knows the stages.
        since: the first moment to read.
        stages: the stages to read, all their functions.
        until: the last moment to read; None for now.
        containing: a word that the lines must have, such as an id; None for all lines.

    Raises CommandDeclined, Unavailable.
    """
    hops = (
        hop
        for stage in stages
        for function in FUNCTIONS
        for hop in _hops(stage, operator.on(stage).log(function, since, until, containing))
    )
    return sorted(hops, key=lambda hop: hop.time)


def _hops(stage: str, lines: Iterable[LogLine]) -> Iterator[Hop]:
    """The hops among the lines; Lambda itself writes other lines."""
    for line in lines:
        try:
            fields = json.loads(line.text)
        except ValueError:
            continue
        if isinstance(fields, dict) and fields.get("message") in _EVENTS:
            event, reason = LogEvent(fields["message"]), fields.get("reason")
            details = {name: value for name, value in fields.items() if name not in _NO_DETAILS}
            yield Hop(line.id, line.time, stage, line.function, event, reason, details)
