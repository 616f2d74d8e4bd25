"""The directory's numbers and connections, as operators read and change them: a table in DynamoDB.

Every change is one transaction, so that the item that says who has a number and the items for lists never differ.
"""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from operations.ports import Page
from operations.tenants.transactions import IS_NEW, delete, key_attributes, put, update
from shared.aws.botocore_errors import unavailable
from shared.aws.directory import DynamoDirectory
from shared.aws.transactions import Transactions
from shared.errors import Conflict, NotFound
from shared.tenants import directory_items as items
from shared.tenants.connection import Connection
from shared.tenants.directory_items import ItemKey
from shared.tenants.record import HeldNumber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH_MAX = 100  # keys (DynamoDB API, BatchGetItem)
_PAUSE_SECONDS = 0.05
_TRIES = 10


class DynamoNumberDirectory:
    """Implements `operations.ports.NumberDirectory`.

    Args:
        dynamodb: a client for the home region, where the directory is written.
        sleep: waits for a number of seconds.
    """

    def __init__(self, dynamodb: "DynamoDBClient", *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._dynamodb = dynamodb
        self._directory = DynamoDirectory(dynamodb, consistent=True)
        self._transactions = Transactions(dynamodb, sleep)
        self._sleep = sleep

    def find(self, number: str) -> HeldNumber | None:
        """Who has the number, or None. Raises Unavailable."""
        return self._directory.number(number)

    def page(
        self, tenant_id: str, agent_id: str | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[HeldNumber]:
        """The tenant's numbers, or those of one agent. Raises Unavailable."""
        listed = items.listed_number_key(tenant_id, "", "")
        prefix = ItemKey(listed.pk, listed.sk.removesuffix("#"))
        what = f"the numbers of tenant {tenant_id!r}"
        if agent_id is not None:
            prefix = items.listed_number_key(tenant_id, agent_id, "")
            after = after and after.removeprefix(f"{agent_id}#")
        names, following = self._names(prefix, after, limit, what)
        if agent_id is not None:
            names = [f"{agent_id}#{name}" for name in names]
            following = following and f"{agent_id}#{following}"
        parts = (name.partition("#") for name in names)
        return Page([HeldNumber(number, tenant_id, agent) for agent, _, number in parts], following)

    def assign(self, tenant_id: str, agent_id: str, number: str) -> bool:
        """Gives the number to an agent. Raises Conflict, NotFound, Unavailable.

        It also counts in the agent's item: whoever removes an agent first reads its item, then sees that it has no
        number, and removes the item only if `assigned` has not changed. So no number is left without an agent.
        """
        attributes = {"tenant": {"S": tenant_id}, "agent_id": {"S": agent_id}}
        writes = [
            update(
                items.agent_key(tenant_id, agent_id),
                "ADD assigned :one",
                "attribute_exists(pk)",
                {":one": {"N": "1"}},
            ),
            put(items.number_key(number), attributes, IS_NEW),
            put(items.listed_number_key(tenant_id, agent_id, number), {}, IS_NEW),
        ]
        for _ in range(_TRIES):
            refused = self._transactions.write(writes, f"number {_shown(number)} could not be assigned")
            if not refused:
                return True
            if 0 in refused:
                message = f"there is no such agent of tenant {tenant_id!r}; see: sms agent list"
                raise NotFound(message)
            held = self.find(number)
            if held == HeldNumber(number, tenant_id, agent_id):
                return False
            if held:  # else somebody released it meanwhile
                whose = "another agent" if held.tenant_id == tenant_id else f"tenant {held.tenant_id!r}"
                message = (
                    f"{whose} has number {_shown(number)}; release it there first, "
                    f"with: sms --tenant {held.tenant_id} number release NUMBER"
                )
                raise Conflict(message)
        raise _busy(number)

    def release(self, held: HeldNumber) -> None:
        """Takes the number from its agent. Raises Conflict, Unavailable."""
        refused = self._transactions.write(
            [
                delete(
                    items.number_key(held.address),
                    "tenant = :tenant AND agent_id = :agent",
                    {":tenant": {"S": held.tenant_id}, ":agent": {"S": held.agent_id}},
                ),
                delete(items.listed_number_key(held.tenant_id, held.agent_id, held.address)),
            ],
            f"number {_shown(held.address)} could not be released",
        )
        if refused:
            message = f"number {_shown(held.address)} is not this agent's any more; see: sms number list"
            raise Conflict(message)

    def connection(self, tenant_id: str, number: str) -> Connection | None:
        """How the number was connected, or None. Raises Unavailable, Configuration."""
        return self._stored(tenant_id, number)[0]

    def connections(
        self, tenant_id: str, *, credential_id: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Connection]:
        """The tenant's connections, or those with one credential's key. Raises Unavailable, Configuration."""
        what = f"the connections of tenant {tenant_id!r}"
        if credential_id is None:
            prefix = items.connection_key(tenant_id, "")
            connection_items, following = self._query(prefix, after, limit, what)
            documents = [item["document"]["S"] for item in connection_items]
            return Page([items.load_connection(tenant_id, document) for document in documents], following)
        prefix = items.connected_with_key(tenant_id, credential_id, "")
        numbers, following = self._names(prefix, after, limit, what)
        documents_by_key = self._documents((items.connection_key(tenant_id, number) for number in numbers), what)
        connections = [
            items.load_connection(tenant_id, documents_by_key[key])
            for number in numbers
            if (key := items.connection_key(tenant_id, number)) in documents_by_key
        ]
        return Page([each for each in connections if each.credential_id == credential_id], following)

    def needs_service(self, tenant_id: str, service: str, *, besides: str) -> bool:
        """Whether a connection of another number was made with this Messaging Service. Raises Unavailable."""
        prefix = items.connected_by_key(tenant_id, service, "")
        numbers, _ = self._names(prefix, None, 2, f"which numbers need service {service}")
        return any(number != besides for number in numbers)

    def put_connection(self, tenant_id: str, connection: Connection, *, instead_of: Connection | None) -> None:
        """Stores a connection; again when it is stored already. Raises Conflict, Unavailable, Configuration."""
        number = connection.number
        stored, version = self._stored(tenant_id, number)
        if stored == connection:
            return
        if stored != instead_of:
            raise _changed(number)
        attributes = {"document": {"S": items.dump_connection(connection)}, "version": {"S": str(uuid.uuid4())}}
        outdated, look_ups = _look_ups(tenant_id, instead_of), _look_ups(tenant_id, connection)
        writes = [
            put(items.connection_key(tenant_id, number), attributes, *_unchanged(version)),
            *(delete(key) for key in outdated - look_ups),
            *(put(key, {}) for key in look_ups),
        ]
        if self._transactions.write(writes, f"the connection of number {_shown(number)} could not be stored"):
            raise _changed(number)

    def delete_connection(self, tenant_id: str, connection: Connection) -> None:
        """Forgets a connection. Raises Conflict, Unavailable, Configuration."""
        number = connection.number
        stored, version = self._stored(tenant_id, number)
        if stored != connection:
            raise _changed(number)
        writes = [
            delete(items.connection_key(tenant_id, number), *_unchanged(version)),
            *(delete(key) for key in _look_ups(tenant_id, connection)),
        ]
        if self._transactions.write(writes, f"the connection of number {_shown(number)} could not be deleted"):
            raise _changed(number)

    def _stored(self, tenant_id: str, number: str) -> tuple[Connection | None, str | None]:
        """The stored connection and its version; both None when there is none."""
        with unavailable(f"the connection of number {_shown(number)} could not be read"):
            answer = self._dynamodb.get_item(
                TableName=items.TABLE, Key=key_attributes(items.connection_key(tenant_id, number)), ConsistentRead=True
            )
        item = answer.get("Item")
        if item is None:
            return None, None
        return items.load_connection(tenant_id, item["document"]["S"]), item["version"]["S"]

    def _names(self, prefix: ItemKey, after: str | None, limit: int, what: str) -> tuple[list[str], str | None]:
        """What is behind a prefix in the sort keys, and where the next page begins."""
        page, following = self._query(prefix, after, limit, what)
        return [item["sk"]["S"].removeprefix(prefix.sk) for item in page], following

    def _query(
        self, prefix: ItemKey, after: str | None, limit: int, what: str
    ) -> tuple[list[Mapping[str, Any]], str | None]:
        """The items whose sort keys begin like this, and where the next page begins."""
        page: list[Mapping[str, Any]] = []
        begin = {} if after is None else {"ExclusiveStartKey": key_attributes(ItemKey(prefix.pk, prefix.sk + after))}
        with unavailable(f"{what} could not be read"):
            while True:
                answer = self._dynamodb.query(
                    TableName=items.TABLE,
                    KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                    ExpressionAttributeValues={":pk": {"S": prefix.pk}, ":prefix": {"S": prefix.sk}},
                    ConsistentRead=True,
                    Limit=limit + 1 - len(page),
                    **begin,  # type: ignore[arg-type] # the key as DynamoDB's client takes it
                )
                page += answer["Items"]
                last = answer.get("LastEvaluatedKey")
                if last is None or len(page) > limit:
                    break
                begin = {"ExclusiveStartKey": last}
        following = page[limit - 1]["sk"]["S"].removeprefix(prefix.sk) if len(page) > limit else None
        return page[:limit], following

    def _documents(self, keys: Iterable[ItemKey], what: str) -> dict[ItemKey, str]:
        """The documents of the items with these keys; those that do not exist any more are missing."""
        documents: dict[ItemKey, str] = {}
        remaining = [key_attributes(key) for key in keys]
        with unavailable(f"{what} could not be read"):
            while remaining:
                batch, remaining = remaining[:_BATCH_MAX], remaining[_BATCH_MAX:]
                answer = self._dynamodb.batch_get_item(
                    RequestItems={items.TABLE: {"Keys": batch, "ConsistentRead": True}}
                )
                for item in answer["Responses"].get(items.TABLE, []):
                    documents[ItemKey(item["pk"]["S"], item["sk"]["S"])] = item["document"]["S"]
                rest = answer.get("UnprocessedKeys", {}).get(items.TABLE)
                if rest:
                    remaining += rest["Keys"]
                    self._sleep(_PAUSE_SECONDS)
        return documents


def _look_ups(tenant_id: str, connection: Connection | None) -> set[ItemKey]:
    """The keys of the items by which a connection is found."""
    if connection is None:
        return set()
    keys = {items.connected_with_key(tenant_id, connection.credential_id, connection.number)}
    if connection.service:
        keys.add(items.connected_by_key(tenant_id, connection.service, connection.number))
    return keys


def _unchanged(version: str | None) -> tuple[str, dict[str, Any]]:
    """A condition: the item has still this version; None stands for no item."""
    if version is None:
        return IS_NEW, {}
    return "version = :version", {":version": {"S": version}}


def _shown(number: str) -> str:
    return f"…{number[-4:]}"


def _changed(number: str) -> Conflict:
    return Conflict(f"somebody else connected or disconnected number {_shown(number)} meanwhile; run the command again")


def _busy(number: str) -> Conflict:
    return Conflict(f"others keep changing who has number {_shown(number)}; try again in a minute")
