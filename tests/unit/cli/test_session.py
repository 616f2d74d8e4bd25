"""`sms session`: which sessions are open, and creating and ending one through the stage's API."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from operations.health.web import WebAnswer
from shared.errors import Unavailable
from shared.messages.sessions import EndedBy, Parties, ReceivedText, Session
from tests import fakes
from tests.fakes import ACCOUNT, DESK, NOW, OUR_NUMBER, PERSON
from tests.unit.cli.command import Command
from tests.unit.cli.test_sending import KEY, MEMBER, STRANGERS, Stage

SESSION_ID = "SE" + "5" * 32
BEGUN: dict[str, object] = {"session_id": SESSION_ID, "id": None, "reply_ids": []}
TALK = ("--from", OUR_NUMBER, "--to", PERSON)
CONVERSATION = "c" * 64
UNSURE = "it may be done all the same: look with ./sms --tenant acme session list before you try again"
PARTIES = Parties(OUR_NUMBER, PERSON, "twilio", ACCOUNT)


def command(answer: WebAnswer | Unavailable | None = None) -> tuple[Command, Stage]:
    stage = Stage(answer=WebAnswer(201, {}, json.dumps(BEGUN)) if answer is None else answer)
    made = Command.on(fakes.managed_tenant(MEMBER))
    made.outside = stage
    return made, stage


def with_sessions() -> Command:
    """One of a program, one of a person who texted twice, and four that are not listed."""
    made = Command.on(fakes.managed_tenant(MEMBER))
    program = Session(
        "acme",
        CONVERSATION,
        SESSION_ID,
        DESK.id,
        opened_at=NOW - timedelta(minutes=5),
        latest_at=NOW - timedelta(minutes=5),
        context={"secret": "hidden"},
        parties=PARTIES,
        by_program=True,
    )
    made.sessions.begin(program, DESK)
    made.sessions.begin(replace(program, conversation="d" * 64, opened_at=NOW, latest_at=NOW - timedelta(2)), DESK)
    made.sessions.begin(replace(program, conversation="e" * 64, agent="Gone0001"), DESK)
    made.sessions.begin(replace(program, tenant="other"), DESK)
    made.sessions.begin(replace(program, conversation="f" * 64), DESK)
    made.sessions.end_at(made.sessions.kept["acme." + "f" * 64], EndedBy.PROGRAM)
    for number in range(2):
        made.sessions.turn("acme." + "a" * 64, ReceivedText(f"SM{number}", NOW, PARTIES), DESK)
    return made


def test_lists_the_sessions_that_are_open() -> None:
    made = with_sessions()
    texted = made.sessions.kept["acme." + "a" * 64]
    assert made.json("session", "list") == [
        {
            "id": SESSION_ID,
            "agent": "desk",
            "person": "…0123",
            "number": "…0199",
            "conversation": "c" * 12,
            "by": "program",
            "texts": 0,
            "context": True,
            "opened_at": "2026-11-23T11:55:00+00:00",
            "times_out_at": "2026-11-23T12:55:00+00:00",
        },
        {
            "id": texted.id,
            "agent": "desk",
            "person": None,
            "number": None,
            "conversation": "a" * 12,
            "by": "person",
            "texts": 2,
            "context": False,
            "opened_at": "2026-11-23T12:00:00+00:00",
            "times_out_at": "2026-11-23T13:00:00+00:00",
        },
    ]


def test_shows_whole_numbers_when_asked_to_and_never_a_context() -> None:
    result = with_sessions().run("session", "list", "--full", "--json")
    shown = json.loads(result.stdout)[0]
    assert (shown["person"], shown["number"]) == (PERSON, OUR_NUMBER)
    assert "hidden" not in result.output


def test_says_when_none_is_open() -> None:
    made = Command.on(fakes.managed_tenant())
    assert "No session is open on stage south." in made.run("session", "list", "--stage", "south").stderr
    assert made.json("session", "list") == []


def test_a_table_that_cannot_be_read_is_a_sentence() -> None:
    made = with_sessions()
    made.sessions.failing = Unavailable("the sessions could not be read: AWS answered AccessDeniedException")
    assert "could not be read" in made.declined("session", "list")


def posted(stage: Stage) -> tuple[str, Mapping[str, object]]:
    [(url, headers, body)] = stage.posted
    assert headers["Idempotency-Key"]
    return url, body


def test_creates_a_session_through_the_stages_api() -> None:
    made, stage = command()
    context = '{"order": 7, "name": "größer"}'
    assert made.json("session", "create", *TALK, "--context", context, "--text", "Hello", typed=KEY) == BEGUN
    url, body = posted(stage)
    assert url == "https://a1.execute-api.us-east-1.amazonaws.com/east/sms.sender/SmsSession"
    assert body == {
        "from": OUR_NUMBER,
        "to": PERSON,
        "context": {"order": 7, "name": "größer"},
        "text": "Hello",
        "account": None,
    }


def test_takes_a_context_from_a_file(tmp_path: Path) -> None:
    made, stage = command()
    (tmp_path / "context.json").write_text('{"order": 8}', encoding="utf-8")
    made.json("session", "create", *TALK, "--context", f"@{tmp_path / 'context.json'}", typed=KEY)
    assert posted(stage)[1]["context"] == {"order": 8}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("hidden", "the context is not JSON in UTF-8"),
        ('["hidden"]', "the context must be a JSON object"),
        ("@/nowhere/at/all", "the file of the context cannot be read: No such file or directory"),
        ("@/", "the file of the context cannot be read: Is a directory"),
    ],
)
def test_what_is_no_context_is_not_sent_and_not_quoted(typed: str, sentence: str) -> None:
    made, stage = command()
    declined = made.declined("session", "create", *TALK, "--context", typed, typed=KEY)
    assert sentence in declined
    assert "hidden" not in declined
    assert stage.posted == []


@pytest.mark.parametrize("more", [(), ("--id", SESSION_ID)])
def test_ends_a_session_through_the_stages_api(more: tuple[str, ...]) -> None:
    ended = {"session_id": SESSION_ID, "ended": True}
    made, stage = command(WebAnswer(200, {}, json.dumps(ended)))
    assert made.json("session", "end", *TALK, *more, "--stage", "south", typed=KEY) == ended
    url, body = posted(stage)
    assert url == "https://b2.execute-api.us-east-2.amazonaws.com/south/sms.sender/SmsSessionEnd"
    assert body == {"from": OUR_NUMBER, "to": PERSON, "session_id": SESSION_ID if more else None}


@pytest.mark.parametrize("verb", ["create", "end"])
def test_says_why_the_stage_refuses_and_what_a_lost_answer_leaves_open(verb: str) -> None:
    refusal = {"reason": "not_our_number", "message": "from: no agent of this tenant has this address"}
    made, _ = command(WebAnswer(403, {}, json.dumps(refusal)))
    assert "stage east answered 403, not_our_number" in made.declined("session", verb, *TALK, typed=KEY)
    made, _ = command(Unavailable("no answer: ReadTimeout"))
    sentence = made.declined("session", verb, *TALK, typed=KEY)
    assert "it may be done all the same: look with ./sms --tenant acme session list" in sentence


@pytest.mark.parametrize("verb", ["create", "end"])
def test_a_key_that_is_not_this_tenants_is_not_sent_anywhere(verb: str) -> None:
    made, stage = command()
    assert "API key" in made.declined("session", verb, *TALK, typed=STRANGERS)
    assert stage.posted == []
