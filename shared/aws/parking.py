"""Parked events in the state table. Each event is an item; those of a tenant share the partition key."""

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.aws import conditional_writes
from shared.aws.botocore_errors import unavailable
from shared.messages.outbound import Parked

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from shared.aws.usage import DynamoUsage
    from shared.messages.usage import Counted

_EVENT_BYTES_MAX = 380 * 1024
"""The event's share of the 400 KiB of an item (AWS docs, DynamoDB, "Service, account, and table quotas")."""
_ATTRIBUTES_MAX, _ATTRIBUTE_MAX = 20, 200
_SURROGATE = re.compile("[\ud800-\udfff]")
_STRING_FIELDS = ("tenant", "id", "queue", "group", "reason", "detail", "number")


class DynamoParking:
    """Implements `shared.ports.Parking`.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        life_seconds: how long an event stays parked when nobody acts on it.
        usage: counts what failed; None for those who park nothing.
        clock: returns the seconds since the epoch. Expired items are ignored, because DynamoDB deletes them late.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        table: str,
        *,
        life_seconds: float,
        usage: "DynamoUsage | None" = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._life_seconds = life_seconds
        self._usage = usage
        self._clock = clock

    def park(self, parked: Parked, failure: "Counted | None" = None) -> None:
        """Parks an event, and replaces an earlier copy of it. Raises Unavailable.

        An event that is too large for an item is stored without its data. What failed and was counted before is parked
        alone.
        """
        item = {
            **item_key(parked.tenant, parked.id),
            **{name: {"S": getattr(parked, name)} for name in _STRING_FIELDS},
            "parked_at": {"S": parked.parked_at.isoformat()},
            "event": {"S": _fitting_json(parked.event)},
            "error_code": {"NULL": True} if parked.error_code is None else {"N": str(parked.error_code)},
            "ttl": {"N": str(int(self._clock() + self._life_seconds))},
        }
        put: TransactWriteItemTypeDef = {"Put": {"TableName": self._table, "Item": item}}
        if failure and self._usage and self._usage.count(failure, along=[put]):
            return
        with unavailable("the event could not be parked"):
            self._dynamodb.put_item(TableName=self._table, Item=item)

    def parked(self, tenant_id: str) -> list[Parked]:
        """All parked events of a tenant, the oldest first. Raises Unavailable."""
        with unavailable(f"what is parked of tenant {tenant_id!r} could not be read"):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": f"parked#{tenant_id}"}},
                ConsistentRead=True,
            )
            items = [item for page in pages for item in page["Items"] if self._alive(item)]
        return sorted(map(read_item, items), key=lambda parked: parked.parked_at)

    def find(self, tenant_id: str, event_id: str) -> Parked | None:
        """The parked event with this id, or None. Raises Unavailable."""
        with unavailable("the parked event could not be read"):
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=item_key(tenant_id, event_id), ConsistentRead=True
            )
        item = answer.get("Item")
        return read_item(item) if item and self._alive(item) else None

    def remove(self, parked: Parked) -> None:
        """Removes a parked event, unless it was parked again since. Raises Unavailable."""
        request = partial(
            self._dynamodb.delete_item,
            TableName=self._table,
            Key=item_key(parked.tenant, parked.id),
            ConditionExpression="parked_at = :parked_at",
            ExpressionAttributeValues={":parked_at": {"S": parked.parked_at.isoformat()}},
        )
        conditional_writes.write(request, "the parked event could not be removed")

    def _alive(self, item: dict[str, Any]) -> bool:
        return "ttl" not in item or int(item["ttl"]["N"]) > self._clock()  # an operator may keep one for ever


def _fitting_json(event: Mapping[str, object]) -> str:
    """The event's JSON, or that of its short attributes when it is too large or too deeply nested.

    The JSON can be larger than it was on the queue, because Python writes numbers such as 1e15 in full.
    """
    try:
        text = _json(event)
    except RecursionError:
        text = ""
    if text and len(text.encode()) <= _EVENT_BYTES_MAX:
        return text
    attributes = {name: value for name, value in event.items() if len(name) <= _ATTRIBUTE_MAX and _is_short(value)}
    return _json({**dict(list(attributes.items())[:_ATTRIBUTES_MAX]), "data": {}})


def _is_short(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= _ATTRIBUTE_MAX)


def _json(event: Mapping[str, object]) -> str:
    """The event as compact JSON. Characters are not escaped, except unpaired surrogates, which UTF-8 cannot encode."""
    text = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def item_key(tenant_id: str, event_id: str) -> dict[str, Any]:
    """The key of a parked event's item."""
    return {"pk": {"S": f"parked#{tenant_id}"}, "sk": {"S": event_id}}


def read_item(item: dict[str, Any]) -> Parked:
    """The parked event in an item."""
    return Parked(
        **{name: item[name]["S"] for name in _STRING_FIELDS},
        parked_at=datetime.fromisoformat(item["parked_at"]["S"]),
        event=json.loads(item["event"]["S"]),
        error_code=int(item["error_code"]["N"]) if "N" in item["error_code"] else None,
    )
