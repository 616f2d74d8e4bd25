"""An agent that is slow, down, refusing or talking nonsense: the person hears of it once, and no text is lost."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from devstack.backend import CannedAnswer, in_turn, parrot
from devstack.deployment import LIMIT_TEXTS
from shared.tenants.agent import FAILURE_REPLY
from tests.e2e.talks import SECOND, Talk, Talks
from tests.e2e.waiting import until

SMS = Path(__file__).parents[2] / "sms"
DOWN, REFUSING = CannedAnswer(status=503), CannedAnswer(status=400)


def sms(talk: Talk, *arguments: str) -> Any:  # noqa: ANN401 - the command's JSON
    """What the operator's command prints."""
    here = ["--local", "--json", "--yes", "--stage", talk.line.stage, "--tenant", talk.line.tenant]
    ran = subprocess.run([str(SMS), *here, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize(
    "failures",
    [(DOWN, CannedAnswer(status=429)), (CannedAnswer(status=408), CannedAnswer(("late",), after_seconds=4))],
    ids=str,
)
def test_an_agent_that_is_down_and_then_up_answers_once(
    talks: Talks, failures: tuple[CannedAnswer, CannedAnswer]
) -> None:
    talk = talks.begin("east", in_turn(*failures, parrot))

    sid = talk.person.text("anybody there?")

    assert talk.person.sees(1, within_seconds=30) == ["You said: anybody there?"]
    assert [one.webhook_id for one in talk.person.heard()] == [sid] * 3
    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=1) == ["You said: anybody there?"]


def test_an_agent_that_stays_down_makes_the_text_be_parked_and_the_person_told(talks: Talks) -> None:
    talk = talks.begin("south", lambda _: DOWN)

    sid = talk.person.text("anybody there?")

    assert talks.lines.parked(talk.line, sid).reason == "backend_unavailable"
    assert talk.person.sees(1) == [FAILURE_REPLY]
    assert len(talk.person.heard()) == 5
    assert {one.webhook_id for one in talk.person.heard()} == {sid}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (REFUSING, "backend_refused"),
        (CannedAnswer(status=302), "backend_refused"),
        (CannedAnswer(body=b"<html>"), "backend_nonsense"),
        (CannedAnswer(body=b'{"messages": "none"}'), "backend_nonsense"),
        (CannedAnswer(("x" * 65536,)), "backend_nonsense"),
    ],
)
def test_an_agent_that_refuses_or_talks_nonsense_is_not_asked_again(
    talks: Talks, answer: CannedAnswer, reason: str
) -> None:
    talk = talks.begin("east", lambda _: answer)

    sid = talk.person.text("do what you cannot")

    assert talks.lines.parked(talk.line, sid).reason == reason
    assert talk.person.sees(1) == [FAILURE_REPLY]
    assert len(talk.person.heard()) == 1


def test_the_person_is_told_of_failures_only_once_in_a_while(talks: Talks) -> None:
    talk = talks.begin("east", lambda _: REFUSING)

    texts = [talk.person.text(f"try {number}") for number in range(3)]

    for sid in texts:
        talks.lines.parked(talk.line, sid)
    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=1) == [FAILURE_REPLY]


def test_an_agent_may_have_its_own_sentence_or_none(talks: Talks) -> None:
    own = talks.begin("east", lambda _: REFUSING, failure_reply="Call us.")
    none = talks.begin("east", lambda _: REFUSING, failure_reply=None)

    own.person.text("help me out")
    sid = none.person.text("help me out")

    assert own.person.sees(1) == ["Call us."]
    talks.lines.parked(none.line, sid)
    assert none.queues.settle()
    assert none.person.sees(1, within_seconds=1) == []


def test_the_second_location_answers_when_the_first_is_unavailable(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, lambda _: DOWN, second=lambda _: CannedAnswer(("second here",)))

    sid = talk.person.text("anybody?")

    assert talk.person.sees(1) == ["second here"]
    assert [(one.path, one.webhook_id) for one in talk.person.heard()] == [("/", sid), (SECOND, sid)]


def test_the_second_location_is_not_asked_when_the_first_refuses(talks: Talks) -> None:
    talk = talks.begin("east", lambda _: REFUSING, second=lambda _: CannedAnswer(("second here",)))

    sid = talk.person.text("anybody?")

    assert talks.lines.parked(talk.line, sid).reason == "backend_refused"
    assert talk.person.heard(path=SECOND) == []


def test_a_parked_text_is_answered_once_however_often_it_is_replayed(talks: Talks) -> None:
    talk = talks.begin("east", in_turn(REFUSING, parrot), failure_reply=None)
    sid = talk.person.text("now or later")
    parked = talks.lines.parked(talk.line, sid)

    [listed] = sms(talk, "parked", "list")
    assert (listed["id"], listed["reason"]) == (sid, "backend_refused")
    sms(talk, "parked", "replay", sid)
    assert talk.person.sees(1) == ["You said: now or later"]
    talks.lines.parking(talk.line).park(parked)  # as if the first replay had not come so far as to forget it
    sms(talk, "parked", "replay", sid)

    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=1) == ["You said: now or later"]
    assert len(talk.person.heard()) == 2  # the refusal and the answer
    assert sms(talk, "parked", "list") == []


def test_too_many_texts_of_one_person_are_parked(talks: Talks) -> None:
    talk = talks.begin("east")

    texts = [talk.person.text(f"text {number}") for number in range(LIMIT_TEXTS + 1)]

    assert talks.lines.parked(talk.line, texts[-1], within_seconds=90).reason == "too_many_texts"
    assert talk.queues.settle()
    assert len(talk.person.heard()) == LIMIT_TEXTS


def test_two_agents_that_text_each_other_do_not_loop_for_ever(talks: Talks) -> None:
    one, other = talks.begin("east"), talks.begin("east")

    # As if the first agent had texted the second; the answer reaches the first, whose agent answers, and so on.
    talks.phones.text(sender=one.line.number, to=other.line.number, body="ping")

    def parked() -> bool:
        return any(
            found.reason == "too_many_texts"
            for line in (one.line, other.line)
            for found in talks.lines.parking(line).parked(line.tenant)
        )

    assert until(parked, within_seconds=120)
    assert one.queues.settle()
    heard = [len(talks.backend.heard(line.tenant)) for line in (one.line, other.line)]
    assert max(heard) <= LIMIT_TEXTS + 1
