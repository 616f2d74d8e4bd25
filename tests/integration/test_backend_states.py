"""What backends keep of a session, on a real DynamoDB and in the fake: exactly once, whatever is asked again."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.aws.backend_states import DynamoBackendStates
from shared.aws.sessions import DynamoSessions
from shared.errors import Unavailable
from shared.messages.sessions import EndedBy, Parties, ReceivedText, SessionText
from shared.ports import BackendStates, Json
from shared.tenants.agent import SESSION_SECONDS_MAX
from tests.backend_states_fake import FakeBackendStates
from tests.fakes import ACCOUNT, DESK, NOW, OUR_NUMBER, PERSON
from tests.integration.tables import Tables, client

TALK = "acme." + "c" * 64
FIRST = SessionText(TALK, "session-1", "SM1", "engine")


@pytest.fixture
def adapter(tables: Tables) -> DynamoBackendStates:
    return DynamoBackendStates(tables.dynamodb, tables.state, lambda: NOW)


@pytest.fixture(params=["the adapter", "the fake"])
def states(request: pytest.FixtureRequest) -> BackendStates:
    if request.param == "the fake":
        return FakeBackendStates()
    adapter: DynamoBackendStates = request.getfixturevalue("adapter")
    return adapter


def text(number: int) -> SessionText:
    return replace(FIRST, message_id=f"SM{number}")


def test_the_first_text_of_a_session_has_no_state(states: BackendStates) -> None:
    assert states.before(FIRST) is None


def test_the_next_text_has_the_state_that_was_kept(states: BackendStates) -> None:
    states.keep(text(1), {"context": {"turns": 1}})
    assert states.before(text(2)) == {"context": {"turns": 1}}


def test_the_same_text_has_the_state_of_the_first_time_however_often(states: BackendStates) -> None:
    states.keep(text(1), {"turns": 1})
    for turns in (2, 3):
        assert states.before(text(2)) == {"turns": 1}
        states.keep(text(2), {"turns": turns})
    assert states.before(text(2)) == {"turns": 1}
    assert states.before(text(3)) == {"turns": 3}


def test_the_first_text_has_none_also_when_it_comes_again(states: BackendStates) -> None:
    states.keep(text(1), {"turns": 1})
    assert states.before(text(1)) is None
    states.keep(text(1), {"turns": 1})
    assert states.before(text(1)) is None


def test_a_text_that_was_never_answered_changes_nothing(states: BackendStates) -> None:
    states.keep(text(1), {"turns": 1})
    assert states.before(text(2)) == states.before(text(3)) == {"turns": 1}


def test_another_session_has_no_state_and_takes_the_old_ones_place(states: BackendStates) -> None:
    other = replace(FIRST, session_id="session-2", message_id="SM2")
    states.keep(FIRST, {"turns": 1})
    assert states.before(other) is None
    states.keep(other, {"turns": 7})
    assert states.before(replace(other, message_id="SM3")) == {"turns": 7}


@pytest.mark.parametrize("change", [{"conversation": "acme." + "d" * 64}, {"backend": "another"}])
def test_another_conversation_and_another_backend_have_their_own(states: BackendStates, change: dict[str, str]) -> None:
    states.keep(text(1), {"whose": "first"})
    states.keep(replace(text(2), **change), {"whose": "other"})
    states.keep(text(3), {"whose": "first, again"})
    assert states.before(text(4)) == {"whose": "first, again"}
    assert states.before(replace(text(4), **change)) == {"whose": "other"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.$# é", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.text("ab.$# é", max_size=3), JSON, max_size=3))
def test_any_state_comes_back_as_it_was(adapter: DynamoBackendStates, state: Json) -> None:
    adapter.keep(text(1), state)
    assert adapter.before(text(2)) == state


def test_the_end_of_a_session_drops_it(adapter: DynamoBackendStates, tables: Tables) -> None:
    sessions = DynamoSessions(tables.dynamodb, tables.state)
    turn = sessions.turn(TALK, ReceivedText("SM1", NOW, Parties(OUR_NUMBER, PERSON, "twilio", ACCOUNT)), DESK)
    assert turn
    session_id = turn.session_id
    adapter.keep(replace(FIRST, session_id=session_id), {"name": "private"})
    sessions.end(TALK, "SM0")
    assert "private" in json.dumps(tables.items(tables.state)), "a text ends no session in which another came after it"
    for _ in range(2):
        sessions.end(TALK, "SM1")
        assert "private" not in json.dumps(tables.items(tables.state))


def test_a_session_ends_also_when_it_cannot_be_dropped(
    adapter: DynamoBackendStates, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = DynamoSessions(tables.dynamodb, tables.state)
    turn = sessions.turn(TALK, ReceivedText("SM1", NOW, Parties(OUR_NUMBER, PERSON, "twilio", ACCOUNT)), DESK)
    session = sessions.find(TALK)
    assert turn
    assert session
    adapter.keep(replace(FIRST, session_id=turn.session_id), {"name": "private"})
    plain = tables.dynamodb.update_item

    def update_item(**request: Any) -> object:  # noqa: ANN401 - boto3's
        if request["Key"]["sk"]["S"] == "backends":
            raise EndpointConnectionError(endpoint_url="dynamodb")
        return plain(**request)

    monkeypatch.setattr(tables.dynamodb, "update_item", update_item)
    assert sessions.end_at(session, EndedBy.PROGRAM)
    ended = sessions.find(TALK)
    assert ended
    assert ended.ended_by is EndedBy.PROGRAM


def test_it_tells_dynamodb_to_delete_it_after_the_longest_session(adapter: DynamoBackendStates, tables: Tables) -> None:
    adapter.keep(FIRST, {})
    (item,) = tables.items(tables.state)
    assert item["ttl"] == {"N": str(int((NOW + timedelta(seconds=SESSION_SECONDS_MAX, days=1)).timestamp()))}


def test_it_is_unavailable_when_the_table_is(tables: Tables) -> None:
    away = DynamoBackendStates(client("http://127.0.0.1:9"), tables.state, lambda: NOW)
    with pytest.raises(Unavailable, match=r"^the state of the backend could not be read"):
        away.before(FIRST)
    with pytest.raises(Unavailable):
        away.keep(FIRST, {"name": "private"})
