"""The directory's numbers and connections, as operators read and change them: a table in DynamoDB.

Every change is one transaction, so that the item that says who has a number and the items for lists never differ.
"""

import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from operations.numbers.described_number import DescribedNumber
from operations.ports import Assigned, Page
from operations.tenants.queries import items_with
from operations.tenants.transactions import IS_NEW, delete, key_attributes, put, update
from shared.aws.botocore_errors import unavailable
from shared.aws.directory import DynamoDirectory, held_number
from shared.aws.transactions import Transactions
from shared.errors import Conflict, NotFound
from shared.tenants import directory_items as items
from shared.tenants.connection import Connection
from shared.tenants.directory_items import ItemKey
from shared.tenants.record import HeldNumber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

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

    def find_all(self, numbers: Collection[str]) -> Mapping[str, HeldNumber]:
        """Who has each of the numbers; without those that nobody has. Raises Unavailable, Configuration."""
        keys = {items.number_key(number): number for number in numbers}
        found = items_with(self._dynamodb, keys, "who has the numbers could not be read", self._sleep)
        return {keys[key]: held_number(keys[key], item) for key, item in found.items()}

    def page(
        self, tenant_id: str, agent_id: str | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[DescribedNumber]:
        """The tenant's numbers, or those of one agent. Raises Unavailable."""
        listed = items.listed_number_key(tenant_id, "", "")
        prefix = ItemKey(listed.pk, listed.sk.removesuffix("#"))
        what = f"the numbers of tenant {tenant_id!r}"
        if agent_id is not None:
            prefix = items.listed_number_key(tenant_id, agent_id, "")
            after = after and after.removeprefix(f"{agent_id}#")
        listing, following = self._query(prefix, after, limit, what)
        before = "" if agent_id is None else f"{agent_id}#"
        numbers = []
        for item in listing:
            holder, _, number = (before + item["sk"]["S"].removeprefix(prefix.sk)).partition("#")
            numbers.append(DescribedNumber(number, tenant_id, holder, _description(item)))
        return Page(numbers, following and before + following)

    def description(self, held: HeldNumber) -> str:
        """What the operators noted down about a number. Raises Unavailable."""
        key = items.listed_number_key(held.tenant_id, held.agent_id, held.address)
        what = f"the description of number {_shown(held.address)} could not be read"
        return _description(items_with(self._dynamodb, [key], what, self._sleep).get(key, {}))

    def assign(self, tenant_id: str, agent_id: str, number: str) -> bool:
        """Gives the number to an agent. Raises Conflict, NotFound, Unavailable."""
        assigned = self.assign_all(tenant_id, agent_id, {number: ""})
        if number in assigned.refused:
            raise assigned.refused[number]
        return number in assigned.new

    def assign_all(self, tenant_id: str, agent_id: str, descriptions: Mapping[str, str]) -> Assigned:
        """Gives numbers to an agent. Raises NotFound, Unavailable, Configuration; Conflict when others keep changing.

        It also counts in the agent's item: whoever removes an agent first reads its item, then sees that it has no
        number, and removes the item only if `assigned` has not changed. So no number is left without an agent.
        """
        attributes = {"tenant": {"S": tenant_id}, "agent_id": {"S": agent_id}}
        remaining, refused = list(descriptions), dict[str, Conflict]()
        for _ in range(_TRIES):
            if not remaining:
                return Assigned((), refused)
            writes = [
                update(
                    items.agent_key(tenant_id, agent_id),
                    "ADD assigned :count",
                    "attribute_exists(pk)",
                    {":count": {"N": str(len(remaining))}},
                )
            ]
            for number in remaining:
                listed = items.listed_number_key(tenant_id, agent_id, number)
                writes.append(put(items.number_key(number), attributes, IS_NEW))
                writes.append(put(listed, _described(descriptions[number]), IS_NEW))
            failed = self._transactions.write(writes, f"{_counted(remaining)} could not be assigned")
            if not failed:
                return Assigned(tuple(remaining), refused)
            if 0 in failed:
                message = f"there is no such agent of tenant {tenant_id!r}; see: sms agent list"
                raise NotFound(message)
            held_numbers = self.find_all([remaining[index] for index in sorted({(i - 1) // 2 for i in failed})])
            for number, held in held_numbers.items():  # the others somebody released meanwhile
                remaining.remove(number)
                if held != HeldNumber(number, tenant_id, agent_id):
                    refused[number] = _held_elsewhere(tenant_id, held)
        raise _busy(remaining[0])

    def describe_all(self, tenant_id: str, agent_id: str, descriptions: Mapping[str, str]) -> Sequence[str]:
        """Describes numbers of an agent; returns those that it does not have any more. Raises Unavailable."""

        def described(number: str) -> "TransactWriteItemTypeDef":
            key = items.listed_number_key(tenant_id, agent_id, number)
            if not descriptions[number]:
                return update(key, "REMOVE description", "attribute_exists(pk)", {})
            value = {":description": {"S": descriptions[number]}}
            return update(key, "SET description = :description", "attribute_exists(pk)", value)

        return self._write_what_holds(list(descriptions), lambda number: [described(number)], "described")

    def release(self, held: HeldNumber) -> None:
        """Takes the number from its agent. Raises Conflict, Unavailable."""
        if self.release_all([held]):
            message = f"number {_shown(held.address)} is not this agent's any more; see: sms number list"
            raise Conflict(message)

    def release_all(self, held_numbers: Sequence[HeldNumber]) -> Sequence[HeldNumber]:
        """Takes numbers from their agents; returns those that these do not have any more. Raises Unavailable."""
        by_number = {held.address: held for held in held_numbers}

        def released(number: str) -> "list[TransactWriteItemTypeDef]":
            held = by_number[number]
            holder = {":tenant": {"S": held.tenant_id}, ":agent": {"S": held.agent_id}}
            return [
                delete(items.number_key(number), "tenant = :tenant AND agent_id = :agent", holder),
                delete(items.listed_number_key(held.tenant_id, held.agent_id, number)),
            ]

        return [by_number[number] for number in self._write_what_holds(list(by_number), released, "released")]

    def connection(self, tenant_id: str, number: str) -> Connection | None:
        """How the number was connected, or None. Raises Unavailable, Configuration."""
        return self._stored(tenant_id, number)[0]

    def connections_with(self, tenant_id: str, numbers: Collection[str]) -> Mapping[str, Connection]:
        """How each of the numbers was connected; without those that were not. Raises Unavailable, Configuration."""
        keys = {items.connection_key(tenant_id, number): number for number in numbers}
        found = items_with(
            self._dynamodb, keys, f"the connections of tenant {tenant_id!r} could not be read", self._sleep
        )
        return {keys[key]: items.load_connection(tenant_id, item["document"]["S"]) for key, item in found.items()}

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
        by_number = self.connections_with(tenant_id, numbers)
        connections = [by_number[number] for number in numbers if number in by_number]
        return Page([each for each in connections if each.credential_id == credential_id], following)

    def connected_by(self, tenant_id: str, service: str) -> Sequence[str]:
        """Two numbers that were connected with this Messaging Service, or fewer. Raises Unavailable."""
        prefix = items.connected_by_key(tenant_id, service, "")
        return self._names(prefix, None, 2, f"which numbers need service {service}")[0]

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

    def _write_what_holds(
        self, numbers: Sequence[str], writes: "Callable[[str], list[TransactWriteItemTypeDef]]", participle: str
    ) -> list[str]:
        """Writes for the numbers whose conditions hold, in one transaction; returns the others."""
        remaining, failed_numbers = list(numbers), list[str]()
        while remaining:
            of_each = [(number, write) for number in remaining for write in writes(number)]
            failed = self._transactions.write(
                [write for _, write in of_each], f"{_counted(remaining)} could not be {participle}"
            )
            if not failed:
                break
            failed_numbers += dict.fromkeys(of_each[index][0] for index in sorted(failed))
            remaining = [number for number in remaining if number not in failed_numbers]
        return failed_numbers


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


def _described(description: str) -> dict[str, Any]:
    return {"description": {"S": description}} if description else {}


def _description(item: Mapping[str, Any]) -> str:
    text: str = item.get("description", {}).get("S", "")
    return text


def _counted(numbers: Sequence[str]) -> str:
    return f"number {_shown(numbers[0])}" if len(numbers) == 1 else f"{len(numbers)} numbers"


def _held_elsewhere(tenant_id: str, held: HeldNumber) -> Conflict:
    whose = "another agent" if held.tenant_id == tenant_id else f"tenant {held.tenant_id!r}"
    return Conflict(
        f"{whose} has number {_shown(held.address)}; release it there first, "
        f"with: sms --tenant {held.tenant_id} number release NUMBER"
    )


def _shown(number: str) -> str:
    return f"…{number[-4:]}"


def _changed(number: str) -> Conflict:
    return Conflict(f"somebody else connected or disconnected number {_shown(number)} meanwhile; run the command again")


def _busy(number: str) -> Conflict:
    return Conflict(f"others keep changing who has number {_shown(number)}; try again in a minute")
