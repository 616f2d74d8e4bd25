"""Reminders of promised answers through the forwarder's handler as AWS runs it: a real DynamoDB, a stub of SQS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from handlers import forwarder
from handlers.aws_events import BatchResponse
from shared.aws.promises import DynamoPromises
from shared.messages.promises import PromiseState
from shared.wiring import forwarder as forwarding
from tests.fakes import DESK, credential, managed_tenant
from tests.integration.aws_stub import AwsStub
from tests.integration.conftest import ENVIRONMENT, forget
from tests.integration.events import delivered
from tests.integration.stored_tenants import put_directory
from tests.promises_of_texts import TEXT_ID, promise

CONTEXT: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000, function_name="a function")
DONE: dict[str, object] = {"batchItemFailures": []}
AGAIN: dict[str, object] = {"batchItemFailures": [{"itemIdentifier": "m1"}]}
REMINDERS = "https://sqs.us-east-1.amazonaws.com/123456789012/reminders"
SORRY = replace(DESK, failure_reply="Sorry, not yet.")


@pytest.fixture
def promises(  # noqa: PLR0913, PLR0917 - each is a part of the world
    aws: AwsStub,
    local_aws: str,
    dynamodb: DynamoDBClient,
    directory_table: str,
    state_table: str,
    claims_table: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[DynamoPromises]:
    """A cold start of the forwarder with tables of its own, and what it keeps there."""
    member, _ = credential()
    assert directory_table
    put_directory(dynamodb, managed_tenant(member, agents=(SORRY,)))
    values = {
        "AWS_ENDPOINT_URL_DYNAMODB": local_aws,
        "STATE_TABLE": state_table,
        "CLAIMS_TABLE": claims_table,
        "PARKED_LIFE_SECONDS": "3600",
        "RETRY_DELAYS_SECONDS": "5,20",
        "STATUS_RETRY_DELAYS_SECONDS": "5",
        "OUTAGE_DELAYS_SECONDS": "15,30",
        "FAILURE_REPLY_SECONDS": "60",
        "LIMIT_TEXTS": "40",
        "LIMIT_SECONDS": "600",
        "BACKEND_ADDRESSES": "public",
        "REMINDER_QUEUE_URL": REMINDERS,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    cold()
    yield DynamoPromises(dynamodb, state_table, life_seconds=3600)
    cold()


def cold() -> None:
    """Makes the next call of the handler a cold start."""
    forget()
    for made in vars(forwarding).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()


def remind(body: str | None = None, *, receives: int = 1) -> BatchResponse:
    """The handler's answer to a message of the queue of reminders."""
    event = delivered(json.dumps({"tenant": "acme", "id": TEXT_ID}) if body is None else body, receives=receives)
    event["Records"][0]["eventSourceARN"] = "arn:aws:sqs:us-east-1:123456789012:reminders"
    return forwarder.lambda_handler(event, CONTEXT)


def due(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_a_promise_that_is_due_is_told_and_the_person_hears_of_it(
    promises: DynamoPromises, aws: AwsStub, logged: Callable[[], str]
) -> None:
    promises.make(promise(due_at=due(-1)))
    assert remind() == DONE
    found = promises.find("acme", TEXT_ID)
    assert found
    assert found.state is PromiseState.OVERDUE
    [sent] = aws.queued
    assert sent["QueueUrl"] == ENVIRONMENT["OUTBOUND_QUEUE_URL"]
    assert json.loads(sent["MessageBody"])["data"]["text"] == "Sorry, not yet."
    [line] = [json.loads(line) for line in logged().splitlines()]
    assert (line["message"], line["tenant"], line["correlation_id"], line["Overdue"]) == ("Overdue", "acme", TEXT_ID, 1)


def test_a_promise_that_is_not_due_yet_is_put_off_without_a_word(
    promises: DynamoPromises, aws: AwsStub, logged: Callable[[], str]
) -> None:
    promises.make(promise(due_at=due(3600)))
    assert remind() == AGAIN
    [asked] = aws.postponed
    assert (asked["QueueUrl"], asked["ReceiptHandle"]) == (REMINDERS, "r1")
    assert 3590 < asked["VisibilityTimeout"] <= 3600
    assert (aws.queued, logged()) == ([], "")


def test_a_promise_that_was_kept_is_forgotten_without_a_word(
    promises: DynamoPromises, aws: AwsStub, logged: Callable[[], str]
) -> None:
    promises.make(promise(due_at=due(-1)))
    promises.fulfil(promise())
    assert remind(receives=2) == DONE
    assert (aws.queued, aws.postponed, logged()) == ([], [], "")


@pytest.mark.parametrize("body", ["no JSON", "[]", '{"tenant": "acme"}', '{"tenant": "\\ud800", "id": "SM1"}'])
def test_a_reminder_that_names_nothing_is_refused_and_does_not_come_again(
    body: str, promises: DynamoPromises, logged: Callable[[], str]
) -> None:
    assert promises
    assert remind(body) == DONE
    [line] = [json.loads(line) for line in logged().splitlines()]
    assert (line["message"], line["reason"]) == ("Refused", "malformed")
