"""The shapes that AWS documents for events, each with the parts that it leaves out or writes in another way.

Sources: AWS docs, "Lambda proxy integrations in API Gateway" (input format), "Input to an API Gateway Lambda
authorizer", "Set up custom domain names for REST APIs", "Using Lambda with Amazon SQS" (FIFO event).
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from handlers import api, authorizer, receiver, statuses
from handlers.aws_events import ProxyResponse
from tests.fakes import ACCOUNT, LISTENING, OUR_NUMBER, PERSON, credential, inbound, managed_tenant, sample, status
from tests.integration.aws_stub import AwsStub
from tests.integration.events import (
    AwsEvent,
    LambdaContext,
    api_event,
    authorizer_event,
    basic,
    status_event,
    webhook_event,
)

WRITER, KEY = credential()
SAID = json.dumps({"from": OUR_NUMBER, "to": PERSON, "text": "hello", "account": ACCOUNT})
OWN_DOMAIN = "https://texts.example.org"


@pytest.fixture(autouse=True)
def acme(aws: AwsStub) -> None:
    aws.keep(managed_tenant(WRITER, agents=(LISTENING,)))


def receive(event: AwsEvent) -> ProxyResponse:
    return receiver.lambda_handler(event, None)


def submit(event: AwsEvent) -> ProxyResponse:
    return api.lambda_handler(event, LambdaContext())


def in_base64(event: AwsEvent) -> AwsEvent:
    return event | {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}


def by_http2(event: AwsEvent) -> AwsEvent:
    """Names in lower case."""
    for place in ("headers", "multiValueHeaders"):
        event[place] = {name.lower(): value for name, value in event[place].items()}
    return event


def with_empty_parts(event: AwsEvent) -> AwsEvent:
    """Empty objects where the documents' sample has null."""
    empty: dict[str, Any] = {"queryStringParameters": {}, "multiValueQueryStringParameters": {}, "pathParameters": {}}
    return event | empty | {"stageVariables": {}}


def with_less(event: AwsEvent) -> AwsEvent:
    """Without what no handler needs."""
    for name in ("stageVariables", "pathParameters", "queryStringParameters", "multiValueQueryStringParameters"):
        del event[name]
    for name in ("identity", "extendedRequestId", "requestTime", "resourceId", "authorizer", "domainPrefix"):
        del event["requestContext"][name]
    return event


SHAPES = [in_base64, by_http2, with_empty_parts, with_less]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_text_is_taken_in_every_shape(shape: Callable[[AwsEvent], AwsEvent], aws: AwsStub) -> None:
    assert receive(shape(webhook_event(KEY, inbound(Body="Zoë ☕"))))["statusCode"] == 200
    assert json.loads(aws.queued[0]["MessageBody"])["data"]["text"] == "Zoë ☕"


@pytest.mark.parametrize("shape", [in_base64, by_http2, with_empty_parts])
def test_a_programs_message_is_taken_in_every_shape(shape: Callable[[AwsEvent], AwsEvent], aws: AwsStub) -> None:
    assert submit(shape(api_event(KEY, SAID)))["statusCode"] == 202
    assert len(aws.queued) == 1


@pytest.mark.parametrize("shape", [by_http2, with_empty_parts])
def test_a_key_is_read_in_every_shape(shape: Callable[[AwsEvent], AwsEvent]) -> None:
    answer = authorizer.lambda_handler(shape(authorizer_event(basic(KEY))), None)
    assert answer["principalId"] == f"acme.{WRITER.id}"


@pytest.mark.parametrize("headers", [None, {}])
@pytest.mark.parametrize("body", [None, "", "Body=hello"])
def test_a_request_without_headers_or_body_is_refused_and_crashes_nothing(
    headers: dict[str, str] | None, body: str | None, aws: AwsStub
) -> None:
    bare = {"headers": headers, "multiValueHeaders": headers, "body": body}
    assert receive(webhook_event(KEY, inbound()) | bare)["statusCode"] == 401
    assert statuses.lambda_handler(status_event(status()) | bare, None)["statusCode"] == 403
    assert submit(api_event(KEY, SAID) | bare)["statusCode"] == 401
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorizer.lambda_handler(authorizer_event(basic(KEY)) | bare, None)
    assert aws.queued == []


@pytest.mark.parametrize("body", [None, ""])
def test_a_request_without_a_body_is_refused(body: str | None, aws: AwsStub) -> None:
    assert receive(webhook_event(KEY, inbound()) | {"body": body})["statusCode"] == 403
    assert submit(api_event(KEY, SAID) | {"body": body})["statusCode"] == 400
    assert aws.queued == []


@pytest.mark.parametrize("query", ["", "?agent=front%20desk&agent=b"])
def test_behind_another_domain_the_path_has_no_stage_and_the_domain_is_the_one_that_was_called(
    query: str, aws: AwsStub
) -> None:
    event = webhook_event(KEY, inbound(), signed=f"{OWN_DOMAIN}/sms.receiver/SmsRecv{query}")
    event["requestContext"] |= {"domainName": "texts.example.org", "path": "/sms.receiver/SmsRecv"}
    if query:
        event |= {"queryStringParameters": {"agent": "b"}}
        event |= {"multiValueQueryStringParameters": {"agent": ["front desk", "b"]}}
    assert receive(event)["statusCode"] == 200
    assert len(aws.queued) == 1


@pytest.mark.parametrize("host", ["texts.example.org", "abcdef1234.execute-api.us-east-1.amazonaws.com"])
def test_a_host_that_the_caller_writes_signs_nothing(host: str, aws: AwsStub) -> None:
    """What counts is the domain that API Gateway was called at, not a header."""
    event = webhook_event(KEY, inbound(), signed="https://evil.example/sms.receiver/SmsRecv")
    event["headers"] |= {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    event["requestContext"] |= {"domainName": host}
    assert receive(event)["statusCode"] == 403
    assert aws.queued == []


def test_the_event_of_a_queue_has_what_the_documents_show() -> None:
    [record] = sample("sqs_fifo.json")["Records"]
    assert set(record) == {
        *("messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody"),
        *("eventSource", "eventSourceARN", "awsRegion"),
    }
    assert set(record["attributes"]) == {
        *("ApproximateReceiveCount", "SentTimestamp", "SequenceNumber", "MessageGroupId", "SenderId"),
        *("MessageDeduplicationId", "ApproximateFirstReceiveTimestamp"),
    }
