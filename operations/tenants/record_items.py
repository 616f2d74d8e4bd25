"""The items of a tenant itself in the directory: its record, and its place in the registry of all tenants."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from operations.ports import Page
from operations.tenants.transactions import IS_NEW, key_attributes, put, update
from shared.aws.botocore_errors import unavailable
from shared.aws.transactions import Transactions
from shared.errors import Conflict, NotFound, Unavailable
from shared.tenants import directory_items as items
from shared.tenants.record import TenantRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

CREATING, PURGING = "creating", "purging"
"""What is happening to a tenant, in the registry's attribute `state`."""

NOT_DELETED = "attribute_exists(pk) AND attribute_not_exists(deleted_at)"
"""A condition for the record of a tenant that was not deleted."""

_BATCH_MAX = 100  # keys (DynamoDB API, BatchGetItem)
_TRIES = 20
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class RegistryEntry:
    """A tenant's place in the registry.

    Attributes:
        deleted_at: when the tenant was deleted; None for one that was not.
        state: CREATING or PURGING; None for neither.
        creation: who is creating it; None for nobody.
    """

    deleted_at: datetime | None
    state: str | None
    creation: str | None


class StoredRecord(NamedTuple):
    """A record, and how often it was written."""

    record: TenantRecord
    revision: int


class RecordItems:
    """Reads and writes the records. All methods read strictly consistently and raise Unavailable.

    Args:
        dynamodb: a client for the home region, where the directory is written.
        sleep: waits for a number of seconds.
    """

    def __init__(self, dynamodb: "DynamoDBClient", sleep: Callable[[float], None] = time.sleep) -> None:
        self._dynamodb = dynamodb
        self._transactions = Transactions(dynamodb, sleep)
        self._sleep = sleep

    def page(self, after: str | None, limit: int) -> Page[TenantRecord]:
        """Tenants in the order of their ids, without those that are being created."""
        ids, following = self._ids(after, limit)
        by_id = self._records(ids)
        return Page([by_id[tenant_id] for tenant_id in ids if tenant_id in by_id], following)

    def registered(self, tenant_id: str) -> RegistryEntry | None:
        """The tenant's place in the registry, or None."""
        item = self._item(items.registry_key(tenant_id), tenant_id)
        if item is None:
            return None
        deleted_at, state, creation = (
            item[name]["S"] if name in item else None for name in ("deleted_at", "state", "creation")
        )
        return RegistryEntry(None if deleted_at is None else datetime.fromisoformat(deleted_at), state, creation)

    def find(self, tenant_id: str) -> StoredRecord | None:
        """The tenant's record, or None. Raises Configuration."""
        item = self._item(items.record_key(tenant_id), tenant_id)
        if item is None:
            return None
        return StoredRecord(items.load_record(tenant_id, item["document"]["S"]), int(item["revision"]["N"]))

    def change(self, tenant_id: str, change: Callable[[TenantRecord], TenantRecord]) -> TenantRecord | None:
        """The record after the change; None, and nothing is written, when there is none or the tenant was deleted.

        `change` is called again with a new record whenever somebody else wrote it meanwhile: so what `change` reads is
        not older than the record that it gets. Raises what `change` raises, and Configuration.
        """
        for _ in range(_TRIES):
            stored = self.find(tenant_id)
            if stored is None or stored.record.deleted_at:
                return None
            changed = change(stored.record)
            if changed == stored.record:
                return changed
            if not self._transactions.write([self.put(changed, instead_of=stored)], _not_written(tenant_id)):
                return changed
            self._sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311 -- jitter
        message = f"{_not_written(tenant_id)}: others are changing it all the time; try again in a minute"
        raise Unavailable(message)

    def mark_deleted(self, tenant_id: str, deleted_at: datetime | None, *, revision: int | None = None) -> bool:
        """Marks a tenant as deleted in both items, or with None as not deleted; False when there is none.

        It writes also what the record says already: so it has another revision, for those who read it before.

        Raises Conflict when the record does not have this `revision` any more, when others change it all the time, or
        when it is being erased; Configuration.
        """
        for _ in range(_TRIES):
            stored = self.find(tenant_id)
            if stored is None:
                return False
            if revision not in {None, stored.revision}:
                message = f"somebody else deleted or restored tenant {tenant_id!r} meanwhile; run this again"
                raise Conflict(message)
            record = TenantRecord(tenant_id, stored.record.accounts, stored.record.versions, deleted_at)
            value = {":deleted_at": {"S": deleted_at.isoformat()}} if deleted_at else {}
            expression = "SET deleted_at = :deleted_at" if deleted_at else "REMOVE deleted_at"
            condition = "attribute_exists(pk) AND attribute_not_exists(#state)"
            registry = update(items.registry_key(tenant_id), expression, condition, value, {"#state": "state"})
            refused = self._transactions.write(
                [registry, self.put(record, instead_of=stored)], f"tenant {tenant_id!r} could not be marked"
            )
            if not refused:
                return True
            if 0 in refused:
                message = f"tenant {tenant_id!r} is being erased"
                raise Conflict(message)
            self._sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311 -- jitter
        message = f"tenant {tenant_id!r} is being changed by others all the time; try again in a minute"
        raise Conflict(message)

    @staticmethod
    def put(record: TenantRecord, *, instead_of: StoredRecord | None) -> "TransactWriteItemTypeDef":
        """Writes a record, if the stored one is still the one that was read; None stands for none."""
        revision = instead_of.revision + 1 if instead_of else 1
        attributes: dict[str, Any] = {"document": {"S": items.dump_record(record)}, "revision": {"N": str(revision)}}
        if record.deleted_at:
            attributes["deleted_at"] = {"S": record.deleted_at.isoformat()}
        if instead_of is None:
            return put(items.record_key(record.id), attributes, IS_NEW)
        values = {":read": {"N": str(instead_of.revision)}}
        return put(items.record_key(record.id), attributes, "revision = :read", values)

    def _ids(self, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """The ids behind `after`, and where the next page begins."""
        ids: list[str] = []
        begin = {} if after is None else {"ExclusiveStartKey": key_attributes(items.registry_key(after))}
        with unavailable("the tenants could not be listed"):
            while True:
                answer = self._dynamodb.query(
                    TableName=items.TABLE,
                    KeyConditionExpression="pk = :pk",
                    FilterExpression="attribute_not_exists(#state) OR #state <> :creating",
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues={":pk": {"S": items.REGISTRY}, ":creating": {"S": CREATING}},
                    ConsistentRead=True,
                    Limit=limit + 1 - len(ids),
                    **begin,  # type: ignore[arg-type] # the key as DynamoDB's client takes it
                )
                ids += [item["sk"]["S"] for item in answer["Items"]]
                last = answer.get("LastEvaluatedKey")
                if last is None or len(ids) > limit:
                    break
                begin = {"ExclusiveStartKey": last}
        return ids[:limit], ids[limit - 1] if len(ids) > limit else None

    def _records(self, ids: Sequence[str]) -> dict[str, TenantRecord]:
        """The records of those tenants that still exist."""
        records: dict[str, TenantRecord] = {}
        remaining = [key_attributes(items.record_key(tenant_id)) for tenant_id in ids]
        with unavailable("the tenants could not be read"):
            while remaining:
                batch, remaining = remaining[:_BATCH_MAX], remaining[_BATCH_MAX:]
                answer = self._dynamodb.batch_get_item(
                    RequestItems={items.TABLE: {"Keys": batch, "ConsistentRead": True}}
                )
                for item in answer["Responses"].get(items.TABLE, []):
                    tenant_id = item["pk"]["S"].removeprefix(items.partition(""))
                    records[tenant_id] = items.load_record(tenant_id, item["document"]["S"])
                rest = answer.get("UnprocessedKeys", {}).get(items.TABLE)
                if rest:
                    remaining += rest["Keys"]
                    self._sleep(_PAUSE_SECONDS)
        return records

    def _item(self, key: items.ItemKey, tenant_id: str) -> dict[str, Any] | None:
        with unavailable(f"tenant {tenant_id!r} could not be read"):
            answer = self._dynamodb.get_item(TableName=items.TABLE, Key=key_attributes(key), ConsistentRead=True)
        return answer.get("Item")


def _not_written(tenant_id: str) -> str:
    return f"the record of tenant {tenant_id!r} could not be written"


def was_deleted(tenant_id: str) -> str:
    """A sentence about a deleted tenant, with what an operator can do about it."""
    return (
        f"tenant {tenant_id!r} was deleted; to undo that: sms tenant restore {tenant_id}; to erase it, and free its id "
        f"and its numbers: sms tenant purge {tenant_id}"
    )


def no_tenant(tenant_id: str) -> NotFound:
    """The error for a tenant that does not exist, or was deleted."""
    return NotFound(f"there is no tenant {tenant_id!r}; see: sms tenant list")
