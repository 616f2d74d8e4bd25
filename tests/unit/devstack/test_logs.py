"""Complete logs, from a CloudWatch Logs that returns the first lines of each request and no token for the next."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from devstack.logs import messages

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


class Logs:
    """Lines by their time."""

    def __init__(self, *times: int) -> None:
        self.lines: list[dict[str, Any]] = [
            {"timestamp": time, "message": f"{number}"} for number, time in enumerate(times)
        ]

    def filter_log_events(self, *, logGroupName: str, startTime: int, limit: int) -> dict[str, Any]:  # noqa: N803 - AWS's
        del logGroupName
        return {"events": [line for line in self.lines if line["timestamp"] >= startTime][:limit]}


def read(logs: Logs, *, since: int = 0) -> list[str]:
    return list(messages(cast("CloudWatchLogsClient", logs), "a log", since=since, page=3))


@pytest.mark.parametrize("times", [(), (1,), (1, 2, 3), (1, 2, 2, 3), (1, 1, 2, 2, 3, 3, 4), (1, 1, 2, 3, 3, 4, 4, 5)])
def test_every_line_comes_once_and_in_order_however_pages_fall(times: tuple[int, ...]) -> None:
    assert read(Logs(*times)) == [str(number) for number in range(len(times))]


def test_begins_at_the_time_that_is_asked_for() -> None:
    assert read(Logs(1, 2, 3, 4), since=3) == ["2", "3"]


def test_says_so_when_a_page_is_too_small_for_a_millisecond() -> None:
    with pytest.raises(RuntimeError, match="one millisecond"):
        read(Logs(1, 1, 1, 1))
