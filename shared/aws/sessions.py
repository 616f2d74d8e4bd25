"""Sessions in the state table. Each conversation has an item with its latest session, changed by compare-and-swap.

Those of a tenant share the partition key, so that they can be listed.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.aws import backend_states, conditional_writes
from shared.aws.botocore_errors import unavailable
from shared.errors import Unavailable
from shared.messages.sessions import (
    EndedBy,
    LatestText,
    Parties,
    ReceivedText,
    Session,
    Turn,
    after_text,
    replacing,
)
from shared.tenants.agent import Agent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

_TRIES = 5
_KEPT_AFTER_END = timedelta(days=1)  # so that a late repetition of a text gets its turn again
_PARTIES = ("sender", "recipient", "provider", "account")
_BUSY = "other invocations keep changing the session"


class DynamoSessions:
    """Implements `shared.ports.Sessions`."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def turn(self, conversation: str, text: ReceivedText, agent: Agent) -> Turn | None:
        """The text's place in its session; None when there is none. Raises Unavailable."""

        def with_text(stored: Session | None) -> Session | None:
            is_known = stored and stored.turn_of(text.id)
            return None if is_known else after_text(stored, conversation, text, agent)

        session = self._change(conversation, with_text, agent)
        return session.turn_of(text.id) if session else None

    def begin(self, session: Session, agent: Agent) -> Session:
        """Stores a session that a program created, in the place of any other. Raises Unavailable."""

        def begun(stored: Session | None) -> Session | None:
            return None if stored and stored.id == session.id else replacing(stored, session, agent)

        return self._change(f"{session.tenant}.{session.conversation}", begun, agent) or session

    def end(self, conversation: str, message_id: str) -> None:
        """Ends the session, so that the next text begins a new one, unless a later text came. Raises Unavailable."""
        self._end(conversation, EndedBy.BACKEND, "latest_id = :value", {"S": message_id})

    def end_at(self, session: Session, ended_by: EndedBy) -> bool:
        """Ends the session, unless it was changed since; False when it was. Raises Unavailable."""
        conversation = f"{session.tenant}.{session.conversation}"
        return self._end(conversation, ended_by, "revision = :value", {"N": str(session.revision)})

    def find(self, conversation: str) -> Session | None:
        """The conversation's latest session, which may have ended; None when there is none. Raises Unavailable."""
        with unavailable("the session could not be read"):
            answer = self._dynamodb.get_item(TableName=self._table, Key=item_key(conversation), ConsistentRead=True)
        return read_item(answer["Item"]) if "Item" in answer else None

    def latest(self, tenant_id: str) -> Iterator[Sequence[Session]]:
        """The latest session of each of a tenant's conversations, in the pages of DynamoDB. Raises Unavailable."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": _partition(tenant_id)}},
            ConsistentRead=True,
        )
        with unavailable(f"the sessions of tenant {tenant_id!r} could not be read"):
            for page in pages:
                yield [read_item(item) for item in page["Items"]]

    def _change(
        self, conversation: str, change: Callable[[Session | None], Session | None], agent: Agent
    ) -> Session | None:
        """The session after a change of the stored one; the stored one where `change` returns None."""
        for _ in range(_TRIES):
            stored = self.find(conversation)
            session = change(stored)
            if session is None:
                return stored
            if self._write(session, agent, after=stored):
                return session
        raise Unavailable(_BUSY)

    def _write(self, session: Session, agent: Agent, *, after: Session | None) -> bool:
        delete_at = session.times_out_at(agent) + _KEPT_AFTER_END
        item = {**_item(session), "ttl": {"N": str(int(delete_at.timestamp()))}}
        unchanged: Item = (
            {
                "ConditionExpression": "revision = :revision",
                "ExpressionAttributeValues": {":revision": {"N": str(after.revision)}},
            }
            if after
            else {"ConditionExpression": "attribute_not_exists(pk)"}
        )
        request = partial(self._dynamodb.put_item, TableName=self._table, Item=item, **unchanged)
        return conditional_writes.write(request, "the session could not be stored")

    def _end(self, conversation: str, ended_by: EndedBy, condition: str, value: Item) -> bool:
        """Whether the session was open and is ended. Its context goes with it, and what backends kept in it."""
        request = partial(
            self._dynamodb.update_item,
            TableName=self._table,
            Key=item_key(conversation),
            UpdateExpression="SET ended_by = :ended_by, revision = revision + :one REMOVE context",
            ConditionExpression=f"{condition} AND attribute_not_exists(ended_by)",
            ExpressionAttributeValues={":ended_by": {"S": ended_by}, ":one": {"N": "1"}, ":value": value},
        )
        is_ended = conditional_writes.write(request, "the session could not be ended")
        if is_ended:
            with suppress(Unavailable):  # the session has ended all the same; DynamoDB drops them later
                backend_states.forget(self._dynamodb, self._table, conversation)
        return is_ended


def _partition(tenant_id: str) -> str:
    return f"session#{tenant_id}"


def item_key(conversation: str) -> Item:
    """The key of a conversation's item. The conversation is `<tenant>.<conversation id>`."""
    tenant_id, _, conversation_id = conversation.partition(".")
    return {"pk": {"S": _partition(tenant_id)}, "sk": {"S": conversation_id}}


def _item(session: Session) -> Item:
    item: Item = {
        **item_key(f"{session.tenant}.{session.conversation}"),
        "session_id": {"S": session.id},
        "agent": {"S": session.agent},
        "opened_at": {"S": session.opened_at.isoformat()},
        "latest_at": {"S": session.latest_at.isoformat()},
        "by_program": {"BOOL": session.by_program},
        "revision": {"N": str(session.revision)},
    }
    if session.latest:
        item |= {"latest_id": {"S": session.latest.id}, "turn": {"M": _turn_item(session.latest.turn)}}
    if session.earlier:
        item |= {"earlier_id": {"S": session.earlier.id}, "earlier_turn": {"M": _turn_item(session.earlier.turn)}}
    if session.context is not None:
        item["context"] = {"S": json.dumps(session.context, separators=(",", ":"), ensure_ascii=False)}
    if session.replaced:
        item["replaced"] = {"S": session.replaced}
    if session.parties:
        item["parties"] = {"M": {name: {"S": getattr(session.parties, name)} for name in _PARTIES}}
    return item


def _turn_item(turn: Turn) -> Item:
    item: Item = {
        "session_id": {"S": turn.session_id},
        "number": {"N": str(turn.number)},
        "first_text_at": {"S": turn.first_text_at.isoformat()},
        "by_program": {"BOOL": turn.by_program},
    }
    if turn.last_text_at:
        item["last_text_at"] = {"S": turn.last_text_at.isoformat()}
    return item


def read_item(item: Mapping[str, Any]) -> Session:
    """The session in an item."""
    context = json.loads(item["context"]["S"]) if "context" in item else None
    latest = _latest_text(item, "latest_id", "turn")
    if latest and context is not None:
        latest = replace(latest, turn=replace(latest.turn, context=context))
    parties = item.get("parties")
    return Session(
        tenant=item["pk"]["S"].partition("#")[2],
        conversation=item["sk"]["S"],
        id=item["session_id"]["S"],
        agent=item["agent"]["S"],
        opened_at=datetime.fromisoformat(item["opened_at"]["S"]),
        latest_at=datetime.fromisoformat(item["latest_at"]["S"]),
        latest=latest,
        earlier=_latest_text(item, "earlier_id", "earlier_turn"),
        context=context,
        parties=Parties(**{name: parties["M"][name]["S"] for name in _PARTIES}) if parties else None,
        by_program=item["by_program"]["BOOL"],
        replaced=item["replaced"]["S"] if "replaced" in item else None,
        ended_by=EndedBy(item["ended_by"]["S"]) if "ended_by" in item else None,
        revision=int(item["revision"]["N"]),
    )


def _latest_text(item: Mapping[str, Any], id_name: str, turn_name: str) -> LatestText | None:
    if id_name not in item:
        return None
    turn = item[turn_name]["M"]
    last = turn.get("last_text_at")
    return LatestText(
        item[id_name]["S"],
        Turn(
            session_id=turn["session_id"]["S"],
            number=int(turn["number"]["N"]),
            first_text_at=datetime.fromisoformat(turn["first_text_at"]["S"]),
            last_text_at=datetime.fromisoformat(last["S"]) if last else None,
            by_program=turn["by_program"]["BOOL"],
        ),
    )
