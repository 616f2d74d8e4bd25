"""Reading a stage's usage figures: one query for each month, which returns what shared/aws/usage.py counts.

DynamoDB returns up to 1 MB a request, at least 3,000 counters: a month of a thousand numbers is ten requests at most.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from operations.usage.figures import DayFigures
from shared.aws.botocore_errors import unavailable
from shared.aws.usage import figures_of, partition
from shared.messages.usage import UsageOwner

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoUsageFigures:
    """Implements `operations.usage.figures.UsageFigures`.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        clock: returns the seconds since the epoch. Expired items are ignored, because DynamoDB deletes them late.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str, *, clock: Callable[[], float] = time.time) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._clock = clock

    def read(self, tenant_id: str, first: date, last: date) -> Iterator[DayFigures]:
        """The tenant's figures from the first day to the last. Raises Unavailable."""
        with unavailable(f"the usage of tenant {tenant_id!r} could not be read"):
            for begin, end in _months(first, last):
                for item in self._items(tenant_id, begin, end):
                    if int(item["ttl"]["N"]) > self._clock():
                        yield _day_figures(tenant_id, item)

    def _items(self, tenant_id: str, first: date, last: date) -> Iterator[dict[str, Any]]:
        """The counters of these days, which are in the same month."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": partition(tenant_id, first)},
                ":first": {"S": f"{first:%d}#"},
                ":last": {"S": f"{last:%d}$"},  # the character after #
            },
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The first and the last of the days in each month of a period."""
    while first <= last:
        next_month = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield first, min(last, next_month - timedelta(days=1))
        first = next_month


def _day_figures(tenant_id: str, item: dict[str, Any]) -> DayFigures:
    owner = UsageOwner(tenant_id, item["number"]["S"], item["agent_id"]["S"], item["agent"]["S"])
    return DayFigures(owner, date.fromisoformat(item["day"]["S"]), figures_of(item))
