"""Sessions on a real DynamoDB, and the fake of the unit tests: one session, however many texts come at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.aws.sessions import DynamoSessions
from shared.errors import Unavailable
from shared.messages.outbound import Turn
from shared.ports import Sessions
from tests.fakes import NOW
from tests.forwarding_fakes import FakeSessions
from tests.integration.tables import Tables, client

TALK = "acme." + "c" * 64
LIFE = 3600.0


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


def turn(sessions: Sessions, message_id: str, seconds: float = 0, *, talk: str = TALK) -> Turn:
    return sessions.turn(talk, message_id, at=later(seconds), life_seconds=LIFE)


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
    first = sessions.turn(TALK, "SM1", at=NOW, life_seconds=5)
    second = sessions.turn(TALK, "SM2", at=later(6), life_seconds=5)
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


def test_a_stored_session_names_nobody(adapter: DynamoSessions, tables: Tables) -> None:
    turn(adapter, "SM1")
    (item,) = tables.items(tables.state)
    assert item.keys() == {
        "pk",
        "sk",
        "session_id",
        "turn",
        "first_text_at",
        "latest_text_at",
        "message_id",
        "ended",
        "ttl",
    }


@pytest.mark.parametrize("which", ["nowhere", "no table"])
def test_a_dynamodb_that_fails_is_unavailable(which: str, tables: Tables) -> None:
    failing = client("http://127.0.0.1:9") if which == "nowhere" else tables.dynamodb
    sessions = DynamoSessions(failing, "missing")
    with pytest.raises(Unavailable, match=r"^the session could not be read: [A-Za-z ]+$"):
        turn(sessions, "SM1")
    with pytest.raises(Unavailable, match=r"^the session could not be ended: [A-Za-z ]+$"):
        sessions.end(TALK, "session")
