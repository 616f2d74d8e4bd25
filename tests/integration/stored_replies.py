"""Records of replies in a table, as the sender leaves them."""

from collections.abc import Iterable

from mypy_boto3_dynamodb import DynamoDBClient

from shared.aws.reply_records import DynamoReplies
from shared.messages.outbound import Reply
from tests.fakes import NOW

_LIFE_SECONDS = 3600


def put_replies(dynamodb: DynamoDBClient, table: str, replies: Iterable[Reply]) -> None:
    """Notes of each reply that it was sent, and that its status is not known yet."""
    records = DynamoReplies(dynamodb, table, life_seconds=_LIFE_SECONDS)
    for reply in replies:
        records.attempt(reply, at=NOW)
