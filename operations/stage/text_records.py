"""Reading what a stage has stored of a text: a query and a batch by key, however many texts there are.

The items of claims are those of Powertools (Powertools for AWS Lambda docs, "Idempotency"), which the Lambdas use; the
command does without it.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from operations.tracing.text_record import TextRecord
from shared.aws import opt_outs, parking, promises, reply_records
from shared.aws.botocore_errors import unavailable
from shared.aws.reply_records import DynamoReplies
from shared.errors import Unavailable
from shared.messages.outbound import Parked, Reply, StoppedConversation
from shared.messages.promises import Promise

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
_KEYS_MAX = 100  # DynamoDB API, BatchGetItem


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
        """What is stored of the text: two requests, and one more for every further ten messages of its answer.

        Two more when it was answered late.
        """
        with unavailable(f"what is stored of {text_id} could not be read"):
            parked = self._parked(tenant_id, text_id)
            claim, promise, replies = self._claim_promise_and_replies(tenant_id, text_id)
            if promise and promise.answer_id:
                parked += self._parked(tenant_id, f"{promise.answer_id}-")
                replies += self._messages_from(tenant_id, promise.answer_id, 1)
        answer = _answer(claim)
        is_later = answer is not None and answer.get("later", False)
        return TextRecord(
            messages=None if answer is None or is_later else len(answer.get("messages") or ()),
            is_asking=claim is not None and claim["status"]["S"] == _IN_PROGRESS,
            is_later=is_later,
            is_outside_session=answer is not None and answer.get("no_session", False),
            promise=promise,
            replies={reply.reply_id.removeprefix(f"{text_id}-"): reply for reply in replies},
            parked=tuple(parked),
        )

    def owner(self, tenant_id: str, message_id: str) -> Reply | None:
        """The reply that has this id at the provider: two requests."""
        reply_id = self._replies.owner(tenant_id, message_id)
        return self._replies.find(tenant_id, reply_id) if reply_id else None

    def stopped(self, tenant_id: str, conversations: Collection[str]) -> list[StoppedConversation]:
        """Those of the conversations in which nothing is sent: a request for every hundred."""
        keys = [opt_outs.item_key(tenant_id, conversation) for conversation in conversations]
        with unavailable("the opt-outs could not be read"):
            items = [
                item
                for first in range(0, len(keys), _KEYS_MAX)
                for item in self._batch({self._state: keys[first : first + _KEYS_MAX]})
            ]
        return [opt_outs.read_item(tenant_id, item) for item in items if item["stopped"]["BOOL"]]

    def _parked(self, tenant_id: str, prefix: str) -> list[Parked]:
        """What is parked with an id that begins like this: the ids of replies, and of their statuses, do."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._state,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={
                ":pk": parking.item_key(tenant_id, prefix)["pk"],
                ":prefix": {"S": prefix},
            },
            ConsistentRead=True,
        )
        return [parking.read_item(item) for page in pages for item in page["Items"] if self._is_alive(item, "ttl")]

    def _claim_promise_and_replies(
        self, tenant_id: str, text_id: str
    ) -> tuple[Item | None, Promise | None, list[Reply]]:
        claim_id = _claim_id(_ASK, f"{tenant_id}.{text_id}")
        names = [*_numbers(1), *_FAILURE_REPLIES]
        keys = [promises.item_key(tenant_id, text_id), *_reply_keys(tenant_id, text_id, names)]
        items = self._batch({self._state: keys, self._claims: [{"id": {"S": claim_id}}]})
        claim = next((item for item in items if item.get("id") == {"S": claim_id}), None)
        promise = next((promises.read_item(item) for item in items if "envelope" in item), None)
        replies = _replies(items)
        if f"{text_id}-{_BATCH}" in {reply.reply_id for reply in replies}:
            replies += self._messages_from(tenant_id, text_id, 1 + _BATCH)
        return claim, promise, replies

    def _messages_from(self, tenant_id: str, answer_id: str, first: int) -> list[Reply]:
        """The records of an answer's messages from this number on: ten in each request, until some are missing."""
        replies: list[Reply] = []
        while first < _MESSAGES_MAX:
            found = _replies(self._batch({self._state: _reply_keys(tenant_id, answer_id, _numbers(first))}))
            replies += found
            if len(found) < _BATCH:
                break
            first += _BATCH
        return replies

    def _batch(self, keys: dict[str, list[Item]]) -> list[Item]:
        """The items with these keys that exist, by table."""
        unread: Any = {table: {"Keys": of_table, "ConsistentRead": True} for table, of_table in keys.items()}
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
        return life not in item or int(item[life]["N"]) > self._clock()  # a STOP is kept forever


def _claim_id(effect: str, key: str) -> str:
    """The key of a claim's item: the effect, and the SHA-256 of the claim's key as JSON."""
    return f"{effect}#{hashlib.sha256(json.dumps(key).encode()).hexdigest()}"


def _numbers(first: int) -> list[str]:
    return [str(number) for number in range(first, first + _BATCH)]


def _reply_keys(tenant_id: str, answer_id: str, names: Iterable[str]) -> list[Item]:
    return [reply_records.item_key(tenant_id, f"{answer_id}-{name}") for name in names]


def _replies(items: Iterable[Item]) -> list[Reply]:
    return [reply_records.read_item(item) for item in items if "reply_id" in item]


def _answer(claim: Item | None) -> dict[str, Any] | None:
    """The backend's answer in a claim; None when the claim holds none."""
    if claim is None or claim["status"]["S"] != _COMPLETED:
        return None
    answer: dict[str, Any] = json.loads(claim.get("data", {}).get("S") or "{}")
    return answer
