"""Sessions of programs, agents that answer in those only, and a notice when a session has timed out."""

import secrets

import pytest

from devstack.backend import CannedAnswer, Event, parrot
from tests.e2e.operators import done
from tests.e2e.programs import begin_session, end_session
from tests.e2e.talks import Talk, Talks
from tests.e2e.waiting import until

SHORT = 3.0
"""How long a session lasts in these tests that is to time out, in seconds."""
GOODBYE = "Goodbye. Text us again at any time."
CONTEXT = {"order": 7, "notes": ["größer 文字", None, 1.5]}


def seen_sessions(talk: Talk) -> list[Event]:
    """The sessions in the texts that the agent heard, each text once."""
    by_id = {heard.webhook_id: heard.event["data"]["session"] for heard in talk.person.heard()}
    return list(by_id.values())


def traced(talk: Talk, asked_id: str) -> tuple[str, list[tuple[str, str | None]]]:
    """The state of a text or of a session, and what happened to it."""
    [found] = done("trace", asked_id, "--stage", talk.line.stage, "--tenant", talk.line.tenant)
    return found["state"], [(hop["outcome"], hop["reason"]) for hop in found["hops"]]


def test_a_program_creates_a_session_with_a_context_and_ends_it(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage)
    here = ("--stage", stage, "--tenant", talk.line.tenant)
    to = talk.person.address
    key = secrets.token_hex(8)

    wish = {"context": CONTEXT, "text": "Your order is here."}
    begun, again = (begin_session(talk.line, to=to, idempotency_key=key, **wish) for _ in range(2))
    assert (begun.status_code, again.json()) == (201, begun.json())
    assert talk.person.sees(1) == ["Your order is here."]
    talk.person.text("thank you")
    assert len(talk.person.sees(2)) == 2
    session_id = begun.json()["session_id"]
    [listed] = done("session", "list", *here)
    assert (listed["id"], listed["by"], listed["texts"], listed["context"]) == (session_id, "program", 1, True)

    ended = end_session(talk.line, to=to, session_id=session_id)
    assert (ended.status_code, ended.json()) == (200, {"session_id": session_id, "ended": True})
    assert end_session(talk.line, to=to).json() == {"session_id": None, "ended": False}
    talk.person.text("one more thing")
    assert len(talk.person.sees(3)) == 3

    first, second = seen_sessions(talk)
    assert (first["id"], first["turn"], first["context"]) == (session_id, 1, CONTEXT)
    assert (second["id"] != session_id, second["turn"], second["context"]) == (True, 1, None)
    hops = [("SessionBegun", None), ("SessionBegun", None), ("SessionEnded", None)]  # it was asked for twice
    assert until(lambda: len(traced(talk, session_id)[1]) == len(hops), within_seconds=30)
    assert traced(talk, session_id) == ("session", hops)
    assert until(lambda: traced(talk, begun.json()["id"])[0] == "arrived", within_seconds=30)


def test_an_agent_that_answers_in_sessions_only_leaves_other_texts_unanswered(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage, initiates_from_inbound=False)
    here = ("--stage", stage, "--tenant", talk.line.tenant)
    numbers = ("--from", talk.line.number, "--to", talk.person.address)

    outside = talk.person.text("anybody?")
    assert until(lambda: traced(talk, outside)[0] == "unanswered", within_seconds=30)
    assert traced(talk, outside)[1][-1] == ("Unanswered", "no_session")
    begun = done("session", "create", *numbers, "--context", '{"order": 8}', *here, typed=talk.line.key)
    talk.person.text("now?")
    assert len(talk.person.sees(1)) == 1
    assert done("session", "end", *numbers, *here, typed=talk.line.key)["session_id"] == begun["session_id"]
    after = talk.person.text("still there?")
    assert until(lambda: traced(talk, after)[0] == "unanswered", within_seconds=30)

    [session] = seen_sessions(talk)
    assert (session["id"], session["context"]) == (begun["session_id"], {"order": 8})
    assert talk.queues.settle()
    assert len(talk.person.sees(2, within_seconds=0.5)) == 1


def test_a_person_hears_once_that_their_session_has_timed_out(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage, session_seconds=SHORT, timeout_notice=GOODBYE)

    talk.person.text("hello")
    shown = talk.person.sees(2)
    assert (len(shown), shown[1:]) == (2, [GOODBYE])
    [session] = seen_sessions(talk)
    assert until(lambda: traced(talk, session["id"])[0] == "arrived", within_seconds=30)
    assert [outcome for outcome, _ in traced(talk, session["id"])[1]] == ["TimedOut", "Sent", "Delivered"]
    talk.person.text("hello again")
    again = talk.person.sees(4)
    assert (len(again), again[3:]) == (4, [GOODBYE])

    assert [seen["turn"] for seen in seen_sessions(talk)] == [1, 1]
    assert talk.queues.settle()
    assert talk.person.sees(5, within_seconds=SHORT) == again


def test_a_session_of_a_program_times_out_too(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage, session_seconds=SHORT, timeout_notice=GOODBYE)
    begun = begin_session(talk.line, to=talk.person.address)
    assert begun.json()["id"] is None
    assert talk.person.sees(1) == [GOODBYE]


def goodbye(_event: Event) -> CannedAnswer:
    return CannedAnswer(("Bye.",), end_session=True)


@pytest.mark.parametrize("by", ["backend", "program"])
def test_nobody_hears_of_a_session_that_was_ended(talks: Talks, stage: str, by: str) -> None:
    answers = goodbye if by == "backend" else parrot
    talk = talks.begin(stage, answers, session_seconds=SHORT, timeout_notice=GOODBYE)
    talk.person.text("hello")
    shown = talk.person.sees(1)
    if by == "program":
        assert end_session(talk.line, to=talk.person.address).json()["ended"]
    assert talk.person.sees(2, within_seconds=2 * SHORT) == shown
