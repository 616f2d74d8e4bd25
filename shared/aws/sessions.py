"""Sessions in the state table: one item a conversation, changed by compare-and-swap."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.aws.errors import code, unavailable
from shared.errors import Unavailable
from shared.messages.outbound import Turn

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 5
_KEPT = timedelta(days=1)  # after its end, so that a late repetition finds its turn


@dataclass(frozen=True)
class _Stored:
    """A session as it stands: its newest turn, when that text came, which it was, and whether it was ended."""

    turn: Turn
    at: datetime
    message_id: str
    ended: bool


class DynamoSessions:
    """Keeps `shared.ports.Sessions`."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def turn(self, conversation: str, message_id: str, *, at: datetime, life_seconds: float) -> Turn:
        """The text's place in its session. Raises Unavailable."""
        life = timedelta(seconds=life_seconds)
        with unavailable("the session could not be kept"):
            for _ in range(_TRIES):
                stored = self._read(conversation)
                if stored and stored.message_id == message_id:
                    return stored.turn
                following = _following(stored, at, life)
                if self._write(conversation, following, message_id, at, life, after=stored):
                    return following
        message = "the session is being changed by others all the time"
        raise Unavailable(message)

    def end(self, conversation: str, message_id: str) -> None:
        """Lets the next text begin a new session, unless another text came after this one. Raises Unavailable."""
        with unavailable("the session could not be ended"):
            try:
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=_key(conversation),
                    UpdateExpression="SET ended = :yes",
                    ConditionExpression="message_id = :message",
                    ExpressionAttributeValues={":yes": {"BOOL": True}, ":message": {"S": message_id}},
                )
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":  # then another text came already
                    raise

    def _read(self, conversation: str) -> _Stored | None:
        answer = self._dynamodb.get_item(TableName=self._table, Key=_key(conversation), ConsistentRead=True)
        return _stored(answer["Item"]) if "Item" in answer else None

    def _write(  # noqa: PLR0913, PLR0917 - what a session is
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
            "ttl": {"N": str(int((latest + life + _KEPT).timestamp()))},
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
        try:
            self._dynamodb.put_item(TableName=self._table, Item=item, **unchanged)
        except ClientError as error:
            if code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _following(stored: _Stored | None, at: datetime, life: timedelta) -> Turn:
    if stored is None or stored.ended or at - stored.at > life:
        return Turn(session_id=uuid.uuid4().hex, number=1, first_text_at=at, last_text_at=None)
    before = stored.turn
    return Turn(before.session_id, before.number + 1, before.first_text_at, last_text_at=stored.at)


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
