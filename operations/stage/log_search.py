"""Searching the logs of a stage's functions with CloudWatch Logs Insights: two requests, however long the logs are.

Source: CloudWatch Logs API, StartQuery and GetQueryResults. FilterLogEvents, which gives a megabyte a request, would
take minutes on a busy stage (docs/decisions/0039-why.md).
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from botocore import exceptions

from operations.stage import names
from shared.aws.botocore_errors import code, unavailable
from shared.errors import InvalidValue, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

LINES_MAX = 10_000
"""The most lines that a query returns (CloudWatch Logs docs, "CloudWatch Logs quotas")."""
WAIT_SECONDS = 3.0
"""How long to wait for a query since it was begun. What it has found by then is used."""
_PAUSE_SECONDS = 0.5
_WORD = re.compile(r"[0-9A-Za-z_-]+")  # nothing that means something in a query
_PENDING = frozenset({"Scheduled", "Running"})

Row = Mapping[str, str]
"""A line that was found: `@timestamp`, `@message`, `@log` and `@ptr`."""


class FoundRows(NamedTuple):
    """The lines that a query found, and whether these are all."""

    rows: Sequence[Row]
    complete: bool


@dataclass(frozen=True)
class LogQuery:
    """A search that was begun. Several can run at the same time: begin them all before the first `rows`.

    Attributes:
        logs: the client.
        ids: the ids of its queries.
        begun: when it was begun, by `clock`.
        clock: gives seconds, from any start.
        sleep: waits so many seconds.
    """

    logs: "CloudWatchLogsClient"
    ids: Sequence[str]
    begun: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def rows(self) -> FoundRows:
        """The lines, when the search is finished or has taken WAIT_SECONDS. Raises Unavailable."""
        rows: list[Row] = []
        complete = True
        for query_id in self.ids:
            status, found = self._results(query_id)
            while status in _PENDING and self.clock() - self.begun < WAIT_SECONDS:
                self.sleep(_PAUSE_SECONDS)
                status, found = self._results(query_id)
            complete = complete and status not in _PENDING and len(found) < LINES_MAX
            rows += found
        return FoundRows(rows, complete)

    def _results(self, query_id: str) -> tuple[str, list[Row]]:
        with unavailable("the logs could not be searched"):
            answer = self.logs.get_query_results(queryId=query_id)
        status = answer["status"]
        if status != "Complete" and status not in _PENDING:
            message = f"the logs could not be searched: the query ended as {status}"
            raise Unavailable(message)
        rows = ({field["field"]: field["value"] for field in result} for result in answer["results"])
        return status, list(rows)


def begin(  # noqa: PLR0913, PLR0917 - what to search for, where and when
    logs: "CloudWatchLogsClient",
    stage: str,
    words: Sequence[str],
    since: datetime,
    until: datetime,
    functions: Sequence[str],
) -> LogQuery:
    """Begins to search the functions' logs for lines that have at least one of the words.

    Args:
        logs: the client.
        stage: whose functions they are.
        words: strings that stand in the lines between quotation marks, such as ids.
        since: the first moment, rounded down to a second.
        until: the last moment, rounded up to a second.
        functions: the functions.

    Raises InvalidValue for words with other characters, and Unavailable.
    """
    if not words or not all(map(_WORD.fullmatch, words)):
        message = "an id to search for has letters, digits, - and _ only"
        raise InvalidValue(message)
    request = {
        "startTime": int(since.timestamp()),
        "endTime": int(until.timestamp()) + 1,
        "queryString": f'fields @timestamp, @message, @log | filter @message like /"({"|".join(words)})"/'
        f" | sort @timestamp desc | limit {LINES_MAX}",
    }
    groups = [names.log_group(stage, function) for function in functions]
    begun = time.monotonic()
    with unavailable("the logs could not be searched"):
        started = _start(logs, groups, request)
        if started is None:  # one of the logs does not exist, so each is searched on its own
            each = (_start(logs, [group], request) for group in groups)
            return LogQuery(logs, [query_id for query_id in each if query_id], begun)
    return LogQuery(logs, [started], begun)


def _start(logs: "CloudWatchLogsClient", groups: list[str], request: Mapping[str, object]) -> str | None:
    """The id of a new query; None when a log does not exist, because its function has not run."""
    try:
        return logs.start_query(logGroupNames=groups, **request)["queryId"]  # type: ignore[arg-type] # by its parts
    except exceptions.ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return None
        raise
