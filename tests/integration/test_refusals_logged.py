"""What the line of a refusal names once the key is good: tenant, credential, and the text that it claims to be."""

import dataclasses
import json
from collections.abc import Callable

import pytest

from handlers import api, receiver, statuses
from handlers.aws_events import ProxyRequest, ProxyResponse
from shared.messages import events
from shared.reasons import FORGED
from shared.tenants.tenant import Role, SignatureMode
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER, PERSON, STRANGER, TOKEN, credential, inbound, managed_tenant, status
from tests.integration.aws_stub import AwsStub
from tests.integration.events import LambdaContext, api_event, status_event, webhook_event, with_headers

WRITER, KEY = credential()
READER, READER_KEY = credential(Role.READER, name="reader")
ACME = managed_tenant(WRITER, READER, agents=(DESK,))
SID = dict(inbound())["MessageSid"]
CONVERSATION = events.conversation_id(ACME.salt, ours=OUR_NUMBER, person=PERSON)[:12]
TEXT = "meet me at noon"
SAID = {"from": OUR_NUMBER, "to": PERSON, "text": TEXT, "account": ACCOUNT}
LARGE = inbound(Body=TEXT, AddOns="x" * 300_000)
BYTES_MAX = 512  # what a refusal costs in logs: a line of an attack, and there may be many


@pytest.fixture(autouse=True)
def acme(aws: AwsStub) -> None:
    aws.keep(ACME)


def line_of(answer: ProxyResponse, logged: Callable[[], str]) -> dict[str, str]:
    """The one line that a refusal wrote; whatever must hold of each is checked."""
    assert 400 <= answer["statusCode"] < 500
    written = logged()
    assert len(written.strip().encode()) < BYTES_MAX
    for secret in (KEY, READER_KEY, TOKEN, PERSON[1:], OUR_NUMBER[1:], TEXT):
        assert secret not in written
    [line] = map(json.loads, written.splitlines())
    assert line["message"] == "Refused"
    assert ("Forged" in line) == line["reason"].endswith("_signature")
    return {name: line.get(name, "") for name in ("reason", "tenant", "credential", "correlation_id", "conversation")}


def named(reason: str, *, credential: str = WRITER.id, text: str = "", conversation: str = "") -> dict[str, str]:
    told = {"reason": reason, "tenant": "acme", "credential": credential}
    return {**told, "correlation_id": text, "conversation": conversation}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            webhook_event(READER_KEY, inbound()),
            named("forbidden_role", credential=READER.id, text=SID, conversation=CONVERSATION),
        ),
        (webhook_event(KEY, inbound(), token="wrong"), named("invalid_signature", text=SID, conversation=CONVERSATION)),
        (
            webhook_event(KEY, inbound(AccountSid=STRANGER)),
            named("unknown_account", text=SID, conversation=CONVERSATION),
        ),
        (
            webhook_event(KEY, [*inbound(), ("From", PERSON)]),
            named("ambiguous_signature", text=SID, conversation=CONVERSATION),
        ),
        (
            with_headers(webhook_event(KEY, inbound()), X_Twilio_Signature=None),
            named("missing_signature", text=SID, conversation=CONVERSATION),
        ),
        (webhook_event(KEY, inbound(From="")), named("malformed", text=SID)),
        (webhook_event(KEY, inbound(MessageSid=PERSON)), named("malformed")),
        (webhook_event(KEY, LARGE), named("malformed", text=SID, conversation=CONVERSATION)),
    ],
)
def test_a_refused_text_names_whose_it_is(
    event: ProxyRequest, expected: dict[str, str], logged: Callable[[], str]
) -> None:
    assert line_of(receiver.lambda_handler(event, None), logged) == expected


def test_a_forged_text_that_is_only_observed_has_its_conversation(aws: AwsStub, logged: Callable[[], str]) -> None:
    aws.keep(dataclasses.replace(ACME, signature_mode=SignatureMode.OBSERVE))
    answer = receiver.lambda_handler(webhook_event(KEY, LARGE, token="wrong"), None)
    assert line_of(answer, logged) == named("malformed", text=SID, conversation=CONVERSATION)


@pytest.mark.parametrize("key", ["", KEY + "x", credential()[1], credential(tenant_id="nobody")[1]])
def test_a_wrong_key_is_nobodys_whatever_it_says(key: str, logged: Callable[[], str]) -> None:
    nobody = {"reason": "invalid_key", "tenant": "", "credential": "", "correlation_id": "", "conversation": ""}
    assert line_of(receiver.lambda_handler(webhook_event(key, inbound()), None), logged) == nobody
    assert line_of(api.lambda_handler(api_event(key, json.dumps(SAID)), LambdaContext()), logged) == nobody


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (status_event(status(MessageStatus="?")), named("malformed", credential="", text="SM42")),
        (status_event(status(SmsSid="SM1")), named("ambiguous_signature", credential="", text="SM42")),
    ],
)
def test_a_signed_status_that_is_refused_names_its_tenant(
    event: ProxyRequest, expected: dict[str, str], logged: Callable[[], str]
) -> None:
    assert line_of(statuses.lambda_handler(event, None), logged) == expected


def test_an_unsigned_status_names_nobody(logged: Callable[[], str]) -> None:
    line = line_of(statuses.lambda_handler(status_event(status(), token="wrong"), None), logged)
    assert (line["reason"], line["tenant"], line["correlation_id"]) == ("invalid_signature", "", "")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (api_event(READER_KEY, json.dumps(SAID)), named("forbidden_role", credential=READER.id)),
        (api_event(KEY, "{"), named("malformed")),
        (api_event(KEY, json.dumps(SAID), Content_Type="text/plain"), named("wrong_content_type")),
        (api_event(KEY, json.dumps(SAID | {"from": "+12025550177"})), named("not_our_number")),
        (api_event(KEY, json.dumps(SAID | {"account": STRANGER})), named("not_our_account")),
    ],
)
def test_a_refused_message_of_a_program_names_whose_key_it_was(
    event: ProxyRequest, expected: dict[str, str], logged: Callable[[], str]
) -> None:
    assert line_of(api.lambda_handler(event, LambdaContext()), logged) == expected


def test_a_reused_idempotency_key_names_the_conversation(logged: Callable[[], str]) -> None:
    first = api_event(KEY, json.dumps(SAID), Idempotency_Key="order 7")
    assert api.lambda_handler(first, LambdaContext())["statusCode"] == 202
    logged()
    second = api_event(KEY, json.dumps(SAID | {"text": "other"}), Idempotency_Key="order 7")
    line = line_of(api.lambda_handler(second, LambdaContext()), logged)
    assert line == named("idempotency_mismatch", conversation=CONVERSATION)


def test_a_refusal_for_one_of_our_numbers_names_its_agent(logged: Callable[[], str]) -> None:
    for text in ("first", "other"):
        logged()
        request = api_event(KEY, json.dumps(SAID | {"text": text}), Idempotency_Key="order 8")
        api.lambda_handler(request, LambdaContext())
    [line] = map(json.loads, logged().splitlines())
    assert (line["message"], line["agent"]) == ("Refused", DESK.id)


def test_every_kind_of_refusal_by_signature_counts_as_forged(logged: Callable[[], str]) -> None:
    forgeries = [
        webhook_event(KEY, inbound(), token="wrong"),
        webhook_event(KEY, [*inbound(), ("From", PERSON)]),
        with_headers(webhook_event(KEY, inbound()), X_Twilio_Signature=None),
        status_event(status(), token="wrong"),
        with_headers(status_event(status()), X_Twilio_Signature=None),
        status_event(status(SmsSid="SM1")),
    ]
    for event in forgeries:
        handler = statuses if "SmsStatus" in event["path"] else receiver
        handler.lambda_handler(event, None)
    lines = [json.loads(line) for line in logged().splitlines()]
    assert [line.get("Forged") for line in lines] == [1] * len(forgeries)
    assert {line["reason"] for line in lines} == FORGED
