"""The sender's handler as AWS runs it: a real claim and record on a DynamoDB, a stub of SQS, a stub of Twilio."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from handlers.aws_events import BatchResponse
from handlers.sender import lambda_handler
from shared.aws.parking import DynamoParking
from shared.aws.reply_records import DynamoReplies
from shared.wiring import sender
from tests.fakes import LISTENING, OUR_NUMBER, PERSON, REST_SECRET, TOKEN, managed_tenant
from tests.integration.aws_stub import AwsStub
from tests.integration.events import delivered
from tests.integration.stored_tenants import put_directory
from tests.integration.twilio_stub import RESET, TwilioStub, resource
from tests.unit.messages.outbound_events import outbound
from tests.unit.sending.test_resending import resend

OUTBOUND = "https://sqs.us-east-1.amazonaws.com/123456789012/outbound.fifo"
CONTEXT: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000, function_name="sender")
SID, SECOND_SID = "SM" + "5" * 32, "SM" + "6" * 32
MADE = {"sid": SID, "status": "queued"}


@pytest.fixture
def tables(
    local_aws: str, dynamodb: DynamoDBClient, state_table: str, claims_table: str, directory_table: str
) -> dict[str, str]:
    """Where the DynamoDB is, and its tables; the directory has the tenant."""
    assert directory_table
    put_directory(dynamodb, managed_tenant(agents=(LISTENING,)))
    return {"AWS_ENDPOINT_URL_DYNAMODB": local_aws, "STATE_TABLE": state_table, "CLAIMS_TABLE": claims_table}


@pytest.fixture(autouse=True)
def settings(
    aws: AwsStub, tables: dict[str, str], twilio: TwilioStub, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A cold start with settings of its own."""
    aws.keep(managed_tenant(agents=(LISTENING,)))
    values = tables | {
        "OUTBOUND_QUEUE_URL": OUTBOUND,
        "PARKED_LIFE_SECONDS": "3600",
        "RETRY_DELAYS_SECONDS": "5,20",
        "OUTAGE_DELAYS_SECONDS": "15,30",
        "TWILIO_URL": twilio.url,
        "PROVIDER_TIMEOUT_SECONDS": "5",
        "RESEND_DELAYS_SECONDS": "60,300",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    wired = (sender.settings, sender.adapters, sender.sender)
    for cached in wired:
        cached.cache_clear()
    yield
    for cached in wired:
        cached.cache_clear()


@pytest.fixture
def replies(dynamodb: DynamoDBClient, state_table: str) -> DynamoReplies:
    return DynamoReplies(dynamodb, state_table, life_seconds=3600)


@pytest.fixture
def parking(dynamodb: DynamoDBClient, state_table: str) -> DynamoParking:
    return DynamoParking(dynamodb, state_table, life_seconds=3600)


def send(event: object, *, receives: int = 1) -> BatchResponse:
    """The handler's answer to a message of the queue."""
    body = event if isinstance(event, str) else json.dumps(event)
    return lambda_handler(delivered(body, receives=receives), CONTEXT)


DONE: dict[str, object] = {"batchItemFailures": []}
AGAIN: dict[str, object] = {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_sends_once_however_often_it_is_send(twilio: TwilioStub, replies: DynamoReplies) -> None:
    twilio.answers = [(201, MADE)]
    assert [send(outbound(), receives=n) for n in (1, 2, 3)] == [DONE] * 3
    (asked,) = twilio.asked
    assert dict(asked.fields) == {
        "To": PERSON,
        "From": OUR_NUMBER,
        "Body": "part 1",
        "StatusCallback": "https://sms-east.example.com/sms.receiver/SmsStatus/acme/SM42-1",
    }
    found = replies.find("acme", "SM42-1")
    assert found
    assert (found.message_id, found.status, found.rank) == (SID, "queued", 2)


def test_comes_again_after_the_delay_and_not_by_an_exception(aws: AwsStub, twilio: TwilioStub) -> None:
    twilio.answers = [(429, {"code": 20429}), (201, MADE)]
    assert send(outbound()) == AGAIN
    (postponed,) = aws.postponed
    assert (postponed["QueueUrl"], postponed["ReceiptHandle"]) == (OUTBOUND, "r1")
    assert 4 <= postponed["VisibilityTimeout"] <= 6
    assert send(outbound(), receives=2) == DONE
    assert len(twilio.asked) == 2


def test_a_lost_answer_is_settled_by_a_look_at_twilio(twilio: TwilioStub, replies: DynamoReplies) -> None:
    listed = MADE | {"direction": "outbound-api", "from": OUR_NUMBER, "to": PERSON, "body": "part 1", "num_media": "0"}
    twilio.answers = [RESET, (200, {"messages": [listed], "page": 0, "page_size": 100})]
    assert send(outbound()) == AGAIN
    assert send(outbound(), receives=2) == DONE
    assert [asked.method for asked in twilio.asked] == ["POST", "GET"]
    assert replies.owner("acme", SID) == "SM42-1"


def test_is_parked_when_the_tries_are_used_up(twilio: TwilioStub, parking: DynamoParking) -> None:
    twilio.answers = [(429, {"code": 20429})] * 3
    assert [send(outbound(), receives=n) for n in (1, 2, 3)] == [AGAIN, AGAIN, DONE]
    (parked,) = parking.parked("acme")
    assert (parked.id, parked.queue, parked.reason) == ("SM42-1", "outbound", "provider_unavailable")
    assert parked.event == outbound()
    twilio.answers = [(201, MADE)]
    assert send(outbound() | {"replay": 1}) == DONE


def test_a_refusal_is_parked_and_told(aws: AwsStub, twilio: TwilioStub, parking: DynamoParking) -> None:
    twilio.answers = [(400, {"code": 21408, "message": f"{PERSON} is abroad"})]
    assert send(outbound()) == DONE
    assert [one.reason for one in parking.parked("acme")] == ["provider_refused"]
    (told,) = aws.queued
    assert json.loads(told["MessageBody"])["data"]["error_code"] == 21408


def test_a_landline_is_told_and_not_parked(
    aws: AwsStub, twilio: TwilioStub, parking: DynamoParking, logged: Callable[[], str]
) -> None:
    twilio.answers = [(400, {"code": 21614, "message": f"{PERSON} is no mobile number"})]
    assert send(outbound()) == DONE
    assert parking.parked("acme") == []
    (told,) = aws.queued
    assert json.loads(told["MessageBody"])["data"]["error_code"] == 21614
    [line] = map(json.loads, logged().splitlines())
    assert (line["message"], line["reason"], line["error_code"]) == ("NotSent", "unreachable", "21614")
    assert line["ReplyUnreachable"] == 1
    assert "ReplyFailed" not in line


def test_what_failed_for_now_is_read_at_twilio_and_sent_once_more(
    aws: AwsStub, twilio: TwilioStub, replies: DynamoReplies, logged: Callable[[], str]
) -> None:
    twilio.answers = [(201, MADE)]
    assert send(outbound()) == DONE
    stored = resource(sid=SID, status="failed", error_code=30001, num_media="0", body="part 1")
    twilio.answers = [(200, stored), (201, {"sid": SECOND_SID, "status": "queued"})]
    assert send(resend(SID)) == AGAIN
    assert aws.postponed[-1]["VisibilityTimeout"] == 60
    assert send(resend(SID), receives=2) == DONE
    assert send(resend(SID), receives=3) == DONE
    assert [asked.method for asked in twilio.asked] == ["POST", "GET", "POST"]
    assert dict(twilio.asked[2].fields)["Body"] == "part 1"
    found = replies.find("acme", "SM42-1")
    assert found
    assert (found.message_id, found.superseded) == (SECOND_SID, frozenset({SID}))
    lines = [json.loads(line) for line in logged().splitlines()]
    assert [line["message"] for line in lines] == ["Sent", "Postponed", "Sent", "Sent"]
    assert lines[1]["reason"] == "provider_unavailable"


def test_what_names_no_tenant_is_refused_and_forgotten(aws: AwsStub, twilio: TwilioStub) -> None:
    bodies: list[object] = ["no JSON", {"id": "SM42-1"}, []]
    for body in bodies:
        assert send(body) == {"batchItemFailures": []}
    assert aws.postponed == []
    assert twilio.asked == []


def test_a_dynamodb_that_nobody_answers_for_sends_nothing_and_comes_again(
    twilio: TwilioStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    assert send(outbound()) == AGAIN
    assert twilio.asked == []


def test_logs_ids_and_nothing_personal(twilio: TwilioStub, logged: Callable[[], str]) -> None:
    twilio.answers = [(400, {"code": 21408, "message": f"{PERSON} is abroad"}), (201, MADE), (500, "")]
    for answer_id in ("SM41", "SM42", "SM43"):
        send(outbound(answer_id))
    written = logged()
    outcomes = [json.loads(line)["message"] for line in written.splitlines() if '"message"' in line]
    assert outcomes == ["Parked", "Sent", "Postponed"]
    for word in (PERSON.strip("+"), OUR_NUMBER.strip("+"), "part 1", TOKEN, REST_SECRET):
        assert word not in written
