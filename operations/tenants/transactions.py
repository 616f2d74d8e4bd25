"""The writes of a transaction to the directory; shared/aws/transactions.py writes it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.tenants import directory_items as items
from shared.tenants.directory_items import ItemKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

IS_NEW = "attribute_not_exists(pk)"
WRITES_MAX = 100
"""Items in one transaction (DynamoDB API, TransactWriteItems)."""


def key_attributes(key: ItemKey) -> dict[str, Any]:
    """The attributes of a key, as DynamoDB takes them."""
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def put(
    key: ItemKey, attributes: Mapping[str, Any], condition: str = "", values: Mapping[str, Any] | None = None
) -> "TransactWriteItemTypeDef":
    """Writes an item."""
    entry: dict[str, Any] = {"TableName": items.TABLE, "Item": {**key_attributes(key), **attributes}}
    return {"Put": {**entry, **_condition(condition, values)}}  # type: ignore[typeddict-item] # made of its parts


def update(
    key: ItemKey, expression: str, condition: str, values: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> "TransactWriteItemTypeDef":
    """Changes some attributes of an item."""
    entry: dict[str, Any] = {"TableName": items.TABLE, "Key": key_attributes(key), "UpdateExpression": expression}
    named = {"ExpressionAttributeNames": names} if names else {}
    return {"Update": {**entry, **named, **_condition(condition, values)}}  # type: ignore[typeddict-item] # made of its parts


def delete(key: ItemKey, condition: str = "", values: Mapping[str, Any] | None = None) -> "TransactWriteItemTypeDef":
    """Deletes an item."""
    entry: dict[str, Any] = {"TableName": items.TABLE, "Key": key_attributes(key)}
    return {"Delete": {**entry, **_condition(condition, values)}}  # type: ignore[typeddict-item] # made of its parts


def check(key: ItemKey, condition: str, values: Mapping[str, Any] | None = None) -> "TransactWriteItemTypeDef":
    """Writes nothing; the others are written only if the condition holds for this item."""
    entry: dict[str, Any] = {"TableName": items.TABLE, "Key": key_attributes(key)}
    return {"ConditionCheck": {**entry, **_condition(condition, values)}}  # type: ignore[typeddict-item] # made of its parts


def _condition(condition: str, values: Mapping[str, Any] | None) -> dict[str, Any]:
    expression = {"ConditionExpression": condition} if condition else {}
    return {**expression, **({"ExpressionAttributeValues": values} if values else {})}
