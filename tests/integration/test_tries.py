"""Tries on a real DynamoDB: each receive that was processed counts once."""

import pytest

from shared.aws.tries import DynamoTries
from shared.errors import Unavailable
from tests.fakes import FakeClock
from tests.integration.tables import Tables

DAY = 24 * 3600


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tries(tables: Tables, clock: FakeClock) -> DynamoTries:
    return DynamoTries(tables.dynamodb, tables.state, clock=clock)


def test_a_message_is_tried_as_often_as_it_comes(tries: DynamoTries) -> None:
    assert [tries.count("m1", receives) for receives in range(1, 7)] == [1, 2, 3, 4, 5, 6]


def test_a_first_receive_costs_nothing(tries: DynamoTries, tables: Tables) -> None:
    assert tries.count("m1", 1) == 1
    assert tables.items(tables.state) == []


def test_receives_that_were_not_processed_do_not_count(tries: DynamoTries) -> None:
    assert [tries.count("m1", receives) for receives in (1, 40, 41, 60)] == [1, 2, 3, 4]


def test_the_same_receive_counts_once(tries: DynamoTries) -> None:
    assert [tries.count("m1", receives) for receives in (2, 2, 3, 2)] == [2, 2, 3, 3]


def test_each_message_counts_by_itself(tries: DynamoTries) -> None:
    assert [tries.count(message, 2) for message in ("m1", "m2", "m1")] == [2, 2, 2]


def test_it_is_kept_for_two_days_after_the_last_try(tries: DynamoTries, tables: Tables, clock: FakeClock) -> None:
    tries.count("m1", 2)
    clock.now += 3600
    tries.count("m1", 3)
    (item,) = tables.items(tables.state)
    assert item["ttl"] == {"N": str(int(clock.now + 2 * DAY))}


def test_a_missing_table_is_unavailable(tables: Tables) -> None:
    with pytest.raises(Unavailable, match=r"^the try could not be counted: AWS answered ResourceNotFoundException$"):
        DynamoTries(tables.dynamodb, "nowhere").count("m1", 2)
