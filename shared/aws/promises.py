"""Promises of later answers in the state table. Each text has an item, and each change is a conditional update.

Only items that somebody still waits for have the attribute `waiting_tenant`, and so only those are in the index.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.aws import conditional_writes
from shared.aws.botocore_errors import unavailable
from shared.messages.events import AnswerEnvelope
from shared.messages.promises import Promise, PromiseState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

_INDEX = "waiting-index"  # whole items, by `waiting_tenant` and `due_at`; eventually consistent
_NAMES = {"#state": "state", "#ttl": "ttl"}
_IS_NEW = "(attribute_not_exists(pk) OR #ttl <= :now OR conversation <> :conversation)"


class DynamoPromises:
    """Implements `shared.ports.Promises`.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        life_seconds: how long a record is kept: as long as the claim that keeps the backend's answer, so that a text
            that comes again meets its record.
        clock: returns the seconds since the epoch. Expired items are ignored, because DynamoDB deletes them late.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        table: str,
        *,
        life_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._life_seconds = life_seconds
        self._clock = clock

    def make(self, promise: Promise) -> Promise:
        """The promise, stored; or the one that its text has already. Raises Unavailable."""
        item = {
            **item_key(promise.tenant, promise.text_id),
            **self._attributes(promise),
            "waiting_tenant": {"S": promise.tenant},
        }
        with unavailable("the promise of an answer could not be stored"):
            try:
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression=_IS_NEW,
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues={**self._now(), ":conversation": item["conversation"]},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if conditional_writes.is_refused(error):
                    return read_item(conditional_writes.item_in_the_way(error))
                raise
        return promise

    def find(self, tenant_id: str, text_id: str) -> Promise | None:
        """The record of a text, or None. Raises Unavailable."""
        with unavailable("the promise of an answer could not be read"):
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=item_key(tenant_id, text_id), ConsistentRead=True
            )
        item = answer.get("Item")
        return read_item(item) if item and self._alive(item) else None

    def fulfil(self, promise: Promise) -> None:
        """Notes that the text was answered, also when nobody promised it yet. Raises Unavailable."""
        values = {f":{name}": value for name, value in self._attributes(promise).items()}
        values[":state"] = {"S": PromiseState.ANSWERED}
        self._update(
            promise.tenant,
            promise.text_id,
            "SET #state = :state, #ttl = :ttl, conversation = :conversation, answer_id = :answer_id, "
            "envelope = if_not_exists(envelope, :envelope), due_at = if_not_exists(due_at, :due_at) "
            "REMOVE waiting_tenant",
            condition="attribute_not_exists(pk) OR conversation = :conversation",
            values=values,
        )

    def miss(self, promise: Promise) -> bool:
        """Notes that no answer came in time; False when one came, and then nothing is noted. Raises Unavailable."""
        return self._update(
            promise.tenant,
            promise.text_id,
            "SET #state = :overdue",
            condition="#state IN (:waiting, :overdue)",
            values={":waiting": {"S": PromiseState.WAITING}, ":overdue": {"S": PromiseState.OVERDUE}},
        )

    def waiting(self, tenant_id: str) -> Iterator[Promise]:
        """The texts of a tenant that wait for an answer, the ones due first first. Raises Unavailable."""
        with unavailable(f"the texts of tenant {tenant_id!r} that wait for an answer could not be read"):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                IndexName=_INDEX,
                KeyConditionExpression="waiting_tenant = :tenant",
                ExpressionAttributeValues={":tenant": {"S": tenant_id}},
            )
            for page in pages:
                yield from (read_item(item) for item in page["Items"] if self._alive(item))

    def _update(self, tenant_id: str, text_id: str, change: str, *, condition: str, values: Item) -> bool:
        """Whether the condition was true, and the item is changed."""
        expressions = f"{change} {condition}"
        request = partial(
            self._dynamodb.update_item,
            TableName=self._table,
            Key=item_key(tenant_id, text_id),
            UpdateExpression=change,
            ConditionExpression=condition,
            ExpressionAttributeNames={name: word for name, word in _NAMES.items() if name in expressions},
            ExpressionAttributeValues=values,
        )
        return conditional_writes.write(request, "the promise of an answer could not be changed")

    def _attributes(self, promise: Promise) -> Item:
        return {
            "conversation": {"S": promise.conversation},
            "envelope": {"S": json.dumps(asdict(promise.envelope), separators=(",", ":"))},
            "due_at": {"S": promise.due_at.isoformat()},
            "state": {"S": promise.state},
            "answer_id": {"NULL": True} if promise.answer_id is None else {"S": promise.answer_id},
            "ttl": {"N": str(int(self._clock() + self._life_seconds))},
        }

    def _now(self) -> Item:
        return {":now": {"N": str(int(self._clock()))}}

    def _alive(self, item: Item) -> bool:
        return "ttl" not in item or int(item["ttl"]["N"]) > self._clock()  # an operator may keep one for ever


def item_key(tenant_id: str, text_id: str) -> Item:
    """The key of a text's item."""
    return {"pk": {"S": f"promise#{tenant_id}#{text_id}"}, "sk": {"S": "promise"}}


def read_item(item: Item) -> Promise:
    """The promise in an item."""
    return Promise(
        text_id=item["pk"]["S"].rpartition("#")[2],
        envelope=AnswerEnvelope(**json.loads(item["envelope"]["S"])),
        due_at=datetime.fromisoformat(item["due_at"]["S"]),
        state=PromiseState(item["state"]["S"]),
        answer_id=item["answer_id"].get("S"),
    )
