"""Opt-outs in the state table. Each conversation has an item with the person's latest STOP or START and its time.

Those of a tenant share the partition key, so that they can be listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.aws import conditional_writes
from shared.aws.botocore_errors import unavailable
from shared.messages.outbound import StoppedConversation

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoOptOuts:
    """Implements `shared.ports.OptOuts`. A STOP is kept forever, and a START for as long as an older STOP may arrive.

    Only a STOP has the addresses, so that operators can see whose it is.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        life_seconds: how long a START is kept.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str, *, life_seconds: float) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._life = timedelta(seconds=life_seconds)

    def stop(self, stopped: StoppedConversation) -> None:
        """Stores a STOP and its time, unless a later START is stored. Raises Unavailable."""
        self._update(
            item_key(stopped.tenant, stopped.conversation),
            "SET stopped = :stopped, said_at = :at, ours = :ours, person = :person, by_operator = :by_operator "
            "REMOVE #ttl",
            "attribute_not_exists(pk) OR said_at <= :at",
            {
                ":stopped": {"BOOL": True},
                ":at": {"N": str(_milliseconds(stopped.at))},
                ":ours": {"S": stopped.ours},
                ":person": {"S": stopped.person},
                ":by_operator": {"BOOL": stopped.by_operator},
            },
        )

    def start(self, conversation: str, *, at: datetime) -> None:
        """Stores a START and its time, unless a STOP of the same time or later is stored. Raises Unavailable."""
        self._update(
            item_key(*conversation.split(".")),
            "SET stopped = :stopped, said_at = :at, #ttl = :ttl REMOVE ours, person, by_operator",
            "attribute_not_exists(pk) OR said_at < :at",
            {
                ":stopped": {"BOOL": False},
                ":at": {"N": str(_milliseconds(at))},
                ":ttl": {"N": str(int((at + self._life).timestamp()))},
            },
        )

    def has_stopped(self, conversation: str) -> bool:
        """Whether DynamoDB has STOP as the latest word. Raises Unavailable."""
        key = item_key(*conversation.split("."))
        with unavailable("the opt-out could not be looked up"):
            answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return "Item" in answer and answer["Item"]["stopped"]["BOOL"]

    def stopped(self, tenant_id: str) -> Iterator[Sequence[StoppedConversation]]:
        """The tenant's stopped conversations, in the pages in which DynamoDB returns them. Raises Unavailable."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            FilterExpression="stopped = :stopped",
            ExpressionAttributeValues={":pk": {"S": _partition(tenant_id)}, ":stopped": {"BOOL": True}},
            ConsistentRead=True,
        )
        with unavailable(f"the opt-outs of tenant {tenant_id!r} could not be read"):
            for page in pages:
                yield [read_item(tenant_id, item) for item in page["Items"]]

    def _update(
        self, key: dict[str, Any], update: str, condition: str, values: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Writes the word, unless a later one is stored."""
        request = partial(
            self._dynamodb.update_item,
            TableName=self._table,
            Key=key,
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues=values,
        )
        conditional_writes.write(request, "the opt-out could not be stored")


def _partition(tenant_id: str) -> str:
    return f"optout#{tenant_id}"


def item_key(tenant_id: str, conversation_id: str) -> dict[str, Any]:
    """The key of a conversation's item."""
    return {"pk": {"S": _partition(tenant_id)}, "sk": {"S": conversation_id}}


def read_item(tenant_id: str, item: Mapping[str, Any]) -> StoppedConversation:
    """The stopped conversation in an item."""
    return StoppedConversation(
        tenant=tenant_id,
        conversation=item["sk"]["S"],
        ours=item["ours"]["S"],
        person=item["person"]["S"],
        at=datetime.fromtimestamp(int(item["said_at"]["N"]) / 1000, UTC),
        by_operator=item["by_operator"]["BOOL"],
    )


def _milliseconds(moment: datetime) -> int:
    return round(1000 * moment.timestamp())
