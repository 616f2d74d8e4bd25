"""What the handlers write, on every way out: outcomes, reasons and ids; no key, token, text, number or signature."""

import base64
import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from handlers import authorizer, receiver
from handlers.aws_events import ProxyRequest
from shared.errors import SmsReceiverError
from shared.tenants.api_keys import read_key
from shared.tenants.tenant import Role
from tests.fakes import (
    OUR_NUMBER,
    PERSON,
    REST_SECRET,
    SALT,
    SECOND_TOKEN,
    STRANGER,
    SUBACCOUNT_TOKEN,
    TOKEN,
    URL,
    credential,
    inbound,
    managed_tenant,
    twilio_signature,
)
from tests.integration.aws_stub import READ, SEND, AwsStub
from tests.integration.events import as_described, authorizer_event, basic, webhook_event, with_headers

Logged = Callable[[], str]

TEXT = "meet me at noon"
WRITER, KEY = credential()
READER, READER_KEY = credential(Role.READER, name="reader")
_, UNKNOWN_KEY = credential()
FIELDS = inbound(Body=TEXT)

SECRETS = [
    *(key for made in (KEY, READER_KEY, UNKNOWN_KEY) for key in (made, made.split("_")[3], read_key(made).sha256)),
    *(basic(key).removeprefix("Basic ") for key in (KEY, READER_KEY, UNKNOWN_KEY)),
    *(TOKEN, SECOND_TOKEN, SUBACCOUNT_TOKEN, REST_SECRET, SALT),
    *(PERSON[1:], OUR_NUMBER[1:], TEXT, TEXT.replace(" ", "+")),
    twilio_signature(URL, FIELDS, TOKEN),
]
# AWS may quote what it was sent.
QUOTING = f"cannot take {TEXT} from {PERSON} for {TOKEN}"


def assert_quiet(written: str) -> None:
    for secret in SECRETS:
        assert secret not in written
    for encoded in (base64.b64encode(TEXT.encode()).decode(), json.dumps(TEXT)):
        assert encoded not in written


@pytest.fixture(autouse=True)
def acme(aws: AwsStub) -> None:
    aws.keep(managed_tenant(WRITER, READER))


REQUESTS: list[tuple[dict[str, Any], int, str]] = [
    (webhook_event(KEY, FIELDS), 200, "Accepted"),
    (webhook_event(UNKNOWN_KEY, FIELDS), 401, "invalid_key"),
    (webhook_event(KEY + "x", FIELDS), 401, "invalid_key"),
    (webhook_event(READER_KEY, FIELDS), 403, "forbidden_role"),
    (webhook_event(KEY, FIELDS, token="wrong"), 403, "invalid_signature"),
    (webhook_event(KEY, inbound(Body=TEXT, AccountSid=STRANGER)), 403, "unknown_account"),
    (with_headers(webhook_event(KEY, FIELDS), X_Twilio_Signature=None), 403, "missing_signature"),
    (webhook_event(KEY, inbound(Body=TEXT, MessageSid=PERSON)), 400, "malformed"),
    (webhook_event(KEY, inbound(Body=TEXT, AddOns="x" * 300_000)), 400, "malformed"),
]


@pytest.mark.parametrize(("event", "status", "word"), REQUESTS, ids=[f"{r[1]} {r[2]}" for r in REQUESTS])
def test_the_receiver_logs_what_happened_and_nothing_secret(
    event: ProxyRequest, status: int, word: str, logged: Logged
) -> None:
    answer = as_described(receiver.lambda_handler(event, None), event["path"])
    written = logged()
    assert answer["statusCode"] == status
    assert word in written
    assert (event["requestContext"]["requestId"] in written) == (status != 200)
    assert_quiet(written)
    assert_quiet(json.dumps(answer))


@pytest.mark.parametrize("operation", [READ, SEND])
@pytest.mark.parametrize(("status", "code"), [(400, "InvalidMessageContents"), (500, "InternalFailure")])
def test_the_receiver_quotes_nothing_that_aws_quotes(
    operation: str, status: int, code: str, aws: AwsStub, logged: Logged
) -> None:
    aws.failing[operation] = (status, code, QUOTING)
    event = webhook_event(KEY, FIELDS)
    answer = as_described(receiver.lambda_handler(event, None), event["path"])
    written = logged()
    assert answer["statusCode"] == 503
    assert f"AWS answered {code}" in written
    assert_quiet(written)
    assert_quiet(json.dumps(answer))


@pytest.mark.parametrize(
    "change", [{"salt": TOKEN}, {"roles_active": TOKEN}, {"credentials": {TOKEN: KEY}}, {"id": "other"}]
)
def test_neither_handler_quotes_a_document_that_it_cannot_read(
    change: dict[str, object], aws: AwsStub, logged: Logged
) -> None:
    document = json.loads(aws.secrets["sms-receiver/acme/access"]) | change
    aws.secrets["sms-receiver/acme/access"] = json.dumps(document)
    answer = receiver.lambda_handler(webhook_event(KEY, FIELDS), None)
    with pytest.raises(SmsReceiverError) as failed:
        authorizer.lambda_handler(authorizer_event(basic(KEY)), None)
    written = logged() + "".join(traceback.format_exception(failed.value))
    assert answer["statusCode"] == 500
    assert "configuration" in written
    assert_quiet(written)
    assert_quiet(json.dumps(answer))


def test_the_authorizer_logs_nothing_at_all_about_a_good_key(logged: Logged) -> None:
    authorizer.lambda_handler(authorizer_event(basic(KEY)), None)
    assert logged() == ""


@pytest.mark.parametrize(
    "authorization", [basic(UNKNOWN_KEY), basic(KEY[:-1]), basic(KEY, "admin"), "Bearer " + KEY, None]
)
def test_the_authorizer_logs_a_refusal_and_nothing_secret(authorization: str | None, logged: Logged) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$") as refused:
        authorizer.lambda_handler(authorizer_event(authorization), None)
    written = logged()
    assert "invalid_key" in written
    assert "Traceback" not in written
    assert_quiet(written + "".join(traceback.format_exception(refused.value)))


def test_the_authorizer_quotes_nothing_that_aws_quotes(aws: AwsStub, logged: Logged) -> None:
    aws.failing[READ] = (400, "AccessDeniedException", f"{basic(KEY)} {TOKEN} may not")
    with pytest.raises(SmsReceiverError) as failed:
        authorizer.lambda_handler(authorizer_event(basic(KEY)), None)
    assert "AWS answered AccessDeniedException" in str(failed.value)
    # The Lambda runtime logs the exception that leaves the handler, and not what it was raised from.
    assert_quiet(logged() + "".join(traceback.format_exception(failed.value, chain=False)))


def test_one_request_writes_one_line_which_is_its_metric_too(logged: Logged) -> None:
    receiver.lambda_handler(webhook_event(KEY, FIELDS), None)
    [line] = map(json.loads, logged().splitlines())
    assert (line["message"], line["tenant"], line["credential"]) == ("Accepted", "acme", WRITER.id)
    assert (line["stage"], line["Accepted"]) == ("east", 1)
    assert line["_aws"]["CloudWatchMetrics"] == [
        {"Namespace": "SmsReceiver", "Dimensions": [["stage"]], "Metrics": [{"Name": "Accepted"}]}
    ]


def test_a_refusal_counts_its_reason(logged: Logged) -> None:
    receiver.lambda_handler(webhook_event(KEY, FIELDS, token="wrong"), None)
    [line] = map(json.loads, logged().splitlines())
    assert (line["Refused"], line["reason"], line["level"]) == (1, "invalid_signature", "WARN")
    assert line["correlation_id"] == dict(FIELDS)["MessageSid"]
    [described] = line["_aws"]["CloudWatchMetrics"]
    assert described["Dimensions"] == [["stage"], ["stage", "reason"]]
    assert described["Metrics"] == [{"Name": "Refused"}, {"Name": "Forged"}]
