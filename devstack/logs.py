"""Reading complete logs of the local stack, however long they are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

PAGE = 10_000
"""The most lines that a call returns (CloudWatch Logs API, FilterLogEvents)."""


def groups(logs: "CloudWatchLogsClient") -> list[str]:
    """The names of all log groups of a region."""
    return [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]


def messages(logs: "CloudWatchLogsClient", group: str, *, since: int = 0, page: int = PAGE) -> Iterator[str]:
    """Every message of a log once, in the order of time.

    ministack gives no token for the next page. So the last millisecond of a full page is read again as the beginning of
    the next page. Raises RuntimeError when a page is full of lines of the same millisecond.

    Args:
        logs: the region's CloudWatch Logs.
        group: the log's name.
        since: milliseconds since the epoch.
        page: how many lines a call reads.
    """
    while True:
        events = logs.filter_log_events(logGroupName=group, startTime=since, limit=page)["events"]
        if len(events) < page:
            yield from (event["message"] for event in events)
            return
        last = events[-1]["timestamp"]
        if last <= events[0]["timestamp"]:
            message = f"{group} has more lines in one millisecond than a page holds"
            raise RuntimeError(message)
        yield from (event["message"] for event in events if event["timestamp"] < last)
        since = last
