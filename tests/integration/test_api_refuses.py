"""The API's handler says no: the status, the reason, the field, and a queue that stays as it was."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from handlers.api import lambda_handler
from handlers.aws_events import ProxyRequest
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Role
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON, STRANGER, TOKEN, credential, managed_tenant
from tests.integration.aws_stub import CLAIM, COUNT, READ, SEND, AwsStub
from tests.integration.events import API_PATH, LambdaContext, api_event, as_described, basic

WRITER, KEY = credential()
READER, READER_KEY = credential(Role.READER, name="reader")
OTHER_WRITER, OTHER_KEY = credential(tenant_id="other")
THEIR_NUMBER = "+12025550177"
TEXT = "meet me at noon"
SAID = {"from": OUR_NUMBER, "to": PERSON, "text": TEXT, "account": ACCOUNT}
BODY = json.dumps(SAID)


@pytest.fixture(autouse=True)
def tenants(aws: AwsStub) -> None:
    aws.keep(managed_tenant(WRITER, READER))
    theirs = Agent("Their001", "theirs", AgentKind.SMS, "east")
    aws.keep(managed_tenant(OTHER_WRITER, id="other", agents=(theirs,)), {THEIR_NUMBER: theirs.id})


def asked(event: ProxyRequest) -> tuple[int, str, str | None]:
    """The answer's status, reason and field."""
    answer = as_described(lambda_handler(event, LambdaContext()), API_PATH)
    said = json.loads(answer["body"])
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/json"]
    return answer["statusCode"], said["reason"], said.get("field")


def body(**changes: object) -> str:
    return json.dumps(SAID | {name.rstrip("_"): value for name, value in changes.items()})


REFUSALS: list[tuple[dict[str, Any], int, str, str | None]] = [
    (api_event("", BODY), 401, "invalid_key", None),
    (api_event(KEY + "x", BODY), 401, "invalid_key", None),
    (api_event(credential()[1], BODY), 401, "invalid_key", None),
    (api_event(KEY, BODY, Authorization=None), 401, "invalid_key", None),
    (api_event(KEY, BODY, Authorization="Bearer " + KEY), 401, "invalid_key", None),
    (api_event(KEY, BODY, Authorization=basic(KEY, "admin")), 401, "invalid_key", None),
    (api_event(READER_KEY, BODY), 403, "forbidden_role", None),
    (api_event(KEY, BODY, Content_Type=None), 415, "wrong_content_type", "Content-Type"),
    (api_event(KEY, BODY, Content_Type="text/plain"), 415, "wrong_content_type", "Content-Type"),
    (api_event(KEY, " " * 300_000), 413, "too_large", None),
    (api_event(KEY, "😀" * 70_000), 413, "too_large", None),
    (api_event(KEY, ""), 400, "malformed", None),
    (api_event(KEY, "{"), 400, "malformed", None),
    (api_event(KEY, "[" * 100_000), 400, "malformed", None),
    (api_event(KEY, BODY[:-1] + ', "to": "+12025550124"}'), 400, "malformed", "to"),
    (api_event(KEY, body(text=10**4000)), 400, "malformed", "text"),
    (api_event(KEY, body(text="half \ud83d")), 400, "malformed", "text"),
    (api_event(KEY, body(text="")), 400, "malformed", "text"),
    (api_event(KEY, body(to=f"{PERSON}\r\nTo: +12025550124")), 400, "malformed", "to"),
    (api_event(KEY, body(media_urls=["http://files.example.com/"])), 400, "malformed", "media_urls"),
    (api_event(KEY, body(StatusCallback="https://evil.example/")), 400, "malformed", "StatusCallback"),
    (api_event(KEY, json.dumps({"\ud800": 1})), 400, "malformed", "\ud800"),
    (api_event(KEY, BODY, Idempotency_Key=""), 400, "malformed", "Idempotency-Key"),
    (api_event(KEY, BODY, Idempotency_Key="x" * 256), 400, "malformed", "Idempotency-Key"),
    (api_event(KEY, BODY, Idempotency_Key="a\tb"), 400, "malformed", "Idempotency-Key"),
    (api_event(KEY, body(from_=THEIR_NUMBER)), 403, "not_our_number", "from"),
    (api_event(OTHER_KEY, BODY), 403, "not_our_number", "from"),
    (api_event(KEY, body(from_=PERSON, to=OUR_NUMBER)), 403, "not_our_number", "from"),
    (api_event(KEY, body(account=STRANGER)), 403, "not_our_account", "account"),
    (api_event(KEY, body(account=None)), 400, "malformed", "account"),
]


@pytest.mark.parametrize(("event", "status", "reason", "field"), REFUSALS)
def test_refuses_and_logs_why_and_nothing_personal(  # noqa: PLR0913, PLR0917 - what a refusal is
    event: ProxyRequest, status: int, reason: str, field: str | None, aws: AwsStub, logged: Callable[[], str]
) -> None:
    assert asked(event) == (status, reason, field)
    assert aws.queued == []
    assert CLAIM not in aws.asked
    [line] = written = [json.loads(line) for line in logged().splitlines()]
    assert (line["message"], line["reason"], line["Refused"]) == ("Refused", reason, 1)
    for secret in (KEY, READER_KEY, OTHER_KEY, TOKEN, PERSON[1:], OUR_NUMBER[1:], THEIR_NUMBER[1:], TEXT, "Evil"):
        assert secret not in json.dumps(written)


def test_too_many_messages_in_a_minute_are_429_and_say_when_to_try_again(
    aws: AwsStub, logged: Callable[[], str]
) -> None:
    aws.failing[COUNT] = (400, "ConditionalCheckFailedException", "The conditional request failed")
    answer = lambda_handler(api_event(KEY, BODY), LambdaContext())
    assert (answer["statusCode"], json.loads(answer["body"])["reason"]) == (429, "rate_limited")
    (seconds,) = answer["multiValueHeaders"]["Retry-After"]
    assert 1 <= int(seconds) <= 60
    assert aws.queued == []
    [line] = [json.loads(line) for line in logged().splitlines()]
    assert (line["message"], line["reason"], line["credential"], line["Refused"]) == (
        "Refused",
        "rate_limited",
        WRITER.id,
        1,
    )


def test_a_text_that_would_be_too_many_messages_is_413_and_not_counted(aws: AwsStub) -> None:
    assert asked(api_event(KEY, body(text="words " * 2666))) == (413, "too_many_messages", "text")
    assert aws.queued == []
    assert COUNT not in aws.asked


@pytest.mark.parametrize("operation", [READ, SEND, CLAIM, COUNT])
@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "InternalServerError"])
def test_a_failing_aws_is_503_and_never_429(operation: str, code: str, aws: AwsStub, logged: Callable[[], str]) -> None:
    aws.failing[operation] = (400, code, f"cannot take {TEXT} from {PERSON} for {TOKEN}")
    event = api_event(KEY, BODY, Idempotency_Key="order 7")
    assert asked(event) == (503, "unavailable", None)
    assert aws.queued == []
    written = logged()
    assert '"message":"Failed"' in written
    for secret in (KEY, TOKEN, PERSON[1:], TEXT, "order 7"):
        assert secret not in written
    del aws.failing[operation]
    assert lambda_handler(event, LambdaContext())["statusCode"] == 202


@pytest.mark.parametrize(
    "variable", ["STAGE", "TENANT_CACHE_SECONDS", "OUTBOUND_QUEUE_URL", "CLAIMS_TABLE", "CLAIM_LIFE_SECONDS"]
)
def test_a_setting_that_is_missing_is_500(variable: str, aws: AwsStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(variable)
    assert asked(api_event(KEY, BODY)) == (500, "configuration", None)
    assert aws.asked == []


def test_a_tenant_without_an_account_is_500(aws: AwsStub) -> None:
    aws.keep(managed_tenant(WRITER, accounts=()))
    assert asked(api_event(KEY, body(account=None))) == (500, "configuration", None)


def test_one_accepted_request_writes_one_line(logged: Callable[[], str]) -> None:
    lambda_handler(api_event(KEY, BODY), LambdaContext())
    [line] = written = [json.loads(line) for line in logged().splitlines()]
    assert (line["message"], line["tenant"], line["credential"]) == ("Submitted", "acme", WRITER.id)
    assert (line["stage"], line["Submitted"]) == ("east", 1)
    for secret in (KEY, TOKEN, PERSON[1:], OUR_NUMBER[1:], TEXT, base64.b64encode(TEXT.encode()).decode()):
        assert secret not in json.dumps(written)
