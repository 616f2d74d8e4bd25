"""The API's handler with API Gateway's own events: what is accepted, and what then stands on the outbound queue."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from handlers.api import lambda_handler
from handlers.aws_events import ProxyRequest
from shared.tenants.agent import Agent, AgentKind, JournalSettings
from shared.tenants.tenant import Role
from tests.descriptions import check_queued
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER, PERSON, SUBACCOUNT, credential, managed_tenant
from tests.integration.aws_stub import CLAIM, SEND, AwsStub
from tests.integration.conftest import ENVIRONMENT
from tests.integration.events import API_PATH, LambdaContext, api_event, as_described

WRITER, KEY = credential()
MANAGER, MANAGER_KEY = credential(Role.MANAGER, name="manager")
SAID = {"from": OUR_NUMBER, "to": PERSON, "text": "größer 文字 😀", "account": ACCOUNT}
BODY = json.dumps(SAID)


@pytest.fixture(autouse=True)
def acme(aws: AwsStub) -> None:
    aws.keep(managed_tenant(WRITER, MANAGER))


def asked(event: ProxyRequest) -> tuple[int, dict[str, Any]]:
    """The answer's status and JSON."""
    answer = as_described(lambda_handler(event, LambdaContext()), API_PATH)
    return answer["statusCode"], json.loads(answer["body"])


def queued(aws: AwsStub) -> list[dict[str, Any]]:
    return [json.loads(sent["MessageBody"]) for sent in aws.queued]


@pytest.mark.parametrize("key", [KEY, MANAGER_KEY])
def test_answers_202_with_the_ids(key: str, aws: AwsStub) -> None:
    answer = lambda_handler(api_event(key, BODY), LambdaContext())
    said = json.loads(answer["body"])
    assert answer["statusCode"] == 202
    assert answer["isBase64Encoded"] is False
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/json"]
    assert answer["multiValueHeaders"]["Cache-Control"] == ["no-store"]
    assert said == {"id": said["id"], "reply_ids": [f"{said['id']}-1"]}


def test_puts_the_event_on_the_outbound_queue_with_group_and_deduplication(aws: AwsStub) -> None:
    _, said = asked(api_event(KEY, BODY))
    [sent], [event] = aws.queued, queued(aws)
    check_queued("outbound", event, group=sent["MessageGroupId"], deduplication=sent["MessageDeduplicationId"])
    assert sent["QueueUrl"] == ENVIRONMENT["OUTBOUND_QUEUE_URL"]
    assert sent["MessageGroupId"] == f"acme.{event['subject']}"
    assert sent["MessageDeduplicationId"] == event["id"] == said["reply_ids"][0]
    data = event["data"]
    assert (data["from"], data["to"], data["text"], data["account"]) == (OUR_NUMBER, PERSON, SAID["text"], ACCOUNT)


@pytest.mark.parametrize("body", [BODY, json.dumps(SAID, ensure_ascii=False)])
def test_accepts_a_body_that_the_gateway_encoded(body: str, aws: AwsStub) -> None:
    event = api_event(KEY, base64.b64encode(body.encode()).decode()) | {"isBase64Encoded": True}
    assert asked(event)[0] == 202
    assert queued(aws)[0]["data"]["text"] == SAID["text"]


def test_without_an_idempotency_key_the_claims_are_not_asked(aws: AwsStub) -> None:
    assert [asked(api_event(KEY, BODY))[0] for _ in range(2)] == [202, 202]
    assert len({sent["MessageDeduplicationId"] for sent in aws.queued}) == 2
    assert CLAIM not in aws.asked


def test_a_repeat_with_the_same_idempotency_key_is_answered_alike_and_queued_once(aws: AwsStub) -> None:
    answers = [asked(api_event(KEY, BODY, Idempotency_Key="order 7")) for _ in range(3)]
    assert answers[0][0] == 202
    assert answers == [answers[0]] * 3
    assert aws.asked.count(SEND) == 1


def test_a_message_without_a_key_is_accepted_and_a_line_says_that_the_journal_was_not_told(
    aws: AwsStub, capsys: pytest.CaptureFixture[str]
) -> None:
    target = JournalSettings("arn:aws:sqs:us-east-1:123456789012:sms-journal")
    aws.keep(managed_tenant(WRITER, agents=(replace(DESK, journal=target),)))
    aws.failing[f"{SEND} {ENVIRONMENT['JOURNAL_QUEUE_URL']}"] = (403, "AccessDenied", "no")
    assert asked(api_event(KEY, BODY))[0] == 202
    assert asked(api_event(KEY, BODY, Idempotency_Key="order 7"))[0] == 503
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["message"] for line in lines] == ["Submitted", "Failed", "Failed"]
    assert lines[1]["correlation_id"] == lines[0]["correlation_id"]
    assert PERSON not in json.dumps(lines)
    aws.failing.clear()
    assert asked(api_event(KEY, BODY, Idempotency_Key="order 7"))[0] == 202
    assert len([sent for sent in aws.queued if sent["QueueUrl"] == ENVIRONMENT["OUTBOUND_QUEUE_URL"]]) == 2


def test_the_idempotency_key_with_another_body_is_409(aws: AwsStub) -> None:
    assert asked(api_event(KEY, BODY, Idempotency_Key="order 7"))[0] == 202
    other = json.dumps(SAID | {"account": SUBACCOUNT})
    status, said = asked(api_event(KEY, other, Idempotency_Key="order 7"))
    assert (status, said["reason"], said["field"]) == (409, "idempotency_mismatch", "Idempotency-Key")
    assert len(aws.queued) == 1


def test_a_request_that_failed_gives_its_idempotency_key_back(aws: AwsStub) -> None:
    aws.failing[SEND] = (500, "InternalFailure", "said by AWS")
    event = api_event(KEY, BODY, Idempotency_Key="order 7")
    assert asked(event)[0] == 503
    del aws.failing[SEND]
    assert asked(event)[0] == 202
    assert len(aws.queued) == 1


def test_what_another_invocation_is_at_is_503_for_now(aws: AwsStub) -> None:
    event = api_event(KEY, BODY, Idempotency_Key="order 7")
    asked(event)
    [claim] = aws.claims.values()
    claim |= {"status": {"S": "INPROGRESS"}, "in_progress_expiration": {"N": "9999999999999"}}
    status, said = asked(event)
    assert (status, said["reason"]) == (503, "in_progress")
    assert len(aws.queued) == 1


def test_a_claim_holds_nothing_personal(aws: AwsStub) -> None:
    asked(api_event(KEY, BODY, Idempotency_Key="order 7"))
    kept = json.dumps(aws.claims, ensure_ascii=False)
    assert aws.claims
    for personal in (PERSON[1:], OUR_NUMBER[1:], "文字", "order 7", KEY):
        assert personal not in kept


def test_a_number_assigned_a_moment_ago_works_at_once(aws: AwsStub) -> None:
    asked(api_event(KEY, BODY))
    desk = Agent("NewDesk1", "new desk", AgentKind.SMS, "east")
    aws.keep(managed_tenant(WRITER, agents=(desk,)), {"+12025550111": desk.id})
    assert asked(api_event(KEY, json.dumps(SAID | {"from": "+12025550111"})))[0] == 202
    assert queued(aws)[1]["data"]["agent"] == "new desk"


def test_the_line_names_the_agent_that_holds_the_number(logged: Callable[[], str]) -> None:
    asked(api_event(KEY, BODY))
    [line] = map(json.loads, logged().splitlines())
    assert (line["message"], line["agent"]) == ("Submitted", DESK.id)
