"""Sessions on a real DynamoDB, and the fake of the unit tests: one session, however many texts come at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.aws.sessions import DynamoSessions
from shared.errors import Unavailable
from shared.messages.sessions import EndedBy, Parties, ReceivedText, Session, Turn, new_session_id
from shared.ports import Sessions
from shared.tenants.agent import Agent
from tests.fakes import ACCOUNT, DESK, NOW, OUR_NUMBER, PERSON
from tests.integration.tables import Tables, client
from tests.sessions_fake import FakeSessions

TALK = "acme." + "c" * 64
AGENT = DESK
NOTIFYING = replace(DESK, timeout_notice="Goodbye.")
CLOSED = replace(DESK, initiates_from_inbound=False)
LIFE = AGENT.session_seconds
PARTIES = Parties(OUR_NUMBER, PERSON, "twilio", ACCOUNT)
CONTEXT = {"order": 7, "name": "größer 文字 😀", "deep": [1, 1.5, None, {"a": True}], "": "é"}


@pytest.fixture
def adapter(tables: Tables) -> DynamoSessions:
    return DynamoSessions(tables.dynamodb, tables.state)


@pytest.fixture(params=["the adapter", "the fake"])
def sessions(request: pytest.FixtureRequest) -> Sessions:
    if request.param == "the fake":
        return FakeSessions()
    adapter: DynamoSessions = request.getfixturevalue("adapter")
    return adapter


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def turn(sessions: Sessions, message_id: str, seconds: float = 0, *, talk: str = TALK, agent: Agent = AGENT) -> Turn:
    found = sessions.turn(talk, ReceivedText(message_id, later(seconds), PARTIES), agent)
    assert found
    return found


def begin(sessions: Sessions, *, seconds: float = 0, session_id: str = "", agent: Agent = AGENT) -> str:
    """The id of a session that a program created."""
    tenant_id, _, conversation = TALK.partition(".")
    session = Session(
        tenant=tenant_id,
        conversation=conversation,
        id=session_id or new_session_id(),
        agent=agent.id,
        opened_at=later(seconds),
        latest_at=later(seconds),
        context=CONTEXT,
        parties=PARTIES,
        by_program=True,
    )
    sessions.begin(session, agent)
    return session.id


def kept(sessions: Sessions) -> Session:
    session = sessions.find(TALK)
    assert session
    return session


def test_the_first_text_begins_a_session(sessions: Sessions) -> None:
    first = turn(sessions, "SM1")
    assert (first.number, first.first_text_at, first.last_text_at) == (1, NOW, None)
    assert first.session_id


def test_the_next_texts_continue_it(sessions: Sessions) -> None:
    first, second, third = (turn(sessions, f"SM{number}", number * 10) for number in range(3))
    assert second == Turn(first.session_id, 2, first_text_at=NOW, last_text_at=NOW)
    assert third == Turn(first.session_id, 3, first_text_at=NOW, last_text_at=later(10))


def test_the_same_text_keeps_its_turn(sessions: Sessions) -> None:
    turn(sessions, "SM1")
    assert turn(sessions, "SM2", 10) == turn(sessions, "SM2", 10) == turn(sessions, "SM2", 10)


def test_the_same_text_keeps_its_turn_after_the_session_was_ended(sessions: Sessions) -> None:
    first = turn(sessions, "SM1")
    sessions.end(TALK, "SM1")
    assert turn(sessions, "SM1") == first


def test_a_session_ends_when_nobody_texts_for_longer_than_its_life(sessions: Sessions) -> None:
    first = turn(sessions, "SM1")
    second = turn(sessions, "SM2", LIFE)
    third = turn(sessions, "SM3", LIFE * 2 + 0.001)
    assert second.session_id == first.session_id
    assert third.session_id != first.session_id
    assert (third.number, third.first_text_at, third.last_text_at) == (1, later(LIFE * 2 + 0.001), None)


def test_the_agents_session_time_counts(sessions: Sessions) -> None:
    hasty = replace(AGENT, session_seconds=5)
    first, second = turn(sessions, "SM1", agent=hasty), turn(sessions, "SM2", 6, agent=hasty)
    assert first.session_id != second.session_id


def test_after_its_end_the_next_text_begins_a_new_one(sessions: Sessions) -> None:
    first = turn(sessions, "SM1")
    sessions.end(TALK, "SM1")
    second = turn(sessions, "SM2", 1)
    assert second.session_id != first.session_id
    assert (second.number, second.last_text_at) == (1, None)


def test_ending_a_session_that_is_over_leaves_the_new_one_alone(sessions: Sessions) -> None:
    turn(sessions, "SM1")
    sessions.end(TALK, "SM1")
    second = turn(sessions, "SM2", 1)
    sessions.end(TALK, "SM1")
    assert turn(sessions, "SM3", 2).session_id == second.session_id


def test_a_text_ends_no_session_in_which_another_one_came_after_it(sessions: Sessions) -> None:
    turn(sessions, "SM1")
    second = turn(sessions, "SM2", 1)
    sessions.end(TALK, "SM1")
    assert turn(sessions, "SM3", 2).session_id == second.session_id


def test_ending_a_session_that_does_not_exist_changes_nothing(sessions: Sessions) -> None:
    sessions.end(TALK, "SM1")
    assert turn(sessions, "SM1").number == 1
    assert turn(sessions, "SM2").number == 2


def test_ending_a_session_that_does_not_exist_stores_nothing(adapter: DynamoSessions, tables: Tables) -> None:
    adapter.end(TALK, "SM1")
    assert not tables.items(tables.state)


def test_only_the_latest_text_keeps_its_turn(sessions: Sessions) -> None:
    turn(sessions, "SM1")
    turn(sessions, "SM2", 1)
    assert turn(sessions, "SM1", 0).number == 3


def test_a_replayed_older_text_takes_the_next_turn_and_keeps_the_latest_time(sessions: Sessions) -> None:
    first = turn(sessions, "SM1", 0)
    turn(sessions, "SM2", 3000)
    replayed = turn(sessions, "SM0", -500)
    assert (replayed.session_id, replayed.number, replayed.last_text_at) == (first.session_id, 3, later(3000))
    afterwards = turn(sessions, "SM3", 3000 + LIFE)
    assert (afterwards.session_id, afterwards.number, afterwards.last_text_at) == (first.session_id, 4, later(3000))


def test_each_conversation_has_a_session_of_its_own(sessions: Sessions) -> None:
    other = "acme." + "d" * 64
    assert turn(sessions, "SM1").session_id != turn(sessions, "SM1", talk=other).session_id
    assert turn(sessions, "SM2", talk=other).number == 2


def test_two_texts_at_once_agree_on_one_session(tables: Tables) -> None:
    lambdas = [DynamoSessions(tables.another(), tables.state) for _ in range(2)]
    for conversation in range(20):
        with ThreadPoolExecutor(2) as pool:
            asked = [
                pool.submit(turn, one, f"SM{number}", talk=f"acme.{conversation}") for number, one in enumerate(lambdas)
            ]
            turns = [each.result() for each in asked]
        assert turns[0].session_id == turns[1].session_id
        assert {each.number for each in turns} == {1, 2}


def test_two_deliveries_of_one_text_at_once_are_one_turn(tables: Tables) -> None:
    lambdas = [DynamoSessions(tables.another(), tables.state) for _ in range(2)]
    for conversation in range(20):
        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(turn, one, "SM1", talk=f"acme.{conversation}") for one in lambdas]
            assert len({each.result() for each in asked}) == 1


def meanwhile(tables: Tables, act: Callable[[], object], *, times: int = 1) -> DynamoSessions:
    """Sessions in which something happens just before they write, so many times."""
    between, remaining = tables.another(), [times]

    def first(**_: Any) -> None:  # noqa: ANN401 - whatever botocore says
        if remaining[0]:
            remaining[0] -= 1
            act()

    between.meta.events.register("before-call.dynamodb.PutItem", first)
    return DynamoSessions(between, tables.state)


def test_an_end_between_reading_and_writing_is_not_lost(adapter: DynamoSessions, tables: Tables) -> None:
    first = turn(adapter, "SM1")
    slow = meanwhile(tables, lambda: adapter.end(TALK, "SM1"))
    second = turn(slow, "SM2", 1)
    assert second.session_id != first.session_id


def test_a_text_between_reading_and_writing_is_not_lost(adapter: DynamoSessions, tables: Tables) -> None:
    slow = meanwhile(tables, lambda: turn(adapter, "SM1", 0))
    assert turn(slow, "SM2", 1).number == 2


def test_a_session_that_others_keep_changing_is_unavailable(adapter: DynamoSessions, tables: Tables) -> None:
    ids = iter(range(1000))
    slow = meanwhile(tables, lambda: turn(adapter, f"SM{next(ids)}", 0), times=1000)
    with pytest.raises(Unavailable, match=r"^other invocations keep changing the session$"):
        turn(slow, "SM-slow", 1)


def test_it_tells_dynamodb_to_delete_it_a_day_after_its_end(adapter: DynamoSessions, tables: Tables) -> None:
    turn(adapter, "SM1")
    turn(adapter, "SM0", -5000)
    (item,) = tables.items(tables.state)
    assert item["ttl"] == {"N": str(int((later(LIFE) + timedelta(days=1)).timestamp()))}


def test_a_stored_session_names_nobody_where_nobody_is_notified(adapter: DynamoSessions, tables: Tables) -> None:
    turn(adapter, "SM1")
    (item,) = tables.items(tables.state)
    assert item.keys() == {
        "pk",
        "sk",
        "session_id",
        "agent",
        "opened_at",
        "latest_at",
        "by_program",
        "revision",
        "latest_id",
        "turn",
        "ttl",
    }


def test_a_session_of_a_program_is_read_as_it_was_stored(sessions: Sessions) -> None:
    session_id = begin(sessions)
    session = kept(sessions)
    assert (session.id, session.context, session.parties, session.by_program) == (session_id, CONTEXT, PARTIES, True)
    assert (session.opened_at, session.latest_at, session.latest, session.ended_by) == (NOW, NOW, None, None)


def test_its_texts_have_its_context_until_it_ends(sessions: Sessions) -> None:
    session_id = begin(sessions)
    first, second = turn(sessions, "SM1", 10), turn(sessions, "SM2", 20)
    assert first == Turn(session_id, 1, later(10), None, CONTEXT, by_program=True)
    assert second == Turn(session_id, 2, later(10), later(10), CONTEXT, by_program=True)
    assert turn(sessions, "SM2", 20) == second
    sessions.end(TALK, "SM2")
    assert turn(sessions, "SM2", 20) == replace(second, context=None)
    assert kept(sessions).context is None


def test_a_context_that_has_ended_is_not_stored_any_more(adapter: DynamoSessions, tables: Tables) -> None:
    begin(adapter)
    turn(adapter, "SM1")
    adapter.end(TALK, "SM1")
    begin(adapter)
    assert adapter.end_at(kept(adapter), EndedBy.PROGRAM)
    turn(adapter, "SM2")
    assert "order" not in repr(tables.items(tables.state))


def test_a_session_of_a_program_lasts_as_long_as_one_of_a_text(sessions: Sessions) -> None:
    session_id = begin(sessions)
    assert turn(sessions, "SM1", LIFE).session_id == session_id
    begin(sessions, seconds=2 * LIFE)
    assert turn(sessions, "SM2", 3 * LIFE + 0.001).by_program is False


def test_a_session_of_a_program_takes_the_place_of_any_other(sessions: Sessions) -> None:
    old = turn(sessions, "SM1")
    session_id = begin(sessions, seconds=5)
    assert turn(sessions, "SM1") == old, "it may be tried again"
    assert (turn(sessions, "SM2", 6).session_id, turn(sessions, "SM2", 6).number) == (session_id, 1)
    assert turn(sessions, "SM1", 7).number == 2, "once another text came, it is as old as any"


def test_a_text_that_is_tried_again_keeps_its_turn_through_several_sessions_of_programs(sessions: Sessions) -> None:
    old = turn(sessions, "SM1")
    for _ in range(3):
        begin(sessions)
    assert turn(sessions, "SM1") == old


def test_the_end_of_an_earlier_session_does_not_end_one_of_a_program(sessions: Sessions) -> None:
    turn(sessions, "SM1")
    session_id = begin(sessions)
    sessions.end(TALK, "SM1")
    assert turn(sessions, "SM2").session_id == session_id


def test_a_session_is_begun_once(sessions: Sessions) -> None:
    session_id = begin(sessions)
    turn(sessions, "SM1")
    before = kept(sessions)
    begin(sessions, session_id=session_id, seconds=9)
    assert kept(sessions) == before


def test_where_texts_begin_none_there_is_no_turn_and_nothing_is_stored(sessions: Sessions) -> None:
    text = ReceivedText("SM1", NOW, PARTIES)
    assert sessions.turn(TALK, text, CLOSED) is None
    assert sessions.find(TALK) is None
    session_id = begin(sessions, agent=CLOSED)
    assert turn(sessions, "SM2", agent=CLOSED).session_id == session_id
    sessions.end(TALK, "SM2")
    assert sessions.turn(TALK, ReceivedText("SM3", NOW, PARTIES), CLOSED) is None
    assert turn(sessions, "SM2", agent=CLOSED).session_id == session_id, "its turn is its own"


def test_only_of_sessions_whose_agent_notifies_the_parties_are_kept(sessions: Sessions) -> None:
    turn(sessions, "SM1")
    assert kept(sessions).parties is None
    turn(sessions, "SM2", agent=NOTIFYING)
    assert kept(sessions).parties == PARTIES
    turn(sessions, "SM3")
    assert kept(sessions).parties == PARTIES, "whoever has a reminder is still to be notified"


@pytest.mark.parametrize("ended_by", EndedBy)
def test_a_session_is_ended_as_it_was_read_and_once(sessions: Sessions, ended_by: EndedBy) -> None:
    first = turn(sessions, "SM1")
    stale = kept(sessions)
    turn(sessions, "SM2")
    assert not sessions.end_at(stale, ended_by), "a text came since"
    fresh = kept(sessions)
    assert sessions.end_at(fresh, ended_by)
    assert not sessions.end_at(fresh, EndedBy.TIMEOUT)
    assert not sessions.end_at(kept(sessions), EndedBy.TIMEOUT), "it has ended"
    assert kept(sessions).ended_by is ended_by
    sessions.end(TALK, "SM2")
    assert kept(sessions).ended_by is ended_by
    assert turn(sessions, "SM3").session_id != first.session_id


def test_a_session_that_does_not_exist_cannot_be_ended(sessions: Sessions) -> None:
    turn(sessions, "SM1")
    elsewhere = replace(kept(sessions), conversation="d" * 64)
    assert not sessions.end_at(elsewhere, EndedBy.PROGRAM)
    assert sessions.find("acme." + "d" * 64) is None


def test_the_sessions_of_a_tenant_are_listed_and_no_others(sessions: Sessions) -> None:
    for talk in ("acme." + "d" * 64, "acme." + "e" * 64, "acme2." + "f" * 64):
        turn(sessions, "SM1", talk=talk)
    turn(sessions, "SM2", talk="acme." + "e" * 64)
    found = [session for page in sessions.latest("acme") for session in page]
    assert {session.conversation: session.latest and session.latest.turn.number for session in found} == {
        "d" * 64: 1,
        "e" * 64: 2,
    }
    assert {session.tenant for session in found} == {"acme"}


def test_a_session_of_a_program_between_reading_and_writing_is_not_lost(
    adapter: DynamoSessions, tables: Tables
) -> None:
    slow = meanwhile(tables, lambda: begin(adapter, session_id="SE" + "7" * 32))
    assert turn(slow, "SM1").session_id == "SE" + "7" * 32


def test_a_session_and_a_text_at_once_are_one_after_the_other(tables: Tables) -> None:
    lambdas = [DynamoSessions(tables.another(), tables.state) for _ in range(2)]
    for number in range(20):
        text_id = f"SM{number}"
        with ThreadPoolExecutor(2) as pool:
            begun, texted = pool.submit(begin, lambdas[0]), pool.submit(turn, lambdas[1], text_id)
            session_id, placed = begun.result(), texted.result()
        session = kept(lambdas[0])
        assert session.id == session_id
        known = session.turn_of(text_id)
        assert known
        assert replace(known, context=None) == replace(placed, context=None), "in the old session, or in the new one"


@pytest.mark.parametrize("which", ["nowhere", "no table"])
def test_a_dynamodb_that_fails_is_unavailable(which: str, tables: Tables) -> None:
    failing = client("http://127.0.0.1:9") if which == "nowhere" else tables.dynamodb
    sessions = DynamoSessions(failing, "missing")
    with pytest.raises(Unavailable, match=r"^the session could not be read: [A-Za-z ]+$"):
        turn(sessions, "SM1")
    with pytest.raises(Unavailable, match=r"^the session could not be ended: [A-Za-z ]+$"):
        sessions.end(TALK, "session")
    with pytest.raises(Unavailable, match=r"^the session could not be read: [A-Za-z ]+$"):
        begin(sessions)
    with pytest.raises(Unavailable, match=r"^the sessions of tenant 'acme' could not be read: [A-Za-z ]+$"):
        list(sessions.latest("acme"))
