"""Reading what a stage has stored of a text: a query and a batch by key, however many texts there are.

The items of claims are those of Powertools (Powertools for AWS Lambda docs, "Idempotency"), which the Lambdas use; the
command does without it.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from operations.tracing.text_record import TextRecord
from shared.aws import parking, reply_records
from shared.aws.botocore_errors import unavailable
from shared.aws.reply_records import DynamoReplies
from shared.errors import Unavailable
from shared.messages.outbound import Parked, Reply

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

_ASK = "ask"
"""The effect for which shared/forwarding/backend_call.py claims."""
_IN_PROGRESS, _COMPLETED = "INPROGRESS", "COMPLETED"
_BATCH = 10
"""How many messages of an answer are looked up at once. Most answers have fewer."""
_MESSAGES_MAX = 100
_FAILURE_REPLIES = [f"f-{number}" for number in range(1, 4)]
_TRIES = 3


class DynamoTextRecords:
    """Implements `operations.tracing.text_record.TextRecords`.

    Args:
        dynamodb: boto3's client.
        claims: the claims table's name.
        state: the state table's name.
        clock: returns the seconds since the epoch. Expired items are ignored, because DynamoDB deletes them late.
    """

    def __init__(
        self, dynamodb: "DynamoDBClient", *, claims: str, state: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._claims = claims
        self._state = state
        self._clock = clock
        self._replies = DynamoReplies(dynamodb, state, life_seconds=0, clock=clock)

    def find(self, tenant_id: str, text_id: str) -> TextRecord:
        """What is stored of the text: two requests, and one more for every further ten messages of its answer."""
        with unavailable(f"what is stored of {text_id} could not be read"):
            parked = self._parked(tenant_id, text_id)
            claim, replies = self._claim_and_replies(tenant_id, text_id)
        return TextRecord(
            messages=_messages(claim),
            is_asking=claim is not None and claim["status"]["S"] == _IN_PROGRESS,
            replies=replies,
            parked=tuple(parked),
        )

    def owner(self, tenant_id: str, message_id: str) -> Reply | None:
        """The reply that has this id at the provider: two requests."""
        reply_id = self._replies.owner(tenant_id, message_id)
        return self._replies.find(tenant_id, reply_id) if reply_id else None

    def _parked(self, tenant_id: str, text_id: str) -> list[Parked]:
        """The ids of the text's replies, and of their statuses, begin with its own."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._state,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :text)",
            ExpressionAttributeValues={
                ":pk": parking.item_key(tenant_id, text_id)["pk"],
                ":text": {"S": text_id},
            },
            ConsistentRead=True,
        )
        return [parking.read_item(item) for page in pages for item in page["Items"] if self._is_alive(item, "ttl")]

    def _claim_and_replies(self, tenant_id: str, text_id: str) -> tuple[Item | None, dict[str, Reply]]:
        claim_id = _claim_id(_ASK, f"{tenant_id}.{text_id}")
        names = [*_numbers(1), *_FAILURE_REPLIES]
        items = self._batch(tenant_id, text_id, names, claim_ids=[claim_id])
        claim = next((item for item in items if item.get("id") == {"S": claim_id}), None)
        replies = _by_name(text_id, items)
        first = 1 + _BATCH
        while str(first - 1) in replies and first < _MESSAGES_MAX:
            replies |= _by_name(text_id, self._batch(tenant_id, text_id, _numbers(first)))
            first += _BATCH
        return claim, replies

    def _batch(self, tenant_id: str, text_id: str, names: Sequence[str], claim_ids: Sequence[str] = ()) -> list[Item]:
        """The items that exist, of the replies with these names and of the claims."""
        replies = [reply_records.item_key(tenant_id, f"{text_id}-{name}") for name in names]
        unread: Any = {self._state: {"Keys": replies, "ConsistentRead": True}}
        if claim_ids:
            unread[self._claims] = {"Keys": [{"id": {"S": each}} for each in claim_ids], "ConsistentRead": True}
        items: list[Item] = []
        for _ in range(_TRIES):
            answer = self._dynamodb.batch_get_item(RequestItems=unread)
            for table, found in answer["Responses"].items():
                life = "expiration" if table == self._claims else "ttl"
                items += [dict(item) for item in found if self._is_alive(item, life)]
            unread = answer.get("UnprocessedKeys")
            if not unread:
                return items
        message = "DynamoDB is too busy to read all of it"
        raise Unavailable(message)

    def _is_alive(self, item: Any, life: str) -> bool:  # noqa: ANN401 - an item of DynamoDB
        return int(item[life]["N"]) > self._clock()


def _claim_id(effect: str, key: str) -> str:
    """The key of a claim's item: the effect, and the SHA-256 of the claim's key as JSON."""
    return f"{effect}#{hashlib.sha256(json.dumps(key).encode()).hexdigest()}"


def _numbers(first: int) -> list[str]:
    return [str(number) for number in range(first, first + _BATCH)]


def _by_name(text_id: str, items: Iterable[Item]) -> dict[str, Reply]:
    replies = [reply_records.read_item(item) for item in items if "reply_id" in item]
    return {reply.reply_id.removeprefix(f"{text_id}-"): reply for reply in replies}


def _messages(claim: Item | None) -> int | None:
    """How many messages the answer in a claim has; None when the claim holds none."""
    if claim is None or claim["status"]["S"] != _COMPLETED:
        return None
    answer = json.loads(claim.get("data", {}).get("S") or "{}")
    return len(answer.get("messages") or ())
