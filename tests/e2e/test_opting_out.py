"""STOP and its like: Twilio answers, the agent hears it marked, and nobody else says a word."""

import pytest

from devstack.backend import CannedAnswer
from devstack.person import Person
from shared.messages.events import STATUS
from shared.tenants.agent import FAILURE_REPLY
from tests.e2e import programs
from tests.e2e.lines import fresh_number
from tests.e2e.talks import Talk, Talks


@pytest.mark.parametrize(
    ("word", "marked"), [("STOP", "STOP"), ("stopall", "STOP"), ("Start", "START"), ("HELP", "HELP")]
)
def test_a_word_of_twilios_is_marked_and_not_answered(talks: Talks, word: str, marked: str) -> None:
    talk = talks.begin("east")

    talk.person.text(word)

    assert talks.backend.wait(lambda _: bool(talk.person.heard()))
    assert talk.queues.settle()
    [heard] = talk.person.heard()
    assert heard.event["data"]["opt_out"] == marked
    assert talk.person.sees(1, within_seconds=1) == []
    assert {message["by"] for message in talks.phones.screen(talk.person.address)} == {"twilio"}


def test_a_word_within_a_text_is_an_ordinary_text(talks: Talks) -> None:
    talk = talks.begin("east")

    talk.person.text("please do not stop")

    assert talk.person.sees(1) == ["You said: please do not stop"]
    assert talk.person.heard()[0].event["data"]["opt_out"] is None


def test_nobody_apologises_for_a_failure_to_a_person_who_said_stop(talks: Talks) -> None:
    talk = talks.begin("east", lambda _: CannedAnswer(status=400))

    sid = talk.person.text("STOP")

    assert talks.lines.parked(talk.line, sid).reason == "backend_refused"
    assert talk.queues.settle()
    assert FAILURE_REPLY not in talk.person.sees(1, within_seconds=1)


def test_a_person_who_opted_out_is_not_texted_and_the_agent_hears_why(talks: Talks) -> None:
    talk = talks.begin("east", statuses=True)
    talk.person.text("STOP")
    assert talks.backend.wait(lambda _: len(talk.person.heard()) == 1)

    sid = talk.person.text("but tell me")

    assert talks.backend.wait(lambda _: "failed" in talk.person.statuses())
    [status] = [one.event["data"] for one in talks.backend.heard(talk.line.tenant) if one.event["type"] == STATUS]
    assert (status["reply_id"], status["error_code"]) == (f"{sid}-1", 21610)
    assert talk.queues.settle()
    assert talk.person.sees(1, within_seconds=1) == []
    assert list(talks.lines.parking(talk.line).parked(talk.line.tenant)) == []


def by_whatsapp(talks: Talks, talk: Talk) -> Person:
    """Somebody who texts the line by WhatsApp, where Twilio answers no word."""
    number = fresh_number()
    talks.lines.secret.add(number)
    return Person(f"whatsapp:{number}", f"whatsapp:{talk.line.number}", talks.phones, talks.backend)


def test_help_by_whatsapp_is_answered_by_the_agent(talks: Talks) -> None:
    talk = talks.begin("south")
    person = by_whatsapp(talks, talk)

    person.text("HELP")

    assert person.sees(1) == ["You said: HELP"]
    assert person.heard()[0].event["data"]["opt_out"] is None


def test_after_stop_by_whatsapp_nobody_texts_the_person_until_start(talks: Talks) -> None:
    talk = talks.begin("east", statuses=True)
    person = by_whatsapp(talks, talk)
    ask = {"to": person.address, "text": "Your table is ready.", "account": talk.line.account}

    person.text("STOP")
    person.text("Are you there?")
    assert talks.backend.wait(lambda _: len(person.heard()) == 2)
    assert talk.queues.settle()

    assert [heard.event["data"]["opt_out"] for heard in person.heard()] == ["STOP", None]
    refused = programs.send(talk.line, **ask)
    assert (refused.status_code, refused.json()["reason"]) == (403, "opted_out")
    assert person.sees(1, within_seconds=1) == []

    person.text("START")
    assert person.sees(1) == ["You said: START"]
    assert programs.send(talk.line, **ask).status_code == 202
    assert person.sees(2) == ["You said: START", "Your table is ready."]
    assert list(talks.lines.parking(talk.line).parked(talk.line.tenant)) == []
