"""What backends keep of a session, in the state table: beside the session of a conversation there is an item with it.

The item holds the state before and after the latest text that was answered. So a text that is asked about again after
a crash comes with the same state as the first time, and the next text with the state that its answer gave.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.aws import conditional_writes
from shared.aws.botocore_errors import unavailable
from shared.messages.sessions import SessionText
from shared.tenants.agent import SESSION_SECONDS_MAX

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from shared.ports import Json

_LIFE = timedelta(seconds=SESSION_SECONDS_MAX, days=1)
"""How long an item is kept after its latest text: longer than a session can be."""


@dataclass(frozen=True)
class _Kept:
    """What a backend kept.

    Attributes:
        session_id: in which session.
        message_id: the text that it answered last.
        before: its state before that text; None for the first.
        after: its state after it.
    """

    session_id: str
    message_id: str
    before: Json | None
    after: Json


class DynamoBackendStates:
    """Implements `shared.ports.BackendStates`. A conversation's texts come one at a time, so nothing is compared."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, now: Callable[[], datetime]) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def before(self, text: SessionText) -> Json | None:
        """The state in which the backend gets the text. Raises Unavailable."""
        return _before(self._read(text), text)

    def keep(self, text: SessionText, state: Json) -> None:
        """Stores the state after the text. Raises Unavailable."""
        kept = self._read(text)
        after = _Kept(text.session_id, text.message_id, before=_before(kept, text), after=state)
        item = {
            **_key(text.conversation),
            "states": {"S": json.dumps({name: vars(value) for name, value in {**kept, text.backend: after}.items()})},
            "ttl": {"N": str(int((self._now() + _LIFE).timestamp()))},
        }
        with unavailable("the state of the backend could not be stored"):
            self._dynamodb.put_item(TableName=self._table, Item=item)

    def _read(self, text: SessionText) -> dict[str, _Kept]:
        """What the backends kept in the session of the text, by backend."""
        with unavailable("the state of the backend could not be read"):
            answer = self._dynamodb.get_item(TableName=self._table, Key=_key(text.conversation), ConsistentRead=True)
        states = json.loads(answer.get("Item", {}).get("states", {}).get("S", "{}"))
        kept = {name: _Kept(**state) for name, state in states.items()}
        return {name: state for name, state in kept.items() if state.session_id == text.session_id}


def _before(kept: dict[str, _Kept], text: SessionText) -> Json | None:
    state = kept.get(text.backend)
    if state is None:
        return None
    return state.before if state.message_id == text.message_id else state.after


def forget(dynamodb: DynamoDBClient, table: str, conversation: str) -> None:
    """Drops what backends kept in a conversation, if they kept anything. Raises Unavailable."""
    request = partial(
        dynamodb.update_item,
        TableName=table,
        Key=_key(conversation),
        UpdateExpression="REMOVE states",
        ConditionExpression="attribute_exists(states)",
    )
    conditional_writes.write(request, "the states of backends could not be dropped")


def _key(conversation: str) -> dict[str, Any]:
    return {"pk": {"S": f"session#{conversation}"}, "sk": {"S": "backends"}}
