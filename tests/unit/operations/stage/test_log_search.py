"""Searching the logs with Logs Insights: what is asked, how many requests it takes, and what is made of the answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.stage.deployed_stack import FoundLines, LineSearch, LogLine
from operations.stage.log_search import LINES_MAX, WAIT_SECONDS, LogQuery
from shared.errors import InvalidValue, Unavailable
from tests.fakes import NOW
from tests.unit.operations.stage.test_deployed_stack import Aws

SINCE = NOW - timedelta(hours=1)
FIELDS = {
    "@timestamp": "2026-11-23 11:59:00.250",
    "@message": '{"message":"Sent"}\n',
    "@log": "111122223333:/aws/lambda/sms-receiver-east-sender",
    "@ptr": "p1",
}
ROW = [{"field": name, "value": value} for name, value in FIELDS.items()]
GONE: dict[str, Any] = {"status": 400, "__type": "ResourceNotFoundException"}


def search(aws: Aws, *words: str, functions: tuple[str, ...] = ("sender", "api")) -> LineSearch:
    return aws.deployed.search_log(words, SINCE, NOW, functions)


def complete(*rows: object) -> dict[str, Any]:
    return {"status": "Complete", "results": list(rows)}


def test_two_requests_search_all_functions_for_all_words() -> None:
    aws = Aws({}, StartQuery={"queryId": "q"}, GetQueryResults=complete(ROW))
    found = search(aws, "SM1", "SM2").lines()
    moment = datetime(2026, 11, 23, 11, 59, 0, 250_000, tzinfo=UTC)
    assert found == FoundLines([LogLine("p1", "sender", moment, FIELDS["@message"])], complete=True)
    assert [operation for operation, _ in aws.requests] == ["StartQuery", "GetQueryResults"]
    asked = aws.requests[0][1]
    assert asked["logGroupNames"] == [f"/aws/lambda/sms-receiver-east-{name}" for name in ("sender", "api")]
    assert (asked["startTime"], asked["endTime"]) == (int(SINCE.timestamp()), int(NOW.timestamp()) + 1)
    assert 'filter @message like /"(SM1|SM2)"/' in asked["queryString"]


def test_a_log_that_does_not_exist_yet_hides_no_other() -> None:
    started: list[dict[str, Any]] = [GONE.copy(), GONE.copy(), {"queryId": "q"}]
    aws = Aws({}, StartQuery=started, GetQueryResults=complete(ROW))
    assert len(search(aws, "SM1").lines().lines) == 1
    groups = [request["logGroupNames"] for operation, request in aws.requests if operation == "StartQuery"]
    assert [len(names) for names in groups] == [2, 1, 1]


def test_where_no_function_ran_there_are_no_lines() -> None:
    aws = Aws({}, StartQuery=[GONE.copy(), GONE.copy(), GONE.copy()])
    assert search(aws, "SM1").lines() == FoundLines([], complete=True)


@pytest.mark.parametrize("word", ["", 'a"b', "a/b", "a|b", "a.b", "a b", "SM1\n", "é"])
def test_a_word_that_could_change_the_query_is_not_searched_for(word: str) -> None:
    aws = Aws({})
    with pytest.raises(InvalidValue) as raised:
        search(aws, "SM1", word)
    assert aws.requests == []
    assert len(word) < 2 or word not in str(raised.value)


class FakeLogs:
    """Logs Insights that gives one answer after the other."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def get_query_results(self, **_: str) -> dict[str, Any]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def query(*answers: dict[str, Any]) -> tuple[LogQuery, list[float]]:
    pauses: list[float] = []
    logs: Any = FakeLogs(*answers)
    return LogQuery(logs, ["q"], begun=0, clock=lambda: sum(pauses), sleep=pauses.append), pauses


def test_waits_until_the_query_is_complete() -> None:
    running = {"status": "Running", "results": []}
    asked, pauses = query({"status": "Scheduled", "results": []}, running, complete(ROW))
    rows, is_complete = asked.rows()
    assert ([row["@ptr"] for row in rows], is_complete, len(pauses)) == (["p1"], True, 2)


def test_uses_what_a_slow_query_has_found_so_far_and_says_so() -> None:
    asked, pauses = query({"status": "Running", "results": [ROW]})
    rows, is_complete = asked.rows()
    assert ([row["@ptr"] for row in rows], is_complete) == (["p1"], False)
    assert sum(pauses) <= WAIT_SECONDS


def test_says_when_there_are_more_lines_than_a_query_returns() -> None:
    asked, _ = query(complete(*[ROW] * LINES_MAX))
    assert not asked.rows().complete


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "Timeout", "Unknown"])
def test_a_query_that_fails_is_no_empty_log(status: str) -> None:
    asked, _ = query({"status": status, "results": []})
    with pytest.raises(Unavailable, match=f"ended as {status}"):
        asked.rows()


def test_a_refusal_of_aws_is_no_empty_log() -> None:
    aws = Aws({}, StartQuery={"status": 400, "__type": "AccessDeniedException", "message": "secret"})
    with pytest.raises(Unavailable, match="AWS answered AccessDeniedException") as raised:
        search(aws, "SM1")
    assert "secret" not in str(raised.value)
