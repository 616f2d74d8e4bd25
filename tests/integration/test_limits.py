"""Limits on a real DynamoDB, and the fake of the unit tests: at most so many texts per period, each counted once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest

from shared.aws.rate_limits import DynamoLimits
from shared.errors import Unavailable
from shared.ports import Limits
from tests.fakes import FakeClock
from tests.forwarding_fakes import FakeLimits
from tests.integration.tables import Tables, client

TALK = "acme." + "c" * 64
PER = timedelta(seconds=60)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def adapter(tables: Tables, clock: FakeClock) -> DynamoLimits:
    return DynamoLimits(tables.dynamodb, tables.state, clock=clock)


@pytest.fixture(params=["the adapter", "the fake"])
def limits(request: pytest.FixtureRequest, clock: FakeClock) -> Limits:
    if request.param == "the fake":
        return FakeLimits(clock=clock)
    adapter: DynamoLimits = request.getfixturevalue("adapter")
    return adapter


def within(limits: Limits, *ids: str, most: int = 2, name: str = "texts", talk: str = TALK) -> list[bool]:
    return [limits.within(name, talk, message_id, most=most, per=PER) for message_id in ids]


def test_lets_the_limit_pass_and_no_more(limits: Limits) -> None:
    assert within(limits, "SM1", "SM2", "SM3", "SM4") == [True, True, False, False]


def test_a_limit_of_one_lets_one_pass(limits: Limits) -> None:
    assert within(limits, "SM1", "SM2", most=1) == [True, False]


def test_the_same_text_counts_once(limits: Limits) -> None:
    assert within(limits, "SM1", "SM1", "SM1", "SM2", "SM1", "SM2") == [True] * 6


def test_a_refused_text_is_refused_again_and_does_not_count(limits: Limits) -> None:
    assert within(limits, "SM1", "SM2", "SM3", "SM3", "SM1") == [True, True, False, False, True]


def test_each_conversation_and_each_limit_counts_by_itself(limits: Limits) -> None:
    assert within(limits, "SM1", "SM2", most=1) == [True, False]
    assert within(limits, "SM2", most=1, talk="acme." + "d" * 64) == [True]
    assert within(limits, "SM2", most=1, name="failure_reply") == [True]


def test_a_period_begins_with_its_first_text_and_ends_by_itself(limits: Limits, clock: FakeClock) -> None:
    assert within(limits, "SM1", most=1) == [True]
    clock.now += PER.total_seconds() - 0.5
    assert within(limits, "SM2", most=1) == [False]
    clock.now += 0.5
    assert within(limits, "SM2", "SM3", most=1) == [True, False]


def test_texts_within_a_period_do_not_prolong_it(limits: Limits, clock: FakeClock) -> None:
    within(limits, "SM1")
    clock.now += 40
    assert within(limits, "SM2") == [True]
    clock.now += 20
    assert within(limits, "SM3", "SM4", "SM5") == [True, True, False]


def test_a_period_that_is_over_does_not_count_though_dynamodb_still_has_it(
    adapter: DynamoLimits, clock: FakeClock, tables: Tables
) -> None:
    within(adapter, "SM1", "SM2", "SM3")
    clock.now += PER.total_seconds() * 100
    assert len(tables.items(tables.state)) == 1
    assert within(adapter, "SM3", "SM2", "SM4") == [True, True, False]


def test_a_lower_limit_counts_from_now_on_and_a_counted_text_stays_counted(limits: Limits) -> None:
    assert within(limits, "SM1", "SM2", "SM3", most=3) == [True] * 3
    assert within(limits, "SM4", "SM3", most=2) == [False, True]


def test_it_tells_dynamodb_when_to_delete_it(adapter: DynamoLimits, clock: FakeClock, tables: Tables) -> None:
    within(adapter, "SM1")
    (item,) = tables.items(tables.state)
    assert clock.now + PER.total_seconds() < int(item["ttl"]["N"]) <= clock.now + PER.total_seconds() + 1


@pytest.mark.parametrize("begun", [False, True])
def test_many_at_once_let_no_more_pass(tables: Tables, clock: FakeClock, begun: bool) -> None:  # noqa: FBT001 - a case
    everyone = [DynamoLimits(tables.another(), tables.state, clock=clock) for _ in range(6)]
    if begun:
        within(everyone[0], "SM0", most=3)

    def one(number: int) -> bool:
        return within(everyone[number % 6], f"SM{number % 9}", most=3)[0]

    with ThreadPoolExecutor(6) as pool:
        passed = list(pool.map(one, range(18)))
    ids = {f"SM{number % 9}" for number, yes in enumerate(passed) if yes}
    assert len(ids) == (2 if begun and "SM0" not in ids else 3)


@pytest.mark.parametrize("which", ["nowhere", "no table"])
def test_a_dynamodb_that_fails_is_unavailable(which: str, tables: Tables) -> None:
    failing = client("http://127.0.0.1:9") if which == "nowhere" else tables.dynamodb
    with pytest.raises(Unavailable, match=r"^the limit could not be counted: [A-Za-z ]+$"):
        within(DynamoLimits(failing, "missing"), "SM1")


def test_a_period_that_another_invocation_just_began_counts(adapter: DynamoLimits, tables: Tables) -> None:
    slow, calls = tables.another(), count(1)

    def before_the_second(**_: object) -> None:
        if next(calls) == 2:
            within(adapter, "SM1")

    slow.meta.events.register("before-call.dynamodb.UpdateItem", before_the_second)
    behind = DynamoLimits(slow, tables.state, clock=lambda: 1000.0)
    assert within(behind, "SM2", "SM3") == [True, False]
    assert within(adapter, "SM1", "SM2") == [True, True]
