"""Opt-outs in the state table. Each conversation has an item with the person's latest STOP or START and its time."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.aws.botocore_errors import code, unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoOptOuts:
    """Implements `shared.ports.OptOuts`. A STOP is kept forever, and a START for as long as an older STOP may arrive.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        life_seconds: how long a START is kept.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str, *, life_seconds: float) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._life = timedelta(seconds=life_seconds)

    def keep(self, conversation: str, *, stopped: bool, at: datetime) -> None:
        """Stores a STOP or a START and its time, unless a later one is stored. Raises Unavailable."""
        values: dict[str, Any] = {":stopped": {"BOOL": stopped}, ":at": {"N": str(_milliseconds(at))}}
        if not stopped:
            values[":ttl"] = {"N": str(int((at + self._life).timestamp()))}
        with unavailable("the opt-out could not be stored"):
            try:
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=_key(conversation),
                    UpdateExpression="SET stopped = :stopped, said_at = :at"
                    + (" REMOVE #ttl" if stopped else ", #ttl = :ttl"),
                    ConditionExpression=f"attribute_not_exists(pk) OR said_at {'<=' if stopped else '<'} :at",
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues=values,
                )
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":  # a later one is stored
                    raise

    def has_stopped(self, conversation: str) -> bool:
        """Whether DynamoDB has STOP as the person's latest word. Raises Unavailable."""
        with unavailable("the opt-out could not be looked up"):
            answer = self._dynamodb.get_item(TableName=self._table, Key=_key(conversation), ConsistentRead=True)
        return "Item" in answer and answer["Item"]["stopped"]["BOOL"]


def _key(conversation: str) -> dict[str, Any]:
    return {"pk": {"S": f"optout#{conversation}"}, "sk": {"S": "optout"}}


def _milliseconds(moment: datetime) -> int:
    return round(1000 * moment.timestamp())
