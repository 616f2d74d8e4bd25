"""Limits in the state table. Each conversation and limit has an item with the ids of the counted texts."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.aws import conditional_writes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_COUNT = "counted_until > :now AND (contains(ids, :id) OR size(ids) < :most)"
_BEGIN = "attribute_not_exists(pk) OR counted_until <= :now"


class DynamoLimits:
    """Implements `shared.ports.Limits`. A period begins with its first text.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        clock: returns the seconds since the epoch.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str, *, clock: Callable[[], float] = time.time) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._clock = clock

    def within(self, name: str, conversation: str, message_id: str, *, most: int, per: timedelta) -> bool:
        """Counts the text; False when `most` texts were counted in this period before. Raises Unavailable."""
        now = self._clock()
        until = {"N": str(now + per.total_seconds())}
        key = {"pk": {"S": f"limit#{conversation}"}, "sk": {"S": name}}
        ids = {"SS": [message_id]}
        count: dict[str, Any] = {
            "UpdateExpression": "ADD ids :ids",
            "ConditionExpression": _COUNT,
            "ExpressionAttributeValues": {
                ":ids": ids,
                ":id": {"S": message_id},
                ":most": {"N": str(most)},
                ":now": {"N": str(now)},
            },
        }
        begin: dict[str, Any] = {
            "UpdateExpression": "SET ids = :ids, counted_until = :until, #ttl = :ttl",
            "ConditionExpression": _BEGIN,
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": {
                ":ids": ids,
                ":until": until,
                ":ttl": {"N": str(int(now + per.total_seconds()) + 1)},
                ":now": {"N": str(now)},
            },
        }
        # The second count is for a period that another invocation began after the first.
        return any(self._update(key, update) for update in (count, begin, count))

    def _update(self, key: dict[str, Any], update: dict[str, Any]) -> bool:
        request = partial(self._dynamodb.update_item, TableName=self._table, Key=key, **update)
        return conditional_writes.write(request, "the limit could not be counted")
