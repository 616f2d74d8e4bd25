"""The handlers with a document that cannot be understood: what callers hear, and what the log says to the operator."""

import json
from collections.abc import Callable

import pytest

from handlers import api, authorizer, receiver, statuses
from handlers.aws_events import ProxyRequest, ProxyResponse
from shared.tenants.account import ProviderSecrets
from shared.tenants.secret_documents import dump_access, dump_accounts
from shared.tenants.tenant import Role
from tests.fakes import (
    ACCOUNT,
    ACCOUNTS,
    OUR_NUMBER,
    PERSON,
    SALT,
    SUBACCOUNT,
    TOKEN,
    credential,
    inbound,
    managed_tenant,
    status,
    tenant,
)
from tests.integration.aws_stub import READ, AwsStub
from tests.integration.events import LambdaContext, api_event, authorizer_event, basic, status_event, webhook_event

WRITER, KEY = credential(name="till at the door")
WRONG_KEY = credential()[1]
BROKEN = json.loads(dump_access(tenant(WRITER))) | {"roles_active": ["Reader"]}
BROKEN_ACCOUNTS = json.loads(dump_accounts("acme", ProviderSecrets(SALT, ACCOUNTS))) | {"schema": 3}
NO_STATUS = {"reason": "invalid_signature", "message": "this status is not signed by an account of this tenant"}
TEXT = json.dumps({"from": OUR_NUMBER, "to": PERSON, "text": "hello", "account": ACCOUNT})


@pytest.fixture(autouse=True)
def broken(aws: AwsStub) -> None:
    aws.secrets["sms-receiver/acme/access"] = json.dumps(BROKEN)
    aws.secrets["sms-receiver/acme/accounts"] = json.dumps(BROKEN_ACCOUNTS)


def said(answer: ProxyResponse) -> tuple[int, dict[str, str]]:
    return answer["statusCode"], json.loads(answer["body"])


def test_an_unsigned_status_gets_the_one_403_and_a_flood_costs_one_read(aws: AwsStub) -> None:
    for _ in range(10):
        assert said(statuses.lambda_handler(status_event(status(), token="wrong"), None)) == (403, NO_STATUS)
    assert aws.asked.count(READ) == 1


@pytest.mark.parametrize(
    ("event", "handler"),
    [
        (status_event(status()), statuses.lambda_handler),
        (webhook_event(KEY, inbound()), receiver.lambda_handler),
        (webhook_event(KEY, inbound(), token="wrong"), receiver.lambda_handler),
        (api_event(KEY, TEXT), api.lambda_handler),
    ],
)
def test_what_is_good_gets_500_without_a_word_of_what_is_stored(
    event: ProxyRequest, handler: Callable[..., ProxyResponse], logged: Callable[[], str], aws: AwsStub
) -> None:
    code, body = said(handler(event, LambdaContext()))
    assert (code, body["reason"]) == (500, "configuration")
    assert aws.queued == []
    written = logged()
    [line] = map(json.loads, written.splitlines())
    assert (line["message"], line["level"], line["reason"]) == ("Failed", "ERROR", "configuration")
    assert line["detail"] == "what is stored of tenant acme cannot be understood; see: sms tenant show"
    stored = (WRITER.name, WRITER.id, Role.WRITER, ACCOUNT, SUBACCOUNT, TOKEN, OUR_NUMBER, "desk", "acme")
    for word in stored:
        assert word not in json.dumps(body)
    for word in (*stored[:-1], KEY):
        assert word not in written


@pytest.mark.parametrize("document", [json.dumps(BROKEN), json.dumps(BROKEN | {"schema": 5})])
def test_a_bad_key_is_401_everywhere(document: str, aws: AwsStub) -> None:
    aws.secrets["sms-receiver/acme/access"] = document
    assert said(receiver.lambda_handler(webhook_event(WRONG_KEY, inbound()), None))[0] == 401
    assert said(api.lambda_handler(api_event(WRONG_KEY, TEXT), LambdaContext()))[0] == 401
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorizer.lambda_handler(authorizer_event(basic(WRONG_KEY)), None)


def test_a_tenant_that_works_again_is_served_once_the_memory_is_over(
    aws: AwsStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_REREAD_SECONDS", "0")
    assert said(receiver.lambda_handler(webhook_event(KEY, inbound()), None))[0] == 500
    aws.keep(managed_tenant(WRITER))
    assert receiver.lambda_handler(webhook_event(KEY, inbound()), None)["statusCode"] == 200


@pytest.mark.parametrize("variable", ["STAGE", "INBOUND_QUEUE_URL"])
def test_a_setting_that_is_missing_is_named_in_the_log_and_not_to_the_caller(
    variable: str, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    monkeypatch.delenv(variable)
    code, body = said(receiver.lambda_handler(webhook_event(KEY, inbound()), None))
    assert (code, variable in json.dumps(body)) == (500, False)
    assert variable in logged()
