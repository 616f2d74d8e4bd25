"""The authorizer's handler with API Gateway's own event: an Allow, or the one exception that means 401."""

import pytest

from handlers.authorizer import lambda_handler
from shared.errors import Configuration, Unavailable
from shared.tenants.tenant import Role
from tests.fakes import credential, managed_tenant
from tests.integration.aws_stub import READ, AwsStub
from tests.integration.events import authorizer_event, basic

MADE = {role: credential(role, name=role) for role in Role}
WRITER, KEY = MADE[Role.WRITER]


@pytest.fixture(autouse=True)
def acme(aws: AwsStub) -> None:
    aws.keep(managed_tenant(*(made for made, _ in MADE.values())))


@pytest.mark.parametrize("role", Role)
def test_allows_the_whole_stage_to_any_good_key(role: Role) -> None:
    made, key = MADE[role]
    assert lambda_handler(authorizer_event(basic(key)), None) == {
        "principalId": f"acme.{made.id}",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/east/*",
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("method_arn", "resource"),
    [
        (
            "arn:aws:execute-api:us-east-2:1:a/south/POST/sms.receiver/SmsRecv",
            "arn:aws:execute-api:us-east-2:1:a/south/*",
        ),
        ("arn:aws-us-gov:execute-api:r:1:a/east/GET/", "arn:aws-us-gov:execute-api:r:1:a/east/*"),
    ],
)
def test_the_policy_is_for_this_api_and_this_stage_only(method_arn: str, resource: str) -> None:
    policy = lambda_handler(authorizer_event(basic(KEY)) | {"methodArn": method_arn}, None)["policyDocument"]
    assert isinstance(policy, dict)
    assert policy["Statement"][0]["Resource"] == resource


def test_takes_the_header_in_any_case() -> None:
    event = authorizer_event(None)
    event["headers"]["aUTHORIZATION"] = basic(KEY)
    assert lambda_handler(event, None)["principalId"] == f"acme.{WRITER.id}"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Basic é",
        "Bearer " + KEY,
        KEY,
        basic(""),
        basic(KEY, username=""),
        basic(KEY, username="admin"),
        basic(KEY, username="APIKEY"),
        basic(KEY[:-1]),
        basic(KEY[:-1] + ("0" if KEY[-1] != "0" else "1")),
        basic(KEY + " "),
        basic(credential()[1]),
        basic(credential(tenant_id="nobody")[1]),
    ],
)
def test_a_bad_key_is_exactly_unauthorized(authorization: str | None) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$") as refused:
        lambda_handler(authorizer_event(authorization), None)
    assert type(refused.value) is Exception
    assert refused.value.args == ("Unauthorized",)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("headers", [{}, None])
def test_no_headers_at_all_are_unauthorized(headers: dict[str, str] | None) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        lambda_handler(authorizer_event(None) | {"headers": headers, "multiValueHeaders": headers}, None)


def test_a_revoked_key_is_unauthorized_as_soon_as_the_document_is_read_again(
    aws: AwsStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_CACHE_SECONDS", "0")
    assert lambda_handler(authorizer_event(basic(KEY)), None)
    aws.keep(managed_tenant())
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        lambda_handler(authorizer_event(basic(KEY)), None)


def test_a_malformed_key_costs_no_call_and_an_unknown_one_costs_one(aws: AwsStub) -> None:
    for key, calls in [(KEY[:-1], 0), (credential(tenant_id="nobody")[1], 1)]:
        aws.asked.clear()
        with pytest.raises(Exception, match=r"^Unauthorized$"):
            lambda_handler(authorizer_event(basic(key)), None)
        assert aws.asked.count(READ) == calls


def test_a_good_key_costs_one_call_for_many_requests(aws: AwsStub) -> None:
    for _ in range(5):
        lambda_handler(authorizer_event(basic(KEY)), None)
    assert aws.asked == [READ]


@pytest.mark.parametrize(
    ("status", "code"), [(400, "AccessDeniedException"), (400, "DecryptionFailure"), (500, "InternalServiceError")]
)
def test_a_failing_secrets_manager_is_no_refusal(status: int, code: str, aws: AwsStub) -> None:
    aws.failing[READ] = (status, code, "said by AWS")
    with pytest.raises(Unavailable, match=f"AWS answered {code}$"):
        lambda_handler(authorizer_event(basic(KEY)), None)


@pytest.mark.parametrize("document", ["", "{}", "not json"])
def test_a_document_that_cannot_be_read_is_no_refusal(document: str, aws: AwsStub) -> None:
    aws.secrets["sms-receiver/acme/access"] = document
    with pytest.raises(Configuration):
        lambda_handler(authorizer_event(basic(KEY)), None)


def test_a_missing_setting_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAGE")
    with pytest.raises(Configuration, match="STAGE is not set"):
        lambda_handler(authorizer_event(basic(KEY)), None)
