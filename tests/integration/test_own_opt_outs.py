"""STOP and START where Twilio keeps neither, through the handlers as AWS runs them: a real DynamoDB, the rest stubs."""

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from handlers import api, forwarder, sender
from handlers.aws_events import BatchResponse
from shared.tenants.agent import BackendSettings
from shared.wiring import forwarder as forwarding
from shared.wiring import sender as sending
from tests.fakes import ACCOUNT, LISTENING, OUR_NUMBER, PERSON, credential, managed_tenant
from tests.forwarding_fakes import text
from tests.integration.aws_stub import AwsStub
from tests.integration.conftest import ENVIRONMENT, forget
from tests.integration.events import API_PATH, api_event, as_described, delivered
from tests.integration.stored_tenants import put_directory
from tests.integration.twilio_stub import TwilioStub

OURS, THEIRS = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
CONTEXT: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000, function_name="a function")
WRITER, KEY = credential()
MADE = {"sid": "SM" + "6" * 32, "status": "queued"}
ECHO = replace(
    LISTENING,
    backend=BackendSettings("echo"),
    second_backend=BackendSettings("http", "https://example.com/", statuses=True),
)
DONE: dict[str, object] = {"batchItemFailures": []}
AGAIN: dict[str, object] = {"batchItemFailures": [{"itemIdentifier": "m1"}]}


@pytest.fixture(autouse=True)
def settings(  # noqa: PLR0913, PLR0917 - each is a part of the world
    aws: AwsStub,
    twilio: TwilioStub,
    local_aws: str,
    dynamodb: DynamoDBClient,
    directory_table: str,
    state_table: str,
    claims_table: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """A cold start of all three, with tables of their own."""
    aws.keep(managed_tenant(WRITER, agents=(ECHO,)))
    assert directory_table
    put_directory(dynamodb, managed_tenant(WRITER, agents=(ECHO,)))
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
        "REMINDER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/reminders",
        "JOURNAL_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/journal",
        "TWILIO_URL": twilio.url,
        "PROVIDER_TIMEOUT_SECONDS": "5",
        "RESEND_DELAYS_SECONDS": "60,300",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    cold()
    yield
    cold()


def cold() -> None:
    """Makes the next call of a handler a cold start."""
    forget()
    for wired in (forwarding, sending):
        for made in vars(wired).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()


def says(body: str, number: int, *, ours: str = OURS, theirs: str = THEIRS) -> BatchResponse:
    """The person texts; the forwarder's answer to the queue."""
    event = text(body, message_id=f"SM{number}", From=theirs, To=ours)
    event["time"] = f"2026-11-23T12:00:{number:02}.000+00:00"
    return forwarder.lambda_handler(delivered(json.dumps(event)), CONTEXT)


def sent_to(aws: AwsStub, queue: str) -> list[str]:
    """The bodies of what was put on a queue."""
    return [sent["MessageBody"] for sent in aws.queued if sent["QueueUrl"] == ENVIRONMENT[queue]]


def submitted() -> tuple[int, dict[str, Any]]:
    """A program asks to text the person; the API's answer."""
    body = {"from": OUR_NUMBER, "to": THEIRS, "text": "Your table is ready.", "account": ACCOUNT}
    answer = as_described(api.lambda_handler(api_event(KEY, json.dumps(body)), CONTEXT), API_PATH)
    return answer["statusCode"], json.loads(answer["body"])


def test_after_stop_nobody_texts_the_person_and_after_start_everybody_may(aws: AwsStub, twilio: TwilioStub) -> None:
    twilio.answers = [(201, MADE)]
    assert says("Hello.", 1) == DONE
    (on_its_way,) = sent_to(aws, "OUTBOUND_QUEUE_URL")

    assert [says("STOP", 2), says("Anyone?", 3), says("HELP", 4)] == [DONE] * 3
    assert len(sent_to(aws, "OUTBOUND_QUEUE_URL")) == 1
    status, said = submitted()
    assert (status, said["reason"], said["field"]) == (403, "opted_out", "to")
    assert sender.lambda_handler(delivered(on_its_way), CONTEXT) == DONE
    assert twilio.asked == []
    (told,) = (json.loads(body)["data"] for body in sent_to(aws, "INBOUND_QUEUE_URL"))
    assert (told["status"], told["error_code"], told["reply_id"]) == ("failed", 21610, "SM1-1")

    assert says("START", 5) == DONE
    answer = sent_to(aws, "OUTBOUND_QUEUE_URL")[-1]
    assert json.loads(answer)["data"]["in_reply_to"] == "SM5"
    assert submitted()[0] == 202
    assert sender.lambda_handler(delivered(answer), CONTEXT) == DONE
    assert [dict(asked.fields)["To"] for asked in twilio.asked] == [THEIRS]


def test_help_is_answered_by_the_agent(aws: AwsStub) -> None:
    assert says("HELP", 1) == DONE
    (answer,) = sent_to(aws, "OUTBOUND_QUEUE_URL")
    assert json.loads(answer)["data"]["in_reply_to"] == "SM1"


def test_without_a_dynamodb_nothing_is_sent(aws: AwsStub, twilio: TwilioStub, monkeypatch: pytest.MonkeyPatch) -> None:
    says("Hello.", 1)
    (on_its_way,) = sent_to(aws, "OUTBOUND_QUEUE_URL")
    monkeypatch.setenv("STATE_TABLE", "missing")
    cold()
    assert sender.lambda_handler(delivered(on_its_way), CONTEXT) == AGAIN
    status, said = submitted()
    assert (status, said["reason"]) == (503, "unavailable")
    assert says("STOP", 2) == AGAIN
    assert twilio.asked == []
    assert len(sent_to(aws, "OUTBOUND_QUEUE_URL")) == 1


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("68849", PERSON),
        ("rcs:acme_agent", f"rcs:{PERSON}"),
        ("messenger:1234567890", "messenger:9876543210"),
        (OURS, "whatsapp:FI.13491208655302741918"),
        (OURS, "whatsapp:+5215512345678"),
    ],
)
def test_an_agent_answers_at_any_address_and_stop_is_obeyed_there(
    ours: str, theirs: str, aws: AwsStub, twilio: TwilioStub, dynamodb: DynamoDBClient
) -> None:
    put_directory(dynamodb, managed_tenant(WRITER, agents=(ECHO,)), {ours: ECHO.id})
    twilio.answers = [(201, MADE)]
    assert says("Hello.", 1, ours=ours, theirs=theirs) == DONE
    (answer,) = sent_to(aws, "OUTBOUND_QUEUE_URL")
    assert sender.lambda_handler(delivered(answer), CONTEXT) == DONE
    (asked,) = (dict(asked.fields) for asked in twilio.asked)
    assert (asked["From"], asked["To"]) == (ours, theirs)

    assert [says(body, number, ours=ours, theirs=theirs) for number, body in enumerate(("STOP", "Anyone?"), 2)] == [
        DONE,
        DONE,
    ]
    assert len(sent_to(aws, "OUTBOUND_QUEUE_URL")) == 1


def test_a_stop_in_one_form_of_a_number_counts_for_the_other(aws: AwsStub) -> None:
    assert says("STOP", 1, theirs="whatsapp:+5215512345678") == DONE
    assert says("Hello.", 2, theirs="whatsapp:+525512345678") == DONE
    assert sent_to(aws, "OUTBOUND_QUEUE_URL") == []
