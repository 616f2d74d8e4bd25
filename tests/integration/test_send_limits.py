"""Limits on what programs send, on a DynamoDB, and the fake of the unit tests: per key, per tenant, in each period."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shared.aws.send_limits import DynamoSendLimits
from shared.errors import Unavailable
from shared.ports import SendLimits
from tests.fakes import NOW
from tests.integration.tables import Tables, client
from tests.send_limits_fake import FakeSendLimits

PER = timedelta(seconds=60)


@pytest.fixture
def adapter(tables: Tables) -> DynamoSendLimits:
    return DynamoSendLimits(tables.dynamodb, tables.state)


@pytest.fixture(params=["the adapter", "the fake"])
def limits(request: pytest.FixtureRequest) -> SendLimits:
    if request.param == "the fake":
        return FakeSendLimits()
    adapter: DynamoSendLimits = request.getfixturevalue("adapter")
    return adapter


def admit(  # noqa: PLR0913 - each of them is the point of some test
    limits: SendLimits,
    messages: int,
    *,
    tenant: str = "acme",
    key: str = "till0001",
    most: tuple[int, int] = (3, 5),
    begin: datetime = NOW,
) -> bool:
    of_key, of_tenant = most
    return limits.admit(tenant, key, messages, most_of_key=of_key, most_of_tenant=of_tenant, begin=begin, per=PER)


def test_lets_the_limit_of_a_key_pass_and_no_more(limits: SendLimits) -> None:
    assert [admit(limits, 1) for _ in range(5)] == [True, True, True, False, False]


def test_counts_messages_and_what_is_refused_counts_nothing(limits: SendLimits) -> None:
    assert [admit(limits, messages) for messages in (2, 2, 1, 1)] == [True, False, True, False]


def test_a_tenant_has_a_limit_for_all_of_its_keys(limits: SendLimits) -> None:
    assert [admit(limits, 3), admit(limits, 3, key="desk0001"), admit(limits, 2, key="desk0001")] == [True, False, True]
    assert not admit(limits, 1, key="shop0001")


def test_a_key_that_is_refused_takes_nothing_from_the_others(limits: SendLimits) -> None:
    assert [admit(limits, 3), admit(limits, 1), admit(limits, 1)] == [True, False, False]
    assert admit(limits, 2, key="desk0001")


@pytest.mark.parametrize("most", [(3, 5), (5, 3)])
def test_more_than_a_limit_at_once_is_too_many_also_for_the_first(most: tuple[int, int], limits: SendLimits) -> None:
    assert not admit(limits, 4, most=most)
    assert admit(limits, 3, most=most)


def test_tenants_and_periods_count_by_themselves(limits: SendLimits) -> None:
    assert admit(limits, 3)
    assert admit(limits, 3, tenant="other")
    assert admit(limits, 3, begin=NOW + PER)
    assert not admit(limits, 1)
    assert not admit(limits, 1, begin=NOW + PER)


def test_of_many_at_once_no_more_than_the_limit_pass(adapter: DynamoSendLimits) -> None:
    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(lambda _: admit(adapter, 1, most=(20, 10)), range(40)))
    assert sum(admitted) == 10


def test_it_tells_dynamodb_when_to_delete_it_and_keeps_nothing_personal(
    adapter: DynamoSendLimits, tables: Tables
) -> None:
    admit(adapter, 2)
    (item,) = tables.items(tables.state)
    assert item == {
        "pk": {"S": "sends#acme"},
        "sk": {"S": str(int(NOW.timestamp()))},
        "all": {"N": "2"},
        "key till0001": {"N": "2"},
        "ttl": {"N": str(int((NOW.astimezone(UTC) + PER).timestamp()) + 1)},
    }


def test_a_dynamodb_that_does_not_answer_is_unavailable() -> None:
    away = DynamoSendLimits(client("http://127.0.0.1:1"), "state")
    with pytest.raises(Unavailable, match="the messages could not be counted"):
        admit(away, 1)
