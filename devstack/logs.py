"""Whole logs of the local stack, however long they are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

PAGE = 10_000
"""The most that one call gives (CloudWatch Logs API, FilterLogEvents)."""


def groups(logs: "CloudWatchLogsClient") -> list[str]:
    """The names of all logs of a region."""
    return [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]


def messages(logs: "CloudWatchLogsClient", group: str, *, since: int = 0, page: int = PAGE) -> Iterator[str]:
    """Every message of a log, once, in the order of time.

    ministack gives no token for the next page, so the next one begins with the last millisecond of a full page, which
    is read anew. Raises RuntimeError when a page holds one millisecond only.

    Args:
        logs: the region's CloudWatch Logs.
        group: the log's name.
        since: milliseconds since the epoch.
        page: so many lines a call.
    """
    while True:
        found = logs.filter_log_events(logGroupName=group, startTime=since, limit=page)["events"]
        if len(found) < page:
            yield from (event["message"] for event in found)
            return
        last = found[-1]["timestamp"]
        if last <= found[0]["timestamp"]:
            message = f"{group} has more lines in one millisecond than a page holds"
            raise RuntimeError(message)
        yield from (event["message"] for event in found if event["timestamp"] < last)
        since = last
