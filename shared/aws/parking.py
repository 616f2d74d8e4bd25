"""What was set aside, in the state table: one item an event, a tenant's under one key."""

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.aws.errors import code, unavailable
from shared.messages.outbound import Parked

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_EVENT_BYTES_MAX = 380 * 1024
"""Of the 400 KiB of an item (AWS docs, DynamoDB, "Service, account, and table quotas"); the others need little."""
_ATTRIBUTES_MAX, _ATTRIBUTE_MAX = 20, 200
_HALF = re.compile("[\ud800-\udfff]")
_TEXTS = ("tenant", "id", "queue", "group", "reason", "detail", "number")


class DynamoParking:
    """Keeps `shared.ports.Parking`.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        life_seconds: how long an event stays when nobody acts on it.
        clock: tells the seconds since the epoch; what is too old is not shown, for DynamoDB deletes it late.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        table: str,
        *,
        life_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._life_seconds = life_seconds
        self._clock = clock

    def park(self, parked: Parked) -> None:
        """Sets an event aside, in the place of what was parked of it before. Raises Unavailable.

        What does not fit is left out: an event that is larger here than on its queue loses its data.
        """
        item = {
            **_key(parked.tenant, parked.id),
            **{name: {"S": getattr(parked, name)} for name in _TEXTS},
            "parked_at": {"S": parked.parked_at.isoformat()},
            "event": {"S": _fitting(parked.event)},
            "ttl": {"N": str(int(self._clock() + self._life_seconds))},
        }
        with unavailable("the event could not be parked"):
            self._dynamodb.put_item(TableName=self._table, Item=item)

    def parked(self, tenant_id: str) -> list[Parked]:
        """All of a tenant's, the oldest first. Raises Unavailable."""
        with unavailable(f"what is parked of tenant {tenant_id!r} could not be read"):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": f"parked#{tenant_id}"}},
                ConsistentRead=True,
            )
            items = [item for page in pages for item in page["Items"] if self._alive(item)]
        return sorted(map(_parked, items), key=lambda parked: parked.parked_at)

    def find(self, tenant_id: str, event_id: str) -> Parked | None:
        """One of them, or None. Raises Unavailable."""
        with unavailable("the parked event could not be read"):
            answer = self._dynamodb.get_item(TableName=self._table, Key=_key(tenant_id, event_id), ConsistentRead=True)
        item = answer.get("Item")
        return _parked(item) if item and self._alive(item) else None

    def remove(self, parked: Parked) -> None:
        """Forgets it, unless it was parked again since. Raises Unavailable."""
        with unavailable("the parked event could not be removed"):
            try:
                self._dynamodb.delete_item(
                    TableName=self._table,
                    Key=_key(parked.tenant, parked.id),
                    ConditionExpression="parked_at = :parked_at",
                    ExpressionAttributeValues={":parked_at": {"S": parked.parked_at.isoformat()}},
                )
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":  # then it is gone, or parked again
                    raise

    def _alive(self, item: dict[str, Any]) -> bool:
        return int(item["ttl"]["N"]) > self._clock()


def _fitting(event: Mapping[str, object]) -> str:
    """The event's JSON, or that of its attributes alone.

    A queue's 256 KiB are more here when they are numbers such as 1e15, and what is nested deeply can be read but not
    written.
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
    """The event in as few bytes as it came in: characters stand for themselves, but for halves, which UTF-8 lacks."""
    text = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _key(tenant_id: str, event_id: str) -> dict[str, Any]:
    return {"pk": {"S": f"parked#{tenant_id}"}, "sk": {"S": event_id}}


def _parked(item: dict[str, Any]) -> Parked:
    return Parked(
        **{name: item[name]["S"] for name in _TEXTS},
        parked_at=datetime.fromisoformat(item["parked_at"]["S"]),
        event=json.loads(item["event"]["S"]),
    )
