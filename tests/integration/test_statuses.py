"""The handler of statuses: an empty answer, the record on a DynamoDB, and the event for the backend."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient

from handlers.aws_events import ProxyRequest
from handlers.statuses import lambda_handler
from shared.aws.reply_records import DynamoReplies
from shared.messages.outbound import Reply
from shared.wiring import aws as wiring_aws
from tests.fakes import LISTENING, NOW, OUR_NUMBER, PERSON, STRANGER, managed_tenant, status
from tests.integration.aws_stub import READ, AwsStub
from tests.integration.conftest import ENVIRONMENT
from tests.integration.events import status_event, with_headers
from tests.integration.stored_tenants import put_directory

GATEWAY = "https://abcdef1234.execute-api.us-east-1.amazonaws.com/east/sms.receiver/SmsStatus/acme/SM42-1"


@pytest.fixture(autouse=True)
def replies(  # noqa: PLR0913, PLR0917 - each is a part of the world
    aws: AwsStub,
    dynamodb: DynamoDBClient,
    state_table: str,
    directory_table: str,
    local_aws: str,
    monkeypatch: pytest.MonkeyPatch,
) -> DynamoReplies:
    """The records, with one of a reply whose status is not known yet."""
    aws.keep(managed_tenant(agents=(LISTENING,)))
    assert directory_table
    put_directory(dynamodb, managed_tenant(agents=(LISTENING,)))
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", local_aws)
    monkeypatch.setenv("STATE_TABLE", state_table)
    made = DynamoReplies(dynamodb, state_table, life_seconds=60)
    made.attempt(Reply("acme", "SM42-1", "desk", "c0ffee", "SM42"), at=NOW)
    return made


def answered(event: ProxyRequest) -> tuple[int, str]:
    answer = lambda_handler(event, None)
    return answer["statusCode"], answer.get("body", "")


@pytest.mark.parametrize("signed", ["", GATEWAY])
def test_a_status_is_kept_and_queued_and_answered_with_nothing(
    signed: str, aws: AwsStub, replies: DynamoReplies
) -> None:
    assert answered(status_event(status(), signed=signed)) == (204, "")
    found = replies.find("acme", "SM42-1")
    assert found
    assert (found.status, found.message_id) == ("delivered", "SM" + "5" * 32)
    (sent,) = aws.queued
    assert sent["QueueUrl"] == ENVIRONMENT["INBOUND_QUEUE_URL"]
    assert (sent["MessageGroupId"], sent["MessageDeduplicationId"]) == ("acme.SM42-1", "SM42-1.delivered")
    assert json.loads(sent["MessageBody"])["type"] == "sms.message.status.v1"


def test_a_late_and_an_unknown_status_are_answered_alike_and_queue_nothing(aws: AwsStub) -> None:
    answered(status_event(status()))
    assert answered(status_event(status(MessageStatus="sent"))) == (204, "")
    unknown = "/sms.receiver/SmsStatus/acme/SM43-1"
    assert answered(status_event(status(), path=unknown)) == (204, "")
    assert len(aws.queued) == 1


@pytest.mark.parametrize(
    ("event", "looks"),
    [
        (status_event(status(), token="wrong"), 1),
        (status_event(status(AccountSid=STRANGER)), 1),
        (status_event(status(), path="/sms.receiver/SmsStatus/nobody/SM42-1"), 1),
        (status_event(status(), path="/sms.receiver/SmsStatus/acme"), 0),
        (status_event(status(), path="/sms.receiver/SmsStatus/acme/"), 0),
        (status_event(status(), path="/sms.receiver/SmsStatus/acme/SM42-1/more"), 0),
        (status_event(status(), path="/sms.receiver/SmsStatus/ACME/SM42-1"), 0),
        (with_headers(status_event(status()), X_Twilio_Signature=None), 0),
        (status_event(status()) | {"body": None}, 0),
        (with_headers(status_event(status(), signed="https://evil.example/x"), Host="evil.example"), 1),
    ],
)
def test_every_forgery_is_the_same_403(event: ProxyRequest, looks: int, aws: AwsStub) -> None:
    code, body = answered(event)
    assert code == 403
    assert json.loads(body) == {
        "reason": "invalid_signature",
        "message": "this status is not signed by an account of this tenant",
    }
    assert aws.queued == []
    assert 0 <= aws.asked.count(READ) <= 2 * looks


def test_a_signed_request_that_is_no_status_is_400(aws: AwsStub) -> None:
    assert answered(status_event(status(MessageStatus="")))[0] == 400
    assert aws.queued == []


def test_a_dynamodb_that_nobody_answers_for_is_503(aws: AwsStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    assert answered(status_event(status()))[0] == 503
    assert aws.queued == []


@pytest.mark.parametrize(("code", "metric"), [("30034", "ReplyFailed"), ("30003", "ReplyUnreachable")])
def test_a_failure_counts_by_the_providers_number_for_it(code: str, metric: str, logged: Callable[[], str]) -> None:
    answered(status_event(status(MessageStatus="sent")))
    answered(status_event(status(MessageStatus="undelivered", ErrorCode=code)))
    [line] = map(json.loads, logged().splitlines())
    assert (line["message"], line[metric], line["error_code"]) == ("NotDelivered", 1, code)
    assert {"ReplyFailed", "ReplyUnreachable"} & line.keys() == {metric}
    assert line["agent"] == LISTENING.id
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["stage"], ["stage", "error_code"]]


def test_a_failure_that_cannot_be_counted_is_kept_and_the_loss_of_the_count_is_logged(
    replies: DynamoReplies, logged: Callable[[], str]
) -> None:
    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "TransactWriteItems")

    wiring_aws.dynamodb().meta.events.register("before-call.dynamodb.TransactWriteItems", fail)
    assert answered(status_event(status(MessageStatus="undelivered", ErrorCode="30003"))) == (204, "")
    found = replies.find("acme", "SM42-1")
    assert found
    assert found.status == "undelivered"
    failed, line = map(json.loads, logged().splitlines())
    assert (failed["message"], failed["correlation_id"], failed["reply"]) == ("Failed", "SM42", "1")
    assert failed["detail"] == "the usage could not be counted: AWS answered AccessDeniedException"
    assert line["message"] == "NotDelivered"


def test_what_failed_for_now_is_queued_for_the_sender_and_counts_as_no_failure(
    aws: AwsStub, logged: Callable[[], str]
) -> None:
    assert answered(status_event(status(MessageStatus="failed", ErrorCode="30001"))) == (204, "")
    (sent,) = aws.queued
    assert sent["QueueUrl"] == ENVIRONMENT["OUTBOUND_QUEUE_URL"]
    assert (sent["MessageGroupId"], sent["MessageDeduplicationId"]) == ("acme.c0ffee", "SM42-1.SM" + "5" * 32)
    [line] = map(json.loads, logged().splitlines())
    assert (line["message"], line["reason"], line["error_code"]) == ("Postponed", "provider_unavailable", "30001")
    assert not {"ReplyFailed", "ReplyUnreachable"} & line.keys()


def test_a_word_that_nobody_knows_is_queued_and_logged_as_it_is(aws: AwsStub, logged: Callable[[], str]) -> None:
    assert answered(status_event(status(MessageStatus="wondrous"))) == (204, "")
    (sent,) = aws.queued
    assert json.loads(sent["MessageBody"])["data"]["status"] == "wondrous"
    [line] = map(json.loads, logged().splitlines())
    assert (line["message"], line["status"]) == ("NewStatus", "wondrous")


def test_logs_ids_and_the_status_and_nothing_personal(logged: Callable[[], str]) -> None:
    answered(status_event(status()))
    written = logged()
    [line] = map(json.loads, written.splitlines())
    assert (line["message"], line["tenant"]) == ("Delivered", "acme")
    assert (line["correlation_id"], line["reply"]) == ("SM42", "1")
    assert PERSON.strip("+") not in written
    assert OUR_NUMBER.strip("+") not in written
