"""Sessions through the API's handler with API Gateway's own events: a real DynamoDB, a stub of SQS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from handlers.api import lambda_handler
from shared.aws.sessions import DynamoSessions
from shared.messages import events
from shared.messages.sessions import EndedBy, Session
from shared.public_paths import BEGIN_SESSION, END_SESSION
from shared.tenants.tenant import Role
from tests.descriptions import check_queued
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER, PERSON, credential, managed_tenant
from tests.integration.aws_stub import AwsStub
from tests.integration.conftest import ENVIRONMENT, forget
from tests.integration.events import LambdaContext, api_event, as_described
from tests.integration.stored_tenants import put_directory

WRITER, KEY = credential()
READER, READER_KEY = credential(Role.READER, name="reader")
TENANT = managed_tenant(WRITER, READER, agents=(replace(DESK, timeout_notice="Goodbye."),))
CONTEXT = {"order": 7, "note": "private words"}
TALK = {"from": OUR_NUMBER, "to": PERSON}
NEW = TALK | {"account": ACCOUNT}
GROUP = f"acme.{events.conversation_id(TENANT.salt, ours=OUR_NUMBER, person=PERSON)}"
Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def sessions(  # noqa: PLR0913, PLR0917 - each is a part of the world
    aws: AwsStub,
    local_aws: str,
    dynamodb: DynamoDBClient,
    directory_table: str,
    state_table: str,
    claims_table: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[DynamoSessions]:
    """A cold start of the API with tables of its own, and the sessions that it keeps there."""
    assert directory_table
    aws.keep(TENANT)
    put_directory(dynamodb, TENANT)
    tables = {"STATE_TABLE": state_table, "CLAIMS_TABLE": claims_table, "AWS_ENDPOINT_URL_DYNAMODB": local_aws}
    for name, value in tables.items():
        monkeypatch.setenv(name, value)
    forget()
    yield DynamoSessions(dynamodb, state_table)
    forget()


def ask(path: str, body: object, *, key: str = KEY, **headers: str) -> tuple[int, dict[str, Any]]:
    """The answer's status and JSON, as docs/openapi.yaml describes them."""
    event = api_event(key, json.dumps(body), **headers) | {"resource": path, "path": path}
    answer = as_described(lambda_handler(event, LambdaContext()), path)
    return answer["statusCode"], json.loads(answer["body"])


def stored(sessions: DynamoSessions) -> Session:
    session = sessions.find(GROUP)
    assert session
    return session


def sent(aws: AwsStub, queue: str) -> list[dict[str, Any]]:
    return [
        json.loads(queued["MessageBody"]) | {"delay": queued.get("DelaySeconds")}
        for queued in aws.queued
        if queued["QueueUrl"] == ENVIRONMENT[queue]
    ]


def test_creates_a_session_with_its_reminder_and_its_first_message(sessions: DynamoSessions, aws: AwsStub) -> None:
    status, said = ask(BEGIN_SESSION, NEW | {"context": CONTEXT, "text": "Hello"})
    assert status == 201
    session = stored(sessions)
    assert (session.id, session.context) == (said["session_id"], CONTEXT)
    [reminder] = sent(aws, "REMINDER_QUEUE_URL")
    assert reminder == {"tenant": "acme", "id": session.id, "conversation": GROUP.partition(".")[2], "delay": 900}
    [queued] = [queued for queued in aws.queued if queued["QueueUrl"] == ENVIRONMENT["OUTBOUND_QUEUE_URL"]]
    event = json.loads(queued["MessageBody"])
    check_queued("outbound", event, group=queued["MessageGroupId"], deduplication=queued["MessageDeduplicationId"])
    assert [event["id"]] == said["reply_ids"] == [f"{said['id']}-1"]
    assert "private" not in json.dumps(aws.queued)


def test_without_a_message_nothing_goes_to_the_person(sessions: DynamoSessions, aws: AwsStub) -> None:
    status, said = ask(BEGIN_SESSION, NEW)
    assert (status, said["id"], said["reply_ids"]) == (201, None, [])
    assert stored(sessions).context is None
    assert sent(aws, "OUTBOUND_QUEUE_URL") == []


def test_a_repeat_with_the_same_idempotency_key_is_answered_alike(sessions: DynamoSessions, aws: AwsStub) -> None:
    body = NEW | {"context": CONTEXT, "text": "Hello"}
    answers = [ask(BEGIN_SESSION, body, Idempotency_Key="order 7") for _ in range(3)]
    assert answers == [answers[0]] * 3
    assert answers[0][0] == 201
    assert len(sent(aws, "OUTBOUND_QUEUE_URL")) == len(sent(aws, "REMINDER_QUEUE_URL")) == 1
    assert stored(sessions).revision == 1
    status, said = ask(BEGIN_SESSION, NEW, Idempotency_Key="order 7")
    assert (status, said["reason"]) == (409, "idempotency_mismatch")


def test_ends_the_session_that_is_open_and_says_when_there_is_none(sessions: DynamoSessions) -> None:
    assert ask(END_SESSION, TALK) == (200, {"session_id": None, "ended": False})
    session_id = ask(BEGIN_SESSION, NEW | {"context": CONTEXT})[1]["session_id"]
    assert ask(END_SESSION, TALK | {"session_id": "SE1"}) == (200, {"session_id": None, "ended": False})
    assert ask(END_SESSION, TALK | {"session_id": session_id}) == (200, {"session_id": session_id, "ended": True})
    session = stored(sessions)
    assert (session.ended_by, session.context) == (EndedBy.PROGRAM, None)
    assert ask(END_SESSION, TALK)[1] == {"session_id": None, "ended": False}


@pytest.mark.parametrize("path", [BEGIN_SESSION, END_SESSION])
@pytest.mark.parametrize(
    ("key", "changes", "status", "reason"),
    [
        ("nonsense", {}, 401, "invalid_key"),
        (READER_KEY, {}, 403, "forbidden_role"),
        (KEY, {"from": "+12025550111"}, 403, "not_our_number"),
        (KEY, {"to": "mom"}, 400, "malformed"),
        (KEY, {"more": 1}, 400, "malformed"),
        (KEY, {"to": "x" * 300_000}, 413, "too_large"),
    ],
)
def test_what_is_refused_is_answered_as_described(  # noqa: PLR0913, PLR0917 - the case
    path: str, key: str, changes: dict[str, object], status: int, reason: str, sessions: DynamoSessions
) -> None:
    got, said = ask(path, TALK | changes, key=key)
    assert (got, said["reason"]) == (status, reason)
    assert sessions.find(GROUP) is None


def test_the_lines_name_the_session_and_nothing_personal(sessions: DynamoSessions, logged: Callable[[], str]) -> None:
    _, begun = ask(BEGIN_SESSION, NEW | {"context": CONTEXT, "text": "Hello"})
    ask(END_SESSION, TALK)
    ask(END_SESSION, TALK)
    ask(BEGIN_SESSION, NEW | {"context": CONTEXT, "text": " "})
    written = logged()
    lines = [json.loads(line) for line in written.splitlines()]
    assert [(line["message"], line.get("correlation_id"), line.get("reason")) for line in lines] == [
        ("SessionBegun", begun["session_id"], None),
        ("Submitted", begun["id"], None),
        ("SessionEnded", begun["session_id"], None),
        ("SessionEnded", None, "no_session"),
        ("Refused", None, "malformed"),
    ]
    assert {line["credential"] for line in lines} == {WRITER.id}
    assert {line["conversation"] for line in lines[:4]} == {GROUP.partition(".")[2][:12]}
    for personal in (PERSON[1:], OUR_NUMBER[1:], "private", "order", "Hello", "Goodbye"):
        assert personal not in written
    assert stored(sessions)
