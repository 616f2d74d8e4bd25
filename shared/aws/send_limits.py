"""Limits on what programs send, in the state table. Each tenant and period has an item with the counts of its keys."""

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from shared.aws import conditional_writes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoSendLimits:
    """Implements `shared.ports.SendLimits`, with one write for both limits.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def admit(  # noqa: PLR0913 - as the port has it
        self,
        tenant_id: str,
        credential_id: str,
        messages: int,
        *,
        most_of_key: int,
        most_of_tenant: int,
        begin: datetime,
        per: timedelta,
    ) -> bool:
        """Counts messages; False, and counts none, when they are too many. Raises Unavailable."""
        if messages > min(most_of_key, most_of_tenant):
            return False
        request = partial(
            self._dynamodb.update_item,
            TableName=self._table,
            Key={"pk": {"S": f"sends#{tenant_id}"}, "sk": {"S": str(int(begin.timestamp()))}},
            UpdateExpression="ADD #all :messages, #key :messages SET #ttl = :ttl",
            ConditionExpression="(attribute_not_exists(#all) OR #all <= :room_of_tenant)"
            " AND (attribute_not_exists(#key) OR #key <= :room_of_key)",
            ExpressionAttributeNames={"#all": "all", "#key": f"key {credential_id}", "#ttl": "ttl"},
            ExpressionAttributeValues={
                ":messages": {"N": str(messages)},
                ":room_of_key": {"N": str(most_of_key - messages)},
                ":room_of_tenant": {"N": str(most_of_tenant - messages)},
                ":ttl": {"N": str(int((begin + per).timestamp()) + 1)},
            },
        )
        return conditional_writes.write(request, "the messages could not be counted")
