"""Sessions in the state table. Each conversation has an item, which is changed by compare-and-swap."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.aws import backend_states, conditional_writes
from shared.aws.botocore_errors import unavailable
from shared.errors import Unavailable
from shared.messages.outbound import Turn

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 5
_KEPT_AFTER_END = timedelta(days=1)  # so that a late repetition of a text gets its turn again


@dataclass(frozen=True)
class _Stored:
    """A stored session.

    Attributes:
        turn: its latest turn.
        at: the latest time at which a text of it was received.
        message_id: the id of the text of that turn.
        ended: whether a backend ended the session.
    """

    turn: Turn
    at: datetime
    message_id: str
    ended: bool


class DynamoSessions:
    """Implements `shared.ports.Sessions`."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def turn(self, conversation: str, message_id: str, *, at: datetime, life_seconds: float) -> Turn:
        """The text's place in its session. Raises Unavailable."""
        life = timedelta(seconds=life_seconds)
        for _ in range(_TRIES):
            stored = self._read(conversation)
            if stored and stored.message_id == message_id:
                return stored.turn
            next_turn = _next_turn(stored, at, life)
            if self._write(conversation, next_turn, message_id, at, life, after=stored):
                return next_turn
        message = "other invocations keep changing the session"
        raise Unavailable(message)

    def end(self, conversation: str, message_id: str) -> None:
        """Ends the session and drops what backends kept in it, unless a later text came. Raises Unavailable."""
        request = partial(
            self._dynamodb.update_item,
            TableName=self._table,
            Key=_key(conversation),
            UpdateExpression="SET ended = :yes",
            ConditionExpression="message_id = :message",
            ExpressionAttributeValues={":yes": {"BOOL": True}, ":message": {"S": message_id}},
        )
        if conditional_writes.write(request, "the session could not be ended"):
            backend_states.forget(self._dynamodb, self._table, conversation)

    def _read(self, conversation: str) -> _Stored | None:
        with unavailable("the session could not be read"):
            answer = self._dynamodb.get_item(TableName=self._table, Key=_key(conversation), ConsistentRead=True)
        return _stored(answer["Item"]) if "Item" in answer else None

    def _write(  # noqa: PLR0913, PLR0917 - the parts of a session
        self,
        conversation: str,
        turn: Turn,
        message_id: str,
        at: datetime,
        life: timedelta,
        after: _Stored | None,
    ) -> bool:
        latest = max(at, after.at) if after and after.turn.session_id == turn.session_id else at
        item: dict[str, Any] = {
            **_key(conversation),
            "session_id": {"S": turn.session_id},
            "turn": {"N": str(turn.number)},
            "first_text_at": {"S": turn.first_text_at.isoformat()},
            "latest_text_at": {"S": latest.isoformat()},
            "message_id": {"S": message_id},
            "ended": {"BOOL": False},
            "ttl": {"N": str(int((latest + life + _KEPT_AFTER_END).timestamp()))},
        }
        if turn.last_text_at:
            item["last_text_at"] = {"S": turn.last_text_at.isoformat()}
        unchanged: dict[str, Any] = (
            {
                "ConditionExpression": "session_id = :session AND message_id = :message AND ended = :ended",
                "ExpressionAttributeValues": {
                    ":session": {"S": after.turn.session_id},
                    ":message": {"S": after.message_id},
                    ":ended": {"BOOL": after.ended},
                },
            }
            if after
            else {"ConditionExpression": "attribute_not_exists(pk)"}
        )
        request = partial(self._dynamodb.put_item, TableName=self._table, Item=item, **unchanged)
        return conditional_writes.write(request, "the session could not be stored")


def _next_turn(stored: _Stored | None, at: datetime, life: timedelta) -> Turn:
    if stored is None or stored.ended or at - stored.at > life:
        return Turn(session_id=uuid.uuid4().hex, number=1, first_text_at=at, last_text_at=None)
    turn = stored.turn
    return Turn(turn.session_id, turn.number + 1, turn.first_text_at, last_text_at=stored.at)


def _key(conversation: str) -> dict[str, Any]:
    return {"pk": {"S": f"session#{conversation}"}, "sk": {"S": "session"}}


def _stored(item: dict[str, Any]) -> _Stored:
    last = item.get("last_text_at")
    turn = Turn(
        session_id=item["session_id"]["S"],
        number=int(item["turn"]["N"]),
        first_text_at=datetime.fromisoformat(item["first_text_at"]["S"]),
        last_text_at=datetime.fromisoformat(last["S"]) if last else None,
    )
    return _Stored(
        turn=turn,
        at=datetime.fromisoformat(item["latest_text_at"]["S"]),
        message_id=item["message_id"]["S"],
        ended=item["ended"]["BOOL"],
    )
