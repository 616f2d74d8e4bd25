"""Reading many items of the directory."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from shared.aws.botocore_errors import unavailable
from shared.tenants import directory_items as items
from shared.tenants.directory_items import ItemKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


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
