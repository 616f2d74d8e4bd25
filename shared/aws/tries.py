"""The number of tries of queued messages, in the state table. A message has an item from its second try on."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.aws.botocore_errors import unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LIFE = timedelta(days=2)
"""Longer than any message can be postponed: 12 hours (SQS API, ChangeMessageVisibility)."""


class DynamoTries:
    """Implements `shared.ports.Tries`.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        clock: returns the seconds since the epoch.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str, *, clock: Callable[[], float] = time.time) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._clock = clock

    def count(self, queue_message_id: str, receives: int) -> int:
        """The number of tries of a message, including this one. Raises Unavailable."""
        if receives == 1:
            return 1
        with unavailable("the try could not be counted"):
            answer = self._dynamodb.update_item(
                TableName=self._table,
                Key={"pk": {"S": f"tries#{queue_message_id}"}, "sk": {"S": "tries"}},
                UpdateExpression="ADD receives :receives SET #ttl = :ttl",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues={
                    ":receives": {"NS": [str(receives)]},
                    ":ttl": {"N": str(int(self._clock() + _LIFE.total_seconds()))},
                },
                ReturnValues="UPDATED_NEW",
            )
        return 1 + len(answer["Attributes"]["receives"]["NS"])
