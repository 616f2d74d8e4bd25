"""The audit log on the local AWS, and the fake of the unit tests; and what AWS says when something is wrong."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.stub import Stubber
from mypy_boto3_logs import CloudWatchLogsClient

from devstack.aws import LocalAws
from operations.audit.log import CloudWatchAudit
from operations.stage.target import Audit
from shared.errors import CommandDeclined, Unavailable
from tests.unit.cli.command import FakeAudit

NOW = datetime.now(UTC)


@pytest.fixture
def logs(local_aws: str) -> CloudWatchLogsClient:
    return LocalAws(local_aws).logs("us-east-1")


@pytest.fixture
def adapter(logs: CloudWatchLogsClient) -> CloudWatchAudit:
    """The audit log of a stage that is deployed."""
    stage = uuid4().hex
    logs.create_log_group(logGroupName=f"/sms-receiver/{stage}/audit")
    return CloudWatchAudit(logs, stage)


@pytest.fixture(params=["the adapter", "the fake"])
def audit(request: pytest.FixtureRequest) -> Audit:
    if request.param == "the fake":
        return FakeAudit()
    adapter: CloudWatchAudit = request.getfixturevalue("adapter")
    return adapter


def record(what: str, at: datetime = NOW) -> dict[str, Any]:
    return {"time": at.isoformat(timespec="milliseconds"), "what": what, "tenant": "acme", "who": "Jürgen"}


def test_keeps_records_as_they_are_and_in_order(audit: Audit) -> None:
    first, second, third = (record(name, NOW + timedelta(milliseconds=n)) for n, name in enumerate(("a.b", "c", "d")))
    audit.write([first, second])
    audit.write([third])
    assert list(audit.read(NOW - timedelta(minutes=1))) == [first, second, third]


def test_reads_nothing_older(audit: Audit) -> None:
    audit.write([record("yesterday", NOW - timedelta(days=1))])
    audit.write([record("today")])
    assert [line["what"] for line in audit.read(NOW - timedelta(hours=1))] == ["today"]


def test_the_oldest_comes_first_whenever_it_was_written(audit: Audit) -> None:
    for minutes in (2, 3, 1):
        audit.write([record(f"{minutes} ago", NOW - timedelta(minutes=minutes))])
    assert [line["what"] for line in audit.read(NOW - timedelta(hours=1))] == ["3 ago", "2 ago", "1 ago"]


def test_a_record_is_what_it_was_when_it_was_written(audit: Audit) -> None:
    written = {**record("before"), "fields": ("a", "b")}
    audit.write([written])
    written["what"] = "after"
    assert list(audit.read(NOW - timedelta(hours=1))) == [{**record("before"), "fields": ["a", "b"]}]


def test_each_stage_has_its_own(adapter: CloudWatchAudit, logs: CloudWatchLogsClient) -> None:
    other = uuid4().hex
    logs.create_log_group(logGroupName=f"/sms-receiver/{other}/audit")
    adapter.write([record("here")])
    assert list(CloudWatchAudit(logs, other).read(NOW - timedelta(hours=1))) == []


def test_writes_more_lines_than_fit_into_a_request(audit: Audit) -> None:
    many = [record(f"number {n}") for n in range(1001)]
    audit.write(many)
    lines = list(audit.read(NOW - timedelta(minutes=1)))
    assert {line["what"] for line in lines} == {line["what"] for line in many}


def test_says_what_to_do_when_the_stage_is_not_deployed(logs: CloudWatchLogsClient) -> None:
    nowhere = CloudWatchAudit(logs, "south")
    with pytest.raises(CommandDeclined, match="make deploy STAGE=south"):
        nowhere.write([record("a")])
    with pytest.raises(CommandDeclined, match="make deploy STAGE=south"):
        list(nowhere.read(NOW))


PUT = {
    "logGroupName": "/sms-receiver/east/audit",
    "logStreamName": NOW.date().isoformat(),
    "logEvents": [
        {"timestamp": int(NOW.timestamp() * 1000), "message": json.dumps(record("a"), ensure_ascii=False)},
    ],
}


@pytest.fixture
def stubbed() -> Iterator[tuple[CloudWatchAudit, Stubber]]:
    client = boto3.client("logs", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with closing(client), Stubber(client) as stubber:
        yield CloudWatchAudit(client, "east"), stubber
        stubber.assert_no_pending_responses()


def test_a_stream_that_somebody_else_makes_at_the_same_moment_is_no_failure(
    stubbed: tuple[CloudWatchAudit, Stubber],
) -> None:
    audit, stubber = stubbed
    stubber.add_client_error("put_log_events", "ResourceNotFoundException", expected_params=PUT)
    stubber.add_client_error("create_log_stream", "ResourceAlreadyExistsException")
    stubber.add_response("put_log_events", {}, PUT)
    audit.write([record("a")])


@pytest.mark.parametrize("operation", ["put_log_events", "create_log_stream"])
def test_a_refusal_of_aws_is_unavailable_and_quotes_nothing(
    operation: str, stubbed: tuple[CloudWatchAudit, Stubber]
) -> None:
    audit, stubber = stubbed
    if operation != "put_log_events":
        stubber.add_client_error("put_log_events", "ResourceNotFoundException")
    stubber.add_client_error(operation, "AccessDeniedException", "secret details")
    with pytest.raises(Unavailable, match="stage east could not be written: AWS answered AccessDeniedEx") as caught:
        audit.write([record("a")])
    assert "secret details" not in str(caught.value)


def test_lines_that_aws_takes_and_throws_away_are_a_failure(stubbed: tuple[CloudWatchAudit, Stubber]) -> None:
    audit, stubber = stubbed
    stubber.add_response("put_log_events", {"rejectedLogEventsInfo": {"tooNewLogEventStartIndex": 0}})
    with pytest.raises(Unavailable, match="this computer's clock"):
        audit.write([record("a")])


def test_does_not_take_a_refusal_for_an_empty_log(stubbed: tuple[CloudWatchAudit, Stubber]) -> None:
    audit, stubber = stubbed
    stubber.add_client_error("filter_log_events", "AccessDeniedException")
    with pytest.raises(Unavailable):
        list(audit.read(NOW))
