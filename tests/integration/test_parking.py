"""Parking on a real DynamoDB, and the fake of the unit tests: a parked event comes back unchanged, until it expires."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.aws.parking import DynamoParking
from shared.errors import Unavailable
from shared.messages.outbound import Parked
from shared.ports import Parking
from tests.fakes import NOW, OUR_NUMBER, PERSON, FakeClock, FakeParking
from tests.integration.tables import Tables

LIFE = 1000.0
ITEM_MAX = 400 * 1024  # AWS docs, DynamoDB, "Service, account, and table quotas"
PARKED = Parked(
    tenant="acme",
    id="SM1",
    queue="inbound",
    group="acme." + "c" * 64,
    reason="backend_unavailable",
    detail="the backend answered 503",
    number=OUR_NUMBER,
    parked_at=NOW,
    event={"id": "SM1", "data": {"from": PERSON, "text": "Grüße 🌍\u0000", "media": [], "turn": 3, "opt_out": None}},
    error_code=21408,
)
LISTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def adapter(tables: Tables, clock: FakeClock) -> DynamoParking:
    return DynamoParking(tables.dynamodb, tables.state, life_seconds=LIFE, clock=clock)


@pytest.fixture(params=["the adapter", "the fake"])
def parking(request: pytest.FixtureRequest, clock: FakeClock) -> Parking:
    if request.param == "the fake":
        return FakeParking(life_seconds=LIFE, clock=clock)
    adapter: DynamoParking = request.getfixturevalue("adapter")
    return adapter


def test_a_parked_event_is_found_unchanged(parking: Parking) -> None:
    parking.park(PARKED)
    assert parking.find("acme", "SM1") == PARKED
    assert parking.parked("acme") == [PARKED]


def test_an_event_is_what_it_was_when_it_was_parked(parking: Parking) -> None:
    event = {"text": "before", "links": ("https://example.com/a.png",)}
    parking.park(replace(PARKED, event=event))
    event["text"] = "after"
    (parked,) = parking.parked("acme")
    assert parked.event == {"text": "before", "links": ["https://example.com/a.png"]}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), LISTS, max_size=5))
def test_every_event_comes_back_unchanged(parking: Parking, event: dict[str, object]) -> None:
    parking.park(replace(PARKED, event=event))
    parked = parking.find("acme", "SM1")
    assert parked
    assert parked.event == event


@pytest.mark.parametrize("text", ["x" * (256 * 1024), "é" * (128 * 1024), "🌍" * (64 * 1024)], ids=["x", "é", "🌍"])
def test_an_event_as_large_as_the_queue_takes_can_be_parked(tables: Tables, adapter: DynamoParking, text: str) -> None:
    large = replace(PARKED, event={"text": text})
    adapter.park(large)
    assert adapter.find("acme", "SM1") == large
    (item,) = tables.items(tables.state)
    assert len(json.dumps(item, ensure_ascii=False).encode()) < ITEM_MAX


def test_an_event_with_half_a_character_can_be_parked(parking: Parking) -> None:
    half = replace(PARKED, event={"text": "half \ud83d"})
    parking.park(half)
    assert parking.find("acme", "SM1") == half


def test_half_a_character_does_not_escape_the_others(tables: Tables, adapter: DynamoParking) -> None:
    half = replace(PARKED, event={"text": "é" * (127 * 1024) + "\ud83d", "\udfff": "\\ud83d"})
    adapter.park(half)
    assert adapter.find("acme", "SM1") == half
    (item,) = tables.items(tables.state)
    assert len(json.dumps(item, ensure_ascii=False).encode()) < ITEM_MAX


def nested(depth: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


LARGER = {
    "numbers": {"n": json.loads("[" + ",".join(["1e15"] * 50_000) + "]")},
    "nested": {"n": nested(100_000)},
    "attributes": {f"a{number}": 1e15 for number in range(30_000)},
    "names": {"n" * 200_000: "x", "m" * 200_000: "y"},
}


@pytest.mark.parametrize("what", LARGER)
def test_what_does_not_fit_is_parked_without_its_data(what: str, tables: Tables, adapter: DynamoParking) -> None:
    kept = {"type": "sms.message.send.v1", "id": "SM1", "tenant": "acme", "replay": 2}
    adapter.park(replace(PARKED, event=kept | {"time": "x" * 300, "data": LARGER[what]} | LARGER[what]))
    parked = adapter.find("acme", "SM1")
    assert parked
    assert parked.event.items() >= (kept | {"data": {}}).items()
    assert "time" not in parked.event
    assert (parked.reason, parked.detail, parked.number) == (PARKED.reason, PARKED.detail, PARKED.number)
    (item,) = tables.items(tables.state)
    assert len(json.dumps(item, ensure_ascii=False).encode()) < 10_000


def test_parking_an_event_again_replaces_it(parking: Parking) -> None:
    again = replace(PARKED, reason="too_many_texts", parked_at=NOW + timedelta(hours=1))
    parking.park(PARKED)
    parking.park(again)
    assert parking.parked("acme") == [again]


def test_a_tenant_sees_only_its_own_events_the_oldest_first(parking: Parking) -> None:
    late = replace(PARKED, id="SM0", parked_at=NOW + timedelta(seconds=1))
    theirs = replace(PARKED, tenant="acme2")
    for event in (late, PARKED, theirs):
        parking.park(event)
    assert parking.parked("acme") == [PARKED, late]
    assert parking.parked("acme2") == [theirs]
    assert parking.parked("acm") == []
    assert parking.find("acm", "SM1") is None


def test_more_than_one_page_of_events_is_listed(parking: Parking) -> None:
    """More than the megabyte that one query returns (AWS docs, DynamoDB, "Paginating table query results")."""
    for number in range(25):
        parking.park(replace(PARKED, id=f"SM{number}", event={"text": "x" * 60_000}))
    assert len(list(parking.parked("acme"))) == 25


def test_a_removed_event_is_gone_and_removing_it_again_changes_nothing(parking: Parking) -> None:
    parking.park(PARKED)
    parking.park(replace(PARKED, id="SM2"))
    parking.remove(PARKED)
    parking.remove(PARKED)
    assert parking.find("acme", "SM1") is None
    assert [event.id for event in parking.parked("acme")] == ["SM2"]


def test_an_event_that_was_parked_again_meanwhile_is_not_removed(parking: Parking) -> None:
    again = replace(PARKED, parked_at=NOW + timedelta(microseconds=1))
    parking.park(PARKED)
    parking.park(again)
    parking.remove(PARKED)
    assert parking.parked("acme") == [again]


def test_an_event_that_was_never_parked_is_not_found(parking: Parking) -> None:
    assert parking.find("acme", "SM1") is None
    assert parking.parked("acme") == []


def test_an_expired_event_is_gone(parking: Parking, clock: FakeClock) -> None:
    parking.park(PARKED)
    clock.now += LIFE - 1
    assert parking.parked("acme") == [PARKED]
    clock.now += 1
    assert parking.parked("acme") == []
    assert parking.find("acme", "SM1") is None


def test_an_event_that_is_parked_again_lives_anew(parking: Parking, clock: FakeClock) -> None:
    parking.park(PARKED)
    clock.now += LIFE - 1
    parking.park(PARKED)
    clock.now += LIFE - 1
    assert parking.find("acme", "SM1") == PARKED
    clock.now += 1
    parking.park(PARKED)
    assert parking.parked("acme") == [PARKED]


def test_an_expired_event_is_ignored_though_dynamodb_still_has_it(
    adapter: DynamoParking, clock: FakeClock, tables: Tables
) -> None:
    adapter.park(PARKED)
    clock.now += LIFE
    assert adapter.parked("acme") == []
    assert len(tables.items(tables.state)) == 1


def test_an_event_whose_end_an_operator_took_away_stays(adapter: DynamoParking, tables: Tables) -> None:
    adapter.park(PARKED)
    (item,) = tables.items(tables.state)
    del item["ttl"]
    tables.dynamodb.put_item(TableName=tables.state, Item=item)
    assert adapter.find("acme", "SM1") == PARKED
    assert list(adapter.parked("acme")) == [PARKED]


def test_it_tells_dynamodb_when_to_delete_it(adapter: DynamoParking, clock: FakeClock, tables: Tables) -> None:
    adapter.park(PARKED)
    (item,) = tables.items(tables.state)
    assert item["ttl"] == {"N": str(int(clock.now + LIFE))}


def test_times_keep_their_zone(parking: Parking) -> None:
    parking.park(replace(PARKED, parked_at=datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)))
    assert next(iter(parking.parked("acme"))).parked_at.isoformat() == "2026-01-01T12:00:00.123456+00:00"


def test_a_dynamodb_that_does_not_answer_is_unavailable_and_its_error_holds_nothing_personal() -> None:
    nowhere = boto3.client(
        "dynamodb",
        "us-east-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(connect_timeout=1, retries={"total_max_attempts": 1}),
    )
    parking = DynamoParking(nowhere, "state", life_seconds=LIFE)
    for call in (
        lambda: parking.park(PARKED),
        lambda: parking.parked("acme"),
        lambda: parking.find("acme", "SM1"),
        lambda: parking.remove(PARKED),
    ):
        with pytest.raises(Unavailable) as failed:
            call()
        assert not [secret for secret in (PERSON, OUR_NUMBER, "Grüße") if secret in str(failed.value)]


def test_a_missing_table_is_unavailable(tables: Tables) -> None:
    with pytest.raises(Unavailable, match=r"^the event could not be parked: AWS answered ResourceNotFoundException$"):
        DynamoParking(tables.dynamodb, "nowhere", life_seconds=LIFE).park(PARKED)
