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
from shared.aws.sessions import DynamoSessions
from shared.messages.promises import PromiseState
from shared.messages.sessions import EndedBy, Parties, ReceivedText, new_session_id, reminder
from shared.wiring import forwarder as forwarding
from tests.descriptions import check_queued
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER, PERSON, credential, managed_tenant
from tests.integration.aws_stub import AwsStub
from tests.integration.conftest import ENVIRONMENT, forget
from tests.integration.events import delivered
from tests.integration.stored_tenants import put_directory
from tests.promises_of_texts import TEXT_ID, promise
from tests.unit.docs.test_docs import template

CONTEXT: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000, function_name="a function")
DONE: dict[str, object] = {"batchItemFailures": []}
AGAIN: dict[str, object] = {"batchItemFailures": [{"itemIdentifier": "m1"}]}
REMINDERS = "https://sqs.us-east-1.amazonaws.com/123456789012/reminders"
SETTINGS = {
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
"""The forwarder's settings besides those of all functions."""
SORRY = replace(DESK, failure_reply="Sorry, not yet.", timeout_notice="Goodbye.")
PARTIES = Parties(OUR_NUMBER, PERSON, "twilio", ACCOUNT)
GROUP = f"acme.{promise().conversation}"


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
        **SETTINGS,
        "AWS_ENDPOINT_URL_DYNAMODB": local_aws,
        "STATE_TABLE": state_table,
        "CLAIMS_TABLE": claims_table,
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


@pytest.fixture
def sessions(promises: DynamoPromises, dynamodb: DynamoDBClient, state_table: str) -> DynamoSessions:
    """What the same forwarder keeps of sessions."""
    assert promises
    return DynamoSessions(dynamodb, state_table)


def texted(sessions: DynamoSessions, *, ago: float) -> dict[str, object]:
    """The reminder of a session whose only text was received so long ago."""
    turn = sessions.turn(GROUP, ReceivedText(TEXT_ID, due(-ago), PARTIES), SORRY)
    assert turn
    return reminder(turn.session_id, GROUP)


def test_a_session_that_timed_out_is_ended_and_the_person_hears_of_it(
    sessions: DynamoSessions, aws: AwsStub, logged: Callable[[], str]
) -> None:
    event = texted(sessions, ago=SORRY.session_seconds + 1)
    assert remind(json.dumps(event)) == DONE
    session = sessions.find(GROUP)
    assert session
    assert session.ended_by is EndedBy.TIMEOUT
    [sent] = aws.queued
    data = json.loads(sent["MessageBody"])["data"]
    check_queued(
        "outbound",
        json.loads(sent["MessageBody"]),
        group=sent["MessageGroupId"],
        deduplication=sent["MessageDeduplicationId"],
    )
    assert (data["text"], data["to"], sent["MessageDeduplicationId"]) == ("Goodbye.", PERSON, f"{session.id}-1")
    written = logged()
    [line] = [json.loads(line) for line in written.splitlines()]
    assert (line["message"], line["tenant"], line["correlation_id"]) == ("TimedOut", "acme", session.id)
    assert (line["agent"], line["conversation"]) == (SORRY.id, GROUP.partition(".")[2][:12])
    assert PERSON[1:] not in written


def test_a_session_that_goes_on_is_looked_at_later_without_a_word(
    sessions: DynamoSessions, aws: AwsStub, logged: Callable[[], str]
) -> None:
    event = texted(sessions, ago=60)
    assert remind(json.dumps(event)) == AGAIN
    [asked] = aws.postponed
    assert SORRY.session_seconds - 70 < asked["VisibilityTimeout"] <= SORRY.session_seconds - 59
    assert (aws.queued, logged()) == ([], "")


def test_what_was_looked_at_three_times_gets_a_new_reminder(sessions: DynamoSessions, aws: AwsStub) -> None:
    event = texted(sessions, ago=60)
    assert [remind(json.dumps(event), receives=receives) for receives in (1, 2, 3)] == [AGAIN, AGAIN, DONE]
    [sent] = aws.queued
    assert (sent["QueueUrl"], json.loads(sent["MessageBody"]), sent["DelaySeconds"]) == (REMINDERS, event, 900)


def test_a_session_that_has_ended_is_forgotten_without_a_word(
    sessions: DynamoSessions, aws: AwsStub, logged: Callable[[], str]
) -> None:
    event = texted(sessions, ago=4000)
    sessions.end(GROUP, TEXT_ID)
    assert remind(json.dumps(event)) == DONE
    assert (aws.queued, aws.postponed, logged()) == ([], [], "")


@pytest.mark.usefixtures("promises")
def test_an_event_without_messages_has_nothing_to_say() -> None:
    assert forwarder.lambda_handler({"Records": []}, CONTEXT) == {"batchItemFailures": []}


def test_a_reminder_fits_into_its_queue() -> None:
    longest = json.dumps(reminder(new_session_id(), f"{'a' * 32}.{'c' * 64}"))
    assert len(longest) < template("infra/queues.yml")["Resources"]["ReminderQueue"]["Properties"]["MaximumMessageSize"]
