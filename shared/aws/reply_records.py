"""The records of replies in the state table. Each reply is an item, and each change is a conditional update.

The status of a reply is in `status` and `rank`. PARKED has a lower rank than every status of a provider. Without a
status there is no rank.
"""

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.aws import conditional_writes
from shared.aws.botocore_errors import unavailable
from shared.errors import NotFound
from shared.messages.outbound import PARKED, Reply
from shared.messages.status import ProviderStatus, StatusOrder

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

_INDEX = "message_id-index"  # keys only, by `provider_message_id`; eventually consistent

_PARKED_RANK = -1
_SK = "reply"
_NAME = re.compile(r"#(\w+)")  # every attribute has a placeholder, because DynamoDB reserves so many words
_FIXED = ("tenant", "reply_id", "agent", "agent_id", "conversation", "in_reply_to", "ttl")
_SET_FIXED = ", ".join(f"#{name} = :{name}" for name in _FIXED)
_EXPIRED = "#ttl <= :now"
_NOT_EXPIRED = "(attribute_not_exists(#ttl) OR #ttl > :now)"
_ALIVE = f"attribute_exists(#pk) AND {_NOT_EXPIRED}"
_ATTEMPT = "#attempted_at, #provider_message_id, #status, #rank, #error_code"
"""What is known of the latest attempt."""
_BEGIN_ANEW = f"SET #ttl = :ttl REMOVE #superseded, {_ATTEMPT}"
_OF_THIS_MESSAGE = (
    "(attribute_not_exists(#provider_message_id) OR #provider_message_id = :message_id) "
    "AND NOT contains(#superseded, :message_id)"
)
_SET_SEGMENTS = "#segments = :segments"
_PARKED_STATUS = ProviderStatus(PARKED, _PARKED_RANK, is_final=False)


class DynamoReplies:
    """Implements `shared.ports.Replies`.

    Args:
        dynamodb: boto3's client.
        table: the state table's name.
        life_seconds: how long a record is kept: as long as the claim to send.
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

    def find(self, tenant_id: str, reply_id: str) -> Reply | None:
        """The record, or None. Raises Unavailable."""
        with unavailable("the reply's record could not be read"):
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=item_key(tenant_id, reply_id), ConsistentRead=True
            )
        item = answer.get("Item")
        return read_item(item) if item and self._alive(item) else None

    def attempt(self, reply: Reply, *, at: datetime) -> None:
        """Notes that the message is about to be sent to the provider. Raises Unavailable."""
        self._create_or_update(
            reply,
            f"#attempted_at = if_not_exists(#attempted_at, :at), {_SET_SEGMENTS}",
            values={":at": {"S": at.isoformat()}, **_segments(reply.segments)},
        )

    def withdraw(self, tenant_id: str, reply_id: str) -> None:
        """Notes that the provider certainly did not accept the message. Raises Unavailable."""
        self._update(tenant_id, reply_id, "REMOVE #attempted_at", condition="attribute_exists(#pk)")

    def park(self, reply: Reply) -> None:
        """Sets the status PARKED, unless there is a status from the provider. Raises Unavailable."""
        change, values = _status(_PARKED_STATUS, reply.error_code)
        condition = "(attribute_not_exists(#rank) OR #rank <= :rank)"
        self._create_or_update(reply, change, condition=condition, values=values)

    def refuse(self, reply: Reply, status: ProviderStatus) -> None:
        """Sets the final status of a message that will never be sent. Raises Unavailable."""
        change, values = _status(status, reply.error_code)
        self._create_or_update(reply, change, condition=_rises(status), values=values)

    def advance(  # noqa: PLR0913 - a status and what comes with it
        self,
        tenant_id: str,
        reply_id: str,
        status: ProviderStatus,
        *,
        message_id: str,
        error_code: int | None,
        segments: int | None = None,
    ) -> tuple[Reply, StatusOrder]:
        """Sets a status as far as its rank allows it, and the provider's id if it is not set.

        It takes one update, and a second one only when the stored status has a higher rank and came without the id.
        Raises NotFound, Unavailable.
        """
        ours = {**self._now(), ":message_id": {"S": message_id}, **_segments(segments)}
        link = "SET #provider_message_id = if_not_exists(#provider_message_id, :message_id)"
        if segments is not None:
            link += f", {_SET_SEGMENTS}"
        change, values = _status(status, error_code)
        item, is_new = self._update(
            tenant_id,
            reply_id,
            f"{link}, {change}",
            condition=f"{_ALIVE} AND {_OF_THIS_MESSAGE} AND {_rises(status)}",
            values={**values, **ours},
        )
        reply = self._found(tenant_id, reply_id, item)
        if message_id in reply.superseded or reply.message_id not in {None, message_id}:
            return reply, StatusOrder.OTHER
        if reply.message_id is None:
            item, _ = self._update(tenant_id, reply_id, link, condition=f"{_ALIVE} AND {_OF_THIS_MESSAGE}", values=ours)
            reply = self._found(tenant_id, reply_id, item)
        if reply.status != status.word:
            return reply, StatusOrder.STALE
        return reply, StatusOrder.NEW if is_new else StatusOrder.REPEATED

    def supersede(self, tenant_id: str, reply_id: str, message_id: str) -> Reply:
        """Notes that this message of the provider's failed for now. Raises NotFound, Unavailable."""
        item, _ = self._update(
            tenant_id,
            reply_id,
            f"ADD #superseded :superseded REMOVE {_ATTEMPT}",
            condition=f"{_ALIVE} AND {_OF_THIS_MESSAGE}",
            values={**self._now(), ":message_id": {"S": message_id}, ":superseded": {"SS": [message_id]}},
        )
        return self._found(tenant_id, reply_id, item)

    def owner(self, tenant_id: str, message_id: str) -> str | None:
        """The id of the reply that has this provider's id, or None. Raises Unavailable."""
        with unavailable("the reply of a provider's message could not be looked up"):
            answer = self._dynamodb.query(
                TableName=self._table,
                IndexName=_INDEX,
                KeyConditionExpression="provider_message_id = :message_id",
                ExpressionAttributeValues={":message_id": {"S": message_id}},
            )
        prefix = f"reply#{tenant_id}#"
        keys = (item["pk"]["S"] for item in answer["Items"])
        return next((pk.removeprefix(prefix) for pk in keys if pk.startswith(prefix)), None)

    def _create_or_update(self, reply: Reply, change: str, *, values: Item, condition: str = "") -> None:
        """One update, and two more when DynamoDB still has a record that has expired: nothing of that stays."""
        fixed = self._fixed_values(reply)

        def update() -> Item:
            item, is_done = self._update(
                reply.tenant,
                reply.reply_id,
                f"SET {_SET_FIXED}, {change}",
                condition=f"{_NOT_EXPIRED} AND {condition}" if condition else _NOT_EXPIRED,
                values={**fixed, **values, **self._now()},
            )
            return {} if is_done else item

        unchanged = update()
        if unchanged and not self._alive(unchanged):
            new_life = {":ttl": fixed[":ttl"], **self._now()}
            self._update(reply.tenant, reply.reply_id, _BEGIN_ANEW, condition=_EXPIRED, values=new_life)
            update()

    def _update(
        self, tenant_id: str, reply_id: str, change: str, *, condition: str = "", values: Item | None = None
    ) -> tuple[Item, bool]:
        """The item after the update, or an empty one when there is none; and whether the condition was true."""
        options: dict[str, Any] = {"ConditionExpression": condition, "ExpressionAttributeValues": values}
        with unavailable("the reply's record could not be changed"):
            try:
                answer = self._dynamodb.update_item(
                    TableName=self._table,
                    Key=item_key(tenant_id, reply_id),
                    UpdateExpression=change,
                    ExpressionAttributeNames={f"#{name}": name for name in _NAME.findall(f"{change} {condition}")},
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **{name: value for name, value in options.items() if value},
                )
            except ClientError as error:
                if conditional_writes.is_refused(error):
                    return conditional_writes.item_in_the_way(error), False
                raise
        return dict(answer["Attributes"]), True

    def _fixed_values(self, reply: Reply) -> Item:
        return {
            ":tenant": {"S": reply.tenant},
            ":reply_id": {"S": reply.reply_id},
            ":agent": {"S": reply.agent},
            ":agent_id": {"S": reply.agent_id},
            ":conversation": {"S": reply.conversation},
            ":in_reply_to": {"NULL": True} if reply.in_reply_to is None else {"S": reply.in_reply_to},
            ":ttl": {"N": str(int(self._clock() + self._life_seconds))},
        }

    def _now(self) -> Item:
        return {":now": {"N": str(int(self._clock()))}}

    def _found(self, tenant_id: str, reply_id: str, item: Item) -> Reply:
        """The record in an item. Raises NotFound when there is none, or it has expired."""
        if not item or not self._alive(item):
            message = f"tenant {tenant_id!r} has no reply {reply_id!r}"
            raise NotFound(message)
        return read_item(item)

    def _alive(self, item: Item) -> bool:
        return "ttl" not in item or int(item["ttl"]["N"]) > self._clock()  # an operator may keep one for ever


def _rises(status: ProviderStatus) -> str:
    """The condition that a status may replace the stored one."""
    same_step = "" if status.is_final else " OR (#rank = :rank AND #status <> :status)"
    return f"(attribute_not_exists(#rank) OR #rank < :rank{same_step})"


def _segments(segments: int | None) -> Item:
    return {} if segments is None else {":segments": {"N": str(segments)}}


def _status(status: ProviderStatus, error_code: int | None) -> tuple[str, Item]:
    """The part of an update expression that sets a status, and its values."""
    code = {"NULL": True} if error_code is None else {"N": str(error_code)}
    values = {":status": {"S": status.word}, ":rank": {"N": str(status.rank)}, ":error_code": code}
    return "#status = :status, #rank = :rank, #error_code = :error_code", values


def item_key(tenant_id: str, reply_id: str) -> Item:
    """The key of a reply's item."""
    return {"pk": {"S": f"reply#{tenant_id}#{reply_id}"}, "sk": {"S": _SK}}


def read_item(item: Item) -> Reply:
    """The record in an item."""
    attempted_at = item.get("attempted_at", {}).get("S")
    error_code = item.get("error_code", {}).get("N")
    return Reply(
        tenant=item["tenant"]["S"],
        reply_id=item["reply_id"]["S"],
        agent=item["agent"]["S"],
        conversation=item["conversation"]["S"],
        in_reply_to=item["in_reply_to"].get("S"),
        attempted_at=datetime.fromisoformat(attempted_at) if attempted_at else None,
        message_id=item.get("provider_message_id", {}).get("S"),
        status=item.get("status", {}).get("S", ""),
        rank=int(item.get("rank", {}).get("N", 0)),
        error_code=int(error_code) if error_code else None,
        superseded=frozenset(item.get("superseded", {}).get("SS", ())),
        agent_id=item.get("agent_id", {}).get("S", ""),
        segments=int(item.get("segments", {}).get("N", 1)),
    )
