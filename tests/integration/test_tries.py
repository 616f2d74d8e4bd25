"""Tries on a real DynamoDB, and the fake of the unit tests: each receive that was processed counts once."""

import pytest

from shared.aws.tries import DynamoTries
from shared.errors import Unavailable
from shared.ports import Tries
from tests.fakes import FakeClock
from tests.integration.tables import Tables
from tests.tries_fake import FakeTries

DAY = 24 * 3600


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def adapter(tables: Tables, clock: FakeClock) -> DynamoTries:
    return DynamoTries(tables.dynamodb, tables.state, clock=clock)


@pytest.fixture(params=["the adapter", "the fake"])
def tries(request: pytest.FixtureRequest) -> Tries:
    if request.param == "the fake":
        return FakeTries()
    adapter: DynamoTries = request.getfixturevalue("adapter")
    return adapter


def test_a_message_is_tried_as_often_as_it_comes(tries: Tries) -> None:
    assert [tries.count("m1", receives) for receives in range(1, 7)] == [1, 2, 3, 4, 5, 6]


def test_a_first_receive_costs_nothing(adapter: DynamoTries, tables: Tables) -> None:
    assert adapter.count("m1", 1) == 1
    assert tables.items(tables.state) == []


def test_receives_that_were_not_processed_do_not_count(tries: Tries) -> None:
    assert [tries.count("m1", receives) for receives in (1, 40, 41, 60)] == [1, 2, 3, 4]


def test_the_same_receive_counts_once(tries: Tries) -> None:
    assert [tries.count("m1", receives) for receives in (2, 2, 3, 2)] == [2, 2, 3, 3]


def test_each_message_counts_by_itself(tries: Tries) -> None:
    assert [tries.count(message, 2) for message in ("m1", "m2", "m1")] == [2, 2, 2]


def test_it_is_kept_for_two_days_after_the_last_try(adapter: DynamoTries, tables: Tables, clock: FakeClock) -> None:
    adapter.count("m1", 2)
    clock.now += 3600
    adapter.count("m1", 3)
    (item,) = tables.items(tables.state)
    assert item["ttl"] == {"N": str(int(clock.now + 2 * DAY))}


def test_a_missing_table_is_unavailable(tables: Tables) -> None:
    with pytest.raises(Unavailable, match=r"^the try could not be counted: AWS answered ResourceNotFoundException$"):
        DynamoTries(tables.dynamodb, "nowhere").count("m1", 2)
