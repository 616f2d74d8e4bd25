"""The hops in the functions' logs, whose lines handlers/telemetry.py writes."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from operations.operator import Operator
from operations.stage.deployed_stack import LineSearch, LogLine
from operations.stage.names import FUNCTIONS, Stage
from operations.stage.target import Target
from operations.tracing.hop import Hop
from shared.telemetry import LogEvent

_EVENTS = frozenset(LogEvent)
_NO_DETAILS = {"level", "message", "reason", "timestamp", "stage", "_aws", *_EVENTS}


class FoundHops(NamedTuple):
    """The hops that a search found, and whether these are all."""

    hops: Sequence[Hop]
    complete: bool


@dataclass(frozen=True)
class HopSearch:
    """A search for hops on a stage, which was begun; several can run at the same time."""

    stage: Stage
    search: LineSearch

    def hops(self) -> FoundHops:
        """The hops that were found, in order of time. Raises Unavailable."""
        lines, complete = self.search.lines()
        return FoundHops(sorted(_hops(self.stage, lines), key=lambda hop: hop.time), complete)


def begin_search(  # noqa: PLR0913, PLR0917 - what to search for, where and when
    target: Target, stage: Stage, words: Sequence[str], since: datetime, until: datetime, functions: Sequence[str]
) -> HopSearch:
    """Begins to search the logs of a stage, however long they are, for hops whose lines have one of the words.

    Args:
        target: the stage.
        stage: its name.
        words: ids and the like, which stand in the lines between quotation marks.
        since: the first moment.
        until: the last moment.
        functions: whose logs to search.

    Raises InvalidValue for a word that has other characters than ids have, and Unavailable.
    """
    return HopSearch(stage, target.search_log(words, since, until, functions))


def search(
    operator: Operator,
    words: Sequence[str],
    since: datetime,
    *,
    stages: Iterable[Stage],
    functions: Sequence[str] = FUNCTIONS,
) -> FoundHops:
    """The hops on some stages until now whose lines have one of the words, in order of time; see `begin_search`."""
    now = operator.world.now()
    searches = [begin_search(operator.on(stage), stage, words, since, now, functions) for stage in stages]
    found = [each.hops() for each in searches]
    hops = sorted((hop for hops, _ in found for hop in hops), key=lambda hop: hop.time)
    return FoundHops(hops, all(complete for _, complete in found))


def read(operator: Operator, since: datetime, *, stages: Iterable[Stage], containing: str | None = None) -> list[Hop]:
    """The hops on some stages until now, in order of time. The time must be near: a busy stage logs much.

    Args:
        operator: knows the stages.
        since: the first moment to read.
        stages: the stages to read, all their functions.
        containing: a word that the lines must have, such as an id; None for all lines.

    Raises CommandDeclined, Unavailable.
    """
    hops = (
        hop
        for stage in stages
        for function in FUNCTIONS
        for hop in _hops(stage, operator.on(stage).log(function, since, containing))
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
