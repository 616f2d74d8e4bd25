"""The receiver's handler says no: the status, the reason, and a queue that stays as it was."""

import dataclasses
import json

import pytest

from handlers.aws_events import ProxyRequest
from handlers.receiver import lambda_handler
from shared.tenants.tenant import Role, SignatureMode
from tests.fakes import STRANGER, SUBACCOUNT_TOKEN, URL, credential, inbound, managed_tenant, twilio_signature
from tests.integration.aws_stub import READ, SEND, AwsStub
from tests.integration.events import basic, webhook_event, with_headers

WRITER, KEY = credential()
READER, READER_KEY = credential(Role.READER, name="reader")
ACME = managed_tenant(WRITER, READER)
EVIL = "https://evil.example/sms.receiver/SmsRecv"


@pytest.fixture(autouse=True)
def acme(aws: AwsStub) -> None:
    aws.keep(ACME)


def answered(event: ProxyRequest) -> tuple[int, str]:
    """The status and the reason; whatever else must hold of every refusal is checked."""
    answer = lambda_handler(event, None)
    headers = answer["headers"]
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"
    assert "www-authenticate" not in {name.lower() for name in headers}  # the gateway would rename it
    assert answer["isBase64Encoded"] is False
    said = json.loads(answer["body"])
    assert said.keys() - {"field"} == {"reason", "message"}
    return answer["statusCode"], said["reason"]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic é",
        "Bearer " + KEY,
        basic(""),
        basic(KEY, username="admin"),
        basic(KEY[:-1]),
        basic(KEY + "\n"),
        basic(credential()[1]),
        basic(credential(tenant_id="nobody")[1]),
        KEY,
    ],
)
def test_a_bad_key_is_401(authorization: str | None, aws: AwsStub) -> None:
    event = with_headers(webhook_event(KEY, inbound()), Authorization=authorization)
    assert answered(event) == (401, "invalid_key")
    assert aws.queued == []


def test_a_malformed_key_costs_no_call_and_an_unknown_one_costs_one(aws: AwsStub) -> None:
    answered(webhook_event(KEY[:-1], inbound()))
    assert aws.asked == []
    answered(webhook_event(credential(tenant_id="nobody")[1], inbound()))
    assert aws.asked == [READ]


def test_a_reader_is_403(aws: AwsStub) -> None:
    assert answered(webhook_event(READER_KEY, inbound())) == (403, "forbidden_role")
    assert aws.queued == []


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (webhook_event(KEY, inbound(), token="wrong"), "invalid_signature"),
        (webhook_event(KEY, inbound(), token=SUBACCOUNT_TOKEN), "invalid_signature"),
        (webhook_event(KEY, inbound(), signed=URL + "/"), "invalid_signature"),
        (webhook_event(KEY, inbound()) | {"body": "MessageSid=SM1"}, "unknown_account"),
        (webhook_event(KEY, inbound()) | {"body": None}, "unknown_account"),
        (webhook_event(KEY, inbound(AccountSid=STRANGER)), "unknown_account"),
        (with_headers(webhook_event(KEY, inbound()), X_Twilio_Signature=None), "missing_signature"),
        (with_headers(webhook_event(KEY, inbound()), X_Twilio_Signature=""), "missing_signature"),
        (with_headers(webhook_event(KEY, inbound()), X_Twilio_Signature="é"), "invalid_signature"),
    ],
)
def test_a_forgery_is_403(event: ProxyRequest, reason: str, aws: AwsStub) -> None:
    assert answered(event) == (403, reason)
    assert aws.queued == []


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        (webhook_event(KEY, inbound()) | {"body": "AccountSid=%ff"}, (400, "malformed")),
        (webhook_event(KEY, inbound()) | {"body": "Body=caf%e9"}, (400, "malformed")),
        (webhook_event(KEY, inbound()) | {"body": "%ed%a0%80=x"}, (400, "malformed")),
        (webhook_event(KEY, inbound()) | {"body": "/w==", "isBase64Encoded": True}, (400, "malformed")),
        (webhook_event(KEY, [*inbound(), *((f"Field{n}", "x") for n in range(1000))]), (413, "too_large")),
        (webhook_event(KEY, inbound()) | {"body": "&" * 1000}, (413, "too_large")),
        (with_headers(webhook_event(KEY, inbound()), Content_Type="application/json"), (415, "wrong_content_type")),
        (with_headers(webhook_event(KEY, inbound()), Content_Type=None), (415, "wrong_content_type")),
    ],
)
@pytest.mark.parametrize("mode", SignatureMode)
def test_what_nobody_can_read_is_refused_for_that_and_not_for_its_account(
    event: ProxyRequest, answer: tuple[int, str], mode: SignatureMode, aws: AwsStub
) -> None:
    aws.keep(dataclasses.replace(ACME, signature_mode=mode))
    assert answered(event) == answer
    assert aws.queued == []


def test_what_nobody_can_read_still_needs_a_key_and_a_signature(aws: AwsStub) -> None:
    event = webhook_event(KEY, inbound()) | {"body": "Body=%ff"}
    assert answered(with_headers(event, X_Twilio_Signature=None)) == (403, "missing_signature")
    assert answered(with_headers(event, Authorization=basic(READER_KEY))) == (403, "forbidden_role")
    assert answered(with_headers(event, Authorization=None)) == (401, "invalid_key")
    assert aws.queued == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X_Forwarded_Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X_Original_URL": EVIL},
        {"Host": "evil.example", "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https"},
    ],
)
def test_a_url_that_the_caller_chose_is_never_believed(headers: dict[str, str], aws: AwsStub) -> None:
    event = with_headers(webhook_event(KEY, inbound(), signed=EVIL), **headers)
    assert answered(event) == (403, "invalid_signature")
    assert aws.queued == []


def test_a_genuine_signature_holds_whatever_host_the_caller_names(aws: AwsStub) -> None:
    event = with_headers(webhook_event(KEY, inbound()), Host="evil.example", X_Forwarded_Proto="http")
    assert lambda_handler(event, None)["statusCode"] == 200
    assert len(aws.queued) == 1


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
def test_a_genuine_request_that_is_no_text_is_400(missing: str, aws: AwsStub) -> None:
    assert answered(webhook_event(KEY, inbound(**{missing: ""}))) == (400, "malformed")
    assert aws.queued == []


def test_a_text_too_large_for_the_queue_is_400(aws: AwsStub) -> None:
    assert answered(webhook_event(KEY, inbound(AddOns="x" * 300_000))) == (400, "malformed")
    assert aws.queued == []


def test_a_signed_body_that_is_no_form_is_refused(aws: AwsStub) -> None:
    event = webhook_event(KEY, inbound())
    event["body"] = '{"AccountSid": "x"}'
    with_headers(event, Content_Type="application/json", X_Twilio_Signature=twilio_signature(URL, [], "t"))
    assert answered(event)[0] == 415
    assert aws.queued == []


@pytest.mark.parametrize("code", ["InternalServiceError", "ThrottlingException", "AccessDeniedException"])
def test_a_failing_secrets_manager_is_503(code: str, aws: AwsStub) -> None:
    aws.failing[READ] = (400, code, "said by AWS")
    assert answered(webhook_event(KEY, inbound())) == (503, "unavailable")
    assert SEND not in aws.asked
    del aws.failing[READ]
    assert lambda_handler(webhook_event(KEY, inbound()), None)["statusCode"] == 200


def test_a_failing_queue_is_503_and_the_next_text_goes_through(aws: AwsStub) -> None:
    aws.failing[SEND] = (500, "InternalFailure", "said by AWS")
    assert answered(webhook_event(KEY, inbound())) == (503, "unavailable")
    assert aws.queued == []
    del aws.failing[SEND]
    assert lambda_handler(webhook_event(KEY, inbound()), None)["statusCode"] == 200
    assert len(aws.queued) == 1


def test_an_aws_that_nobody_answers_for_is_503(aws: AwsStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert answered(webhook_event(KEY, inbound())) == (503, "unavailable")


@pytest.mark.parametrize("document", ["", "{}", "not json", '{"schema": 2}', "[" * 60_000])
def test_a_document_that_cannot_be_read_is_500(document: str, aws: AwsStub) -> None:
    aws.secrets["sms-receiver/acme/access"] = document
    assert answered(webhook_event(KEY, inbound())) == (500, "configuration")
    assert aws.queued == []


@pytest.mark.parametrize("variable", ["STAGE", "TENANT_CACHE_SECONDS", "INBOUND_QUEUE_URL", "PUBLIC_BASE_URL"])
def test_a_setting_that_is_missing_is_500(variable: str, aws: AwsStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(variable)
    assert answered(webhook_event(KEY, inbound())) == (500, "configuration")
    assert aws.asked == []


def test_a_tenant_that_observes_takes_a_forgery_and_counts_it(aws: AwsStub, capsys: pytest.CaptureFixture[str]) -> None:
    aws.keep(dataclasses.replace(ACME, signature_mode=SignatureMode.OBSERVE))
    assert lambda_handler(webhook_event(KEY, inbound(), token="wrong"), None)["statusCode"] == 200
    assert len(aws.queued) == 1
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    refused = [(metric["would_refuse"], metric["level"]) for metric in metrics if "WouldBeRefused" in metric]
    assert refused == [("invalid_signature", "WARN")]
    assert sum("Accepted" in metric for metric in metrics) == 1
