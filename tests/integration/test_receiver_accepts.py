"""The receiver's handler with API Gateway's own events: what is accepted, and what then stands on the queue."""

import base64
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from handlers.aws_events import ProxyResponse
from handlers.receiver import lambda_handler
from shared.wiring import aws as wiring_aws
from tests.fakes import (
    ACCOUNT,
    OUR_NUMBER,
    PERSON,
    SECOND_TOKEN,
    SUBACCOUNT,
    SUBACCOUNT_TOKEN,
    TOKEN,
    credential,
    fields_of,
    inbound,
    managed_tenant,
    sample,
    schema,
)
from tests.integration.aws_stub import LOOK_UP, READ, SEND, AwsStub
from tests.integration.conftest import ENVIRONMENT
from tests.integration.events import webhook_event, with_headers

WRITER, KEY = credential()
GATEWAY = "https://abcdef1234.execute-api.us-east-1.amazonaws.com/east/sms.receiver/SmsRecv"
ACCEPTED = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@pytest.fixture(autouse=True)
def acme(aws: AwsStub) -> None:
    aws.keep(managed_tenant(WRITER))


def accepted(answer: ProxyResponse) -> bool:
    return (answer["statusCode"], answer["body"]) == (200, ACCEPTED)


def queued(aws: AwsStub) -> dict[str, Any]:
    """The one event on the queue."""
    assert len(aws.queued) == 1
    event: dict[str, Any] = json.loads(aws.queued[0]["MessageBody"])
    return event


def test_answers_with_twiml_that_says_nothing(aws: AwsStub) -> None:
    answer = lambda_handler(webhook_event(KEY, inbound()), None)
    assert answer["statusCode"] == 200
    assert answer["body"] == ACCEPTED
    assert answer["isBase64Encoded"] is False
    assert answer["headers"] == {"Content-Type": "text/xml"}
    assert len(aws.queued) == 1


def test_puts_a_valid_event_with_every_field_on_the_queue(aws: AwsStub) -> None:
    fields = inbound(Body="größer 文字 😀 & = + %", FromCity="", TwilioAddedThisYesterday="yes")
    lambda_handler(webhook_event(KEY, fields), None)
    event = queued(aws)
    Draft202012Validator(schema("sms.message.received.v1"), format_checker=FormatChecker()).validate(event)
    assert event["data"]["fields"] == {name: [value] for name, value in fields}
    assert (event["data"]["from"], event["data"]["to"], event["data"]["account"]) == (PERSON, OUR_NUMBER, ACCOUNT)
    assert event["source"] == "/sms-receiver/east/twilio"


def test_sends_to_the_queue_of_the_settings_with_group_and_deduplication(aws: AwsStub) -> None:
    sid = "SM" + "4" * 32
    lambda_handler(webhook_event(KEY, inbound(MessageSid=sid)), None)
    sent = aws.queued[0]
    assert sent["QueueUrl"] == ENVIRONMENT["INBOUND_QUEUE_URL"]
    assert sent["MessageDeduplicationId"] == sid
    assert sent["MessageGroupId"] == f"acme.{queued(aws)['subject']}"


@pytest.mark.parametrize("kind", ["sms", "mms", "whatsapp"])
def test_accepts_each_kind_of_message(kind: str, aws: AwsStub) -> None:
    fields = sample(f"twilio_inbound_{kind}.json")["fields"]
    assert accepted(lambda_handler(webhook_event(KEY, fields.items()), None))
    assert queued(aws)["data"]["fields"] == {name: [value] for name, value in fields.items()}


def test_accepts_a_body_that_the_gateway_encoded(aws: AwsStub) -> None:
    event = webhook_event(KEY, inbound(Body="Zoë ☕"))
    event |= {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}
    assert accepted(lambda_handler(event, None))
    assert queued(aws)["data"]["text"] == "Zoë ☕"


def test_accepts_header_names_in_any_case(aws: AwsStub) -> None:
    event = webhook_event(KEY, inbound())
    for place in ("headers", "multiValueHeaders"):
        event[place] = {name.upper() if "T" in name else name.lower(): value for name, value in event[place].items()}
    assert accepted(lambda_handler(event, None))
    assert len(aws.queued) == 1


def test_accepts_a_content_type_with_a_charset(aws: AwsStub) -> None:
    event = webhook_event(KEY, inbound())
    with_headers(event, Content_Type="application/x-www-form-urlencoded; charset=UTF-8")
    assert accepted(lambda_handler(event, None))


@pytest.mark.parametrize(
    ("account", "token"), [(ACCOUNT, TOKEN), (ACCOUNT, SECOND_TOKEN), (SUBACCOUNT, SUBACCOUNT_TOKEN)]
)
def test_accepts_each_token_that_may_sign(account: str, token: str, aws: AwsStub) -> None:
    assert accepted(lambda_handler(webhook_event(KEY, inbound(AccountSid=account), token=token), None))
    assert queued(aws)["data"]["account"] == account


@pytest.mark.parametrize("signed", [GATEWAY, "https://sms-east.example.com:443/sms.receiver/SmsRecv"])
def test_accepts_the_gateways_own_url_and_an_explicit_port(signed: str, aws: AwsStub) -> None:
    assert accepted(lambda_handler(webhook_event(KEY, inbound(), signed=signed), None))
    assert len(aws.queued) == 1


def test_accepts_a_url_with_a_query(aws: AwsStub) -> None:
    signed = "https://sms-east.example.com/sms.receiver/SmsRecv?agent=front%20desk&agent=b"
    event = webhook_event(KEY, inbound(), signed=signed)
    event["queryStringParameters"] = {"agent": "b"}
    event["multiValueQueryStringParameters"] = {"agent": ["front desk", "b"]}
    assert accepted(lambda_handler(event, None))
    assert len(aws.queued) == 1


def test_accepts_a_text_to_a_number_that_no_agent_holds(aws: AwsStub) -> None:
    assert accepted(lambda_handler(webhook_event(KEY, inbound(To="+12025550111")), None))
    assert queued(aws)["data"]["to"] == "+12025550111"


def test_reads_the_tenant_once_for_many_texts(aws: AwsStub) -> None:
    for number in range(5):
        assert accepted(lambda_handler(webhook_event(KEY, inbound(MessageSid=f"SM{number:032x}")), None))
    assert aws.asked == [READ, READ, *[SEND] * 5]  # access and accounts, and then nothing but the queue
    assert wiring_aws.dynamodb.cache_info().currsize == 0


def test_a_tenant_that_has_not_changed_costs_a_look_at_its_record_for_each_part(
    aws: AwsStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_CACHE_SECONDS", "0")
    assert accepted(lambda_handler(webhook_event(KEY, inbound()), None))
    aws.asked.clear()
    assert accepted(lambda_handler(webhook_event(KEY, inbound()), None))
    assert set(aws.asked) == {LOOK_UP, SEND}


def test_without_a_directory_texts_are_received(aws: AwsStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANT_CACHE_SECONDS", "0")
    aws.failing[LOOK_UP] = (500, "InternalServerError", "said by AWS")
    for _ in range(3):
        assert accepted(lambda_handler(webhook_event(KEY, inbound()), None))
    assert len(aws.queued) == 3
    assert aws.asked.count(LOOK_UP) == 1  # then it rests


def test_a_key_and_a_token_stored_a_moment_ago_work_at_once(aws: AwsStub) -> None:
    lambda_handler(webhook_event(KEY, inbound()), None)
    second, second_key = credential(name="second")
    aws.keep(managed_tenant(WRITER, second))
    assert accepted(lambda_handler(webhook_event(second_key, inbound()), None))


def test_fields_arrive_as_the_form_had_them_however_odd(aws: AwsStub) -> None:
    fields = [*inbound(), ("Odd_name2", "1"), ("Odd_name2", "2 & more"), ("odd", "")]
    event = webhook_event(KEY, fields)
    assert fields_of(event["body"]) == fields
    assert accepted(lambda_handler(event, None))
    assert queued(aws)["data"]["fields"]["Odd_name2"] == ["1", "2 & more"]
