"""`sms backend test`: what an agent's backend answers to a sample text, asked from here."""

from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.errors import Unavailable, UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage
from shared.reasons import Reason
from shared.tenants.agent import BackendSettings
from tests.fakes import OUR_NUMBER, managed_tenant, schema
from tests.unit.cli.command import Command
from tests.unit.operations.tenants.fakes import agent, signed_backend

SECRET = "whsec_" + "A" * 48
ARN = "arn:aws:sqs:us-east-1:111122223333:orders"


def command(backend: BackendSettings | None = None, second: BackendSettings | None = None) -> Command:
    run = Command.on(managed_tenant(agents=(agent("desk", backend=backend, second_backend=second),)))
    run.store.hold(OUR_NUMBER)
    return run


def test_shows_what_the_backend_says_and_asks_it_as_a_persons_first_text_would() -> None:
    heard = list[Mapping[str, Any]]()
    run = command(signed_backend(SECRET))

    def answer(event: Mapping[str, Any]) -> Answer:
        heard.append(event)
        return Answer((AnswerMessage("Hi"), AnswerMessage("", ("https://example.com/a.gif",))), end_session=True)

    run.backend = answer
    assert run.json("backend", "test", "desk", "is anybody there?") == {
        "agent": "desk",
        "backend": "http",
        "messages": ["Hi", ""],
        "media": ["https://example.com/a.gif"],
        "end_session": True,
        "later": False,
    }
    [event] = heard
    assert (event["data"]["text"], event["data"]["to"]) == ("is anybody there?", OUR_NUMBER)
    assert (event["data"]["agent"], event["data"]["session"]["turn"]) == ("desk", 1)
    assert event["id"].startswith("sample")
    Draft202012Validator(schema("sms.message.received.v1")).validate(event)
    assert [settings.secrets for settings in run.asked] == [(SECRET,)]
    assert run.audit.kept == []


def test_the_second_backend_is_asked_by_name_and_each_time_as_another_text() -> None:
    run = command(signed_backend(SECRET), BackendSettings("echo"))
    assert run.json("backend", "test", "desk", "--second")["messages"] == ["Hello"]
    run.json("backend", "test", "desk")
    assert [settings.kind for settings in run.asked] == ["echo", "http"]


@pytest.mark.parametrize(
    ("backend", "options", "why"),
    [
        (None, [], "has no backend"),
        (BackendSettings("echo"), ["--second"], "has no second backend"),
        (BackendSettings("queue", ARN), [], "what reads its queue answers later"),
        (BackendSettings("lex", "arn:aws:lex:us-east-1:111122223333:bot-alias/A/B"), [], "only the stage may ask"),
    ],
)
def test_declines_what_cannot_be_asked_from_here(backend: BackendSettings | None, options: list[str], why: str) -> None:
    run = command(backend)
    assert why in run.declined("backend", "test", "desk", *options)
    assert run.asked == []


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("the backend answered 503"),
        UpstreamRefused(Reason.BACKEND_NONSENSE, "the backend's answer makes no sense: it is not JSON"),
    ],
)
def test_says_why_there_is_no_answer_and_shows_no_secret(error: Exception) -> None:
    run = command(signed_backend(SECRET))

    def fail(_: Mapping[str, Any]) -> Answer:
        raise error

    run.backend = fail
    refusal = run.declined("backend", "test", "desk")
    assert str(error) in refusal
    assert SECRET not in refusal
    assert "no agent 'nobody'" in run.declined("backend", "test", "nobody")
