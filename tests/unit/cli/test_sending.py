import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from operations.health.web import WebAnswer
from shared.errors import Unavailable
from tests import fakes
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON
from tests.unit.cli.command import Command
from tests.unit.cli.doctor_fakes import FakeWeb

MEMBER, KEY = fakes.credential()
STRANGERS = fakes.credential(tenant_id="zeta")[1]
IDS = {"id": "AP1", "reply_ids": ["AP1-1"]}
SEND = ("send", "--from", OUR_NUMBER, "--to", PERSON, "Your table is ready.")


@dataclass
class Stage(FakeWeb):
    """A stage's `SmsSend`: what was posted, and what it answers."""

    answer: WebAnswer | Unavailable = field(default_factory=lambda: WebAnswer(202, {}, json.dumps(IDS)))
    posted: list[tuple[str, dict[str, str], dict[str, object]]] = field(default_factory=list)

    def post(self, url: str, *, headers: Mapping[str, str], body: str) -> WebAnswer:
        self.posted.append((url, dict(headers), json.loads(body)))
        if isinstance(self.answer, Unavailable):
            raise self.answer
        return self.answer


def command(answer: WebAnswer | Unavailable | None = None) -> tuple[Command, Stage]:
    stage = Stage() if answer is None else Stage(answer=answer)
    made = Command.on(fakes.managed_tenant(MEMBER))
    made.outside = stage
    return made, stage


@pytest.mark.parametrize("terminal", [False, True], ids=["stdin", "prompt"])
def test_posts_the_message_with_the_key_and_shows_its_ids(*, terminal: bool) -> None:
    made, stage = command()
    made.terminal = terminal
    result = made.run(*SEND, "--json", typed=f"{KEY}\n")
    assert json.loads(result.stdout) == IDS
    assert KEY not in result.output
    [(url, headers, body)] = stage.posted
    assert url == "https://a1.execute-api.us-east-1.amazonaws.com/east/sms.sender/SmsSend"
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"apikey:{KEY}"
    assert headers["Content-Type"] == "application/json"
    assert re.fullmatch("[0-9a-f]{32}", headers["Idempotency-Key"])
    assert body == {
        "from": OUR_NUMBER,
        "to": PERSON,
        "text": "Your table is ready.",
        "in_reply_to": None,
        "end_session": False,
        "account": None,
    }


def test_answers_a_text_and_ends_its_session() -> None:
    made, stage = command()
    made.json(*SEND, "--in-reply-to", "SM1", "--end-session", "--account", ACCOUNT, "--stage", "south", typed=KEY)
    [(url, _, body)] = stage.posted
    assert url.startswith("https://b2.execute-api.us-east-2.amazonaws.com/south/")
    assert (body["in_reply_to"], body["end_session"], body["account"]) == ("SM1", True, ACCOUNT)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [("(202) 555-0123", PERSON), (f"whatsapp:{PERSON}", f"whatsapp:{PERSON}"), ("40404", "40404")],
)
def test_takes_a_number_as_people_write_it_and_any_other_address_as_it_is(typed: str, sent: str) -> None:
    made, stage = command()
    made.json("send", "--from", "(202) 555-0199", "--to", typed, "Hi", typed=KEY)
    body = stage.posted[0][2]
    assert (body["from"], body["to"]) == (OUR_NUMBER, sent)


def test_says_why_the_stage_refuses() -> None:
    refusal = {"reason": "opted_out", "message": "to: this person has opted out"}
    made, _ = command(WebAnswer(403, {}, json.dumps(refusal)))
    assert "stage east answered 403, opted_out: to: this person has opted out" in made.declined(*SEND, typed=KEY)


@pytest.mark.parametrize("body", ["", "<html>", "[]", "7"])
def test_an_answer_that_explains_nothing_is_told_by_its_status(body: str) -> None:
    made, _ = command(WebAnswer(502, {}, body))
    assert "stage east answered 502, no reason" in made.declined(*SEND, typed=KEY)


def test_a_lost_answer_leaves_open_whether_the_message_goes_out() -> None:
    made, stage = command(Unavailable("no answer: ReadTimeout"))
    sentence = made.declined(*SEND, typed=KEY)
    assert "no answer: ReadTimeout; the message may be queued all the same" in sentence
    assert len(stage.posted) == 1


@pytest.mark.parametrize("key", ["", "nonsense", KEY[:-1], STRANGERS])
def test_a_key_that_is_not_this_tenants_is_not_sent_anywhere(key: str) -> None:
    made, stage = command()
    sentence = made.declined(*SEND, typed=key)
    assert "API key" in sentence
    assert not key or key not in sentence
    assert stage.posted == []


def test_the_keys_tenant_sends_when_none_is_named() -> None:
    made, stage = command()
    made.tenant = None
    assert made.json(*SEND, typed=STRANGERS) == IDS
    assert len(stage.posted) == 1


def test_declines_on_a_stage_that_is_not_deployed() -> None:
    made, _ = command()
    made.base_urls = {}
    assert "stage east is not deployed" in made.declined(*SEND, typed=KEY)
