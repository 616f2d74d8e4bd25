"""What answered at IBM answers here, on both deployed stages: an engine as its samples write it, and an assistant."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from shared.tenants.agent import BackendSettings
from tests import backend_server
from tests.e2e.operators import done
from tests.e2e.talks import Talk, Talks
from tests.soe_engine import Engine
from tests.watson_assistant import Assistant

PASSWORD = "open sesame of the gateway"
TERMINATE = {"smsAction": {"command": "terminateSession"}}


@dataclass(frozen=True)
class Asked:
    """An engine, and how an agent reaches it."""

    engine: Engine
    settings: BackendSettings


@pytest.fixture
def asked(talks: Talks) -> Iterator[Asked]:
    talks.lines.secret.add(PASSWORD)
    with backend_server.running() as server:
        authorization = "Basic " + base64.b64encode(f"gateway:{PASSWORD}".encode()).decode()
        engine = Engine(server, authorization)
        server.reply = engine.reply
        settings = BackendSettings("soe", server.url, signed=True, secrets=(PASSWORD,), user="gateway")
        yield Asked(engine, settings)


def said(talk: Talk, *texts: str) -> list[str]:
    """What the phone shows when each text was answered before the next is sent."""
    for count, text in enumerate(texts, start=len(talk.person.sees(0)) + 1):
        talk.person.text(text)
        talk.person.sees(count)
    return talk.person.sees(len(texts))


def test_an_engine_has_its_context_from_text_to_text_until_it_ends_the_session(
    stage: str, talks: Talks, asked: Asked
) -> None:
    talk = talks.begin(stage, backend=asked.settings)
    engine = asked.engine

    assert said(talk, "Hi", "a\nb") == ["1. Hi", "2. a b"]
    first, second = engine.contexts
    assert (first["smsTenantPhoneNumber"], first["smsUserPhoneNumber"]) == (talk.line.number, talk.person.address)
    assert "conversation_id" not in first
    assert second["conversation_id"] == f"conversation of {first['smsSessionID']}"

    engine.output = TERMINATE
    assert said(talk, "bye")[-1:] == ["3. bye"]
    engine.output = {}
    assert said(talk, "Hi again")[-1:] == ["1. Hi again"]
    assert engine.contexts[3]["smsSessionID"] != first["smsSessionID"]


def test_an_operator_gives_an_agent_its_engine_and_another_password(stage: str, talks: Talks, asked: Asked) -> None:
    talk = talks.begin(stage)
    options = ("--backend", "soe", "--backend-url", asked.settings.target, "--backend-user", "gateway")
    update = ("--stage", stage, "--tenant", talk.line.tenant, "agent", "update", "helper")
    shown = done(*update, *options, typed=PASSWORD + "\n")
    assert (shown["backend"], shown["backend_user"]) == ("soe", "gateway")
    assert PASSWORD not in str(shown)
    assert said(talk, "Hi") == ["1. Hi"]


def test_a_person_chooses_an_option_by_its_number(stage: str, talks: Talks, asked: Asked) -> None:
    talk = talks.begin(stage, backend=replace(asked.settings))
    listed = [{"label": label, "value": {"input": {"text": f"I want {label}"}}} for label in ("a boat", "a car")]
    option = {"response_type": "option", "title": "Which?", "options": listed}
    asked.engine.output = {"text": [], "generic": [option]}
    assert said(talk, "insure me") == ["Which?\n1. a boat\n2. a car"]
    asked.engine.output = {}
    assert said(talk, "2")[-1:] == ["2. I want a car"]


def test_an_assistant_of_watson_answers_in_a_session_that_lives_as_long_as_ours(stage: str, talks: Talks) -> None:
    talks.lines.secret.add(PASSWORD)
    with backend_server.running() as server:
        authorization = "Basic " + base64.b64encode(f"apikey:{PASSWORD}".encode()).decode()
        assistant = Assistant(server, authorization)
        server.reply = assistant.reply
        settings = BackendSettings("watson", assistant.url, signed=True, secrets=(PASSWORD,), user="apikey")
        talk = talks.begin(stage, backend=settings)
        assert said(talk, "Hi", "Again") == ["1. Hi", "2. Again"]

        assistant.expire()
        assert said(talk, "Still there?")[-1:] == ["1. Still there?"]

        assistant.user_defined = TERMINATE
        assert said(talk, "bye")[-1:] == ["2. bye"]
        assistant.user_defined = {}
        assert said(talk, "Hi again")[-1:] == ["1. Hi again"]
        persons = {message["user_id"] for message in assistant.messages}
        assert len(persons) == 1
        assert talk.person.address not in str(persons)
