"""Writing several items of the directory in one transaction, all of them or none."""

import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.aws.botocore_errors import code, unavailable
from shared.errors import Unavailable
from shared.tenants import directory_items as items
from shared.tenants.directory_items import ItemKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

IS_NEW = "attribute_not_exists(pk)"
WRITES_MAX = 100
"""Items in one transaction (DynamoDB API, TransactWriteItems)."""

_TRIES = 10
_PAUSE_SECONDS, _PAUSE_SECONDS_MAX = 0.05, 1.0
_IN_PROGRESS = "TransactionInProgressException"
_REFUSED = "ConditionalCheckFailed"
_AGAIN = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
"""Why a transaction was cancelled that may succeed in a moment (DynamoDB API, TransactWriteItems)."""


class Transactions:
    """Writes transactions to the directory.

    Args:
        dynamodb: a client for the home region, where the directory is written.
        sleep: waits for a number of seconds.
    """

    def __init__(self, dynamodb: "DynamoDBClient", sleep: Callable[[float], None] = time.sleep) -> None:
        self._dynamodb = dynamodb
        self._sleep = sleep

    def write(self, writes: "Sequence[TransactWriteItemTypeDef]", what: str) -> set[int]:
        """The indices of the writes whose conditions did not hold; empty when all were made, else none was.

        Args:
            writes: no more than `WRITES_MAX`.
            what: the beginning of an error's message.

        A transaction that is still in progress is asked for again with its own token, so that what it writes is not in
        its own way (DynamoDB API, TransactWriteItems, `ClientRequestToken`). Raises Unavailable.
        """
        token = _new_token()
        for attempt in range(_TRIES):
            with unavailable(what):
                try:
                    self._dynamodb.transact_write_items(TransactItems=writes, ClientRequestToken=token)
                except ClientError as error:
                    reasons = _cancellations(error)
                    refused = {index for index, reason in enumerate(reasons) if reason == _REFUSED}
                    if not _AGAIN.intersection(reasons):
                        if not refused:
                            raise
                        return refused
                    if code(error) != _IN_PROGRESS:  # it was cancelled
                        token = _new_token()
                else:
                    return set()
            self._sleep(random.uniform(0, min(_PAUSE_SECONDS * 2**attempt, _PAUSE_SECONDS_MAX)))  # noqa: S311 -- jitter
        message = f"{what}: others are changing the same thing all the time; try again in a minute"
        raise Unavailable(message)


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


def _new_token() -> str:
    return uuid.uuid4().hex


def _cancellations(error: ClientError) -> list[str]:
    """Why each write of a transaction was cancelled; a code that means `again` when another one is in its way."""
    if code(error) in {_IN_PROGRESS, "TransactionConflictException"}:
        return ["TransactionConflict"]
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment] # not in botocore's type
    return [reason.get("Code", "None") for reason in reasons]


def _condition(condition: str, values: Mapping[str, Any] | None) -> dict[str, Any]:
    expression = {"ConditionExpression": condition} if condition else {}
    return {**expression, **({"ExpressionAttributeValues": values} if values else {})}
