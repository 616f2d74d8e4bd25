"""Reading many items of the directory."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from operations.tenants.transactions import key_attributes
from shared.aws.botocore_errors import unavailable
from shared.tenants import directory_items as items
from shared.tenants.directory_items import ItemKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH_MAX = 100  # keys (DynamoDB API, BatchGetItem)
_PAUSE_SECONDS = 0.05


def items_behind(dynamodb: "DynamoDBClient", prefix: ItemKey, what: str) -> Iterator[Mapping[str, Any]]:
    """The items of a partition whose sort keys begin like this, in order, strictly consistently.

    Args:
        dynamodb: a client for the home region.
        prefix: the partition, and how the sort keys begin; empty for all.
        what: the beginning of an error's message.

    Raises Unavailable.
    """
    condition = "pk = :pk AND begins_with(sk, :prefix)" if prefix.sk else "pk = :pk"
    values = {":pk": {"S": prefix.pk}, **({":prefix": {"S": prefix.sk}} if prefix.sk else {})}
    pages = dynamodb.get_paginator("query").paginate(
        TableName=items.TABLE,
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
        ConsistentRead=True,
    )
    with unavailable(what):
        for page in pages:
            yield from page["Items"]


def items_with(
    dynamodb: "DynamoDBClient", keys: Iterable[ItemKey], what: str, sleep: Callable[[float], None] = time.sleep
) -> dict[ItemKey, Mapping[str, Any]]:
    """The items with these keys, a hundred a request, strictly consistently; those that do not exist are missing.

    Args:
        dynamodb: a client for the home region.
        keys: each once.
        what: the beginning of an error's message.
        sleep: waits for a number of seconds, when DynamoDB has left some for later.

    Raises Unavailable.
    """
    items_by_key: dict[ItemKey, Mapping[str, Any]] = {}
    remaining = [key_attributes(key) for key in keys]
    with unavailable(what):
        while remaining:
            batch, remaining = remaining[:_BATCH_MAX], remaining[_BATCH_MAX:]
            answer = dynamodb.batch_get_item(RequestItems={items.TABLE: {"Keys": batch, "ConsistentRead": True}})
            for item in answer["Responses"].get(items.TABLE, []):
                items_by_key[ItemKey(item["pk"]["S"], item["sk"]["S"])] = item
            rest = answer.get("UnprocessedKeys", {}).get(items.TABLE)
            if rest:
                remaining += rest["Keys"]
                sleep(_PAUSE_SECONDS)
    return items_by_key
