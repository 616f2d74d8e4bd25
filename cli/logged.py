"""What the functions' log lines tell: handlers/telemetry.py writes them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.deployed import FUNCTIONS, LogLine
from cli.invocation import Invocation
from cli.output import Record
from cli.target import Stage
from shared.telemetry import LogEvent

_KNOWN = frozenset(LogEvent)
_OF_NO_INTEREST = {"level", "message", "reason", "timestamp", "stage", "_aws", *_KNOWN}


@dataclass(frozen=True)
class Hop:
    """One line: what happened to a text, a reply or a request, where and when.

    Attributes:
        line_id: tells the line from others with the same words.
        told: its ids and what was measured, by name.
    """

    line_id: str
    time: datetime
    stage: str
    function: str
    event: LogEvent
    reason: str | None
    told: dict[str, Any]

    @property
    def record(self) -> Record:
        """The hop for the operator."""
        return {
            "time": self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "stage": self.stage,
            "function": self.function,
            "outcome": self.event.value,
            "reason": self.reason,
            **self.told,
        }


def read(
    run: Invocation,
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
        for hop in _hops(stage, run.on(stage).log(function, since, until, containing))
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
