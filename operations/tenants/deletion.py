"""Deleting a tenant in AWS, restoring it and erasing it. Each may be interrupted, and is finished when it is run again.

A tenant is marked as deleted before its secrets are, and as not deleted after they were restored: so a tenant that is
not marked has all of its secrets. A deletion ends by writing the mark once more, and begins again when it is gone. A
restoration takes the mark away only if nobody has written it since, and otherwise begins again. So when both happen at
once, the tenant is whole or gone. What is erased last is its place in the registry.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from operations.tenants.queries import items_behind
from operations.tenants.record_items import CREATING, PURGING, RecordItems, StoredRecord, no_tenant
from operations.tenants.secret_lifecycle import RECOVERY_DAYS, SecretLifecycle
from operations.tenants.transactions import WRITES_MAX, delete, update
from shared.aws.transactions import Transactions
from shared.errors import CommandDeclined, Conflict
from shared.tenants import directory_items as items
from shared.tenants.directory_items import ItemKey
from shared.tenants.record import SecretPart

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


RESTORABLE = timedelta(days=RECOVERY_DAYS)
"""How long a deleted tenant can be restored."""

_TRIES = 3


class Deletion:
    """Deletes, restores and erases tenants. All methods raise Unavailable.

    Args:
        dynamodb: a client for the home region.
        records: the tenants' records.
        secrets: deletes and restores the secrets.
        sleep: waits for a number of seconds.
        now: the time.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        records: RecordItems,
        secrets: SecretLifecycle,
        *,
        sleep: Callable[[float], None],
        now: Callable[[], datetime],
    ) -> None:
        self._dynamodb = dynamodb
        self._transactions = Transactions(dynamodb, sleep)
        self._records = records
        self._secrets = secrets
        self._now = now

    def delete(self, tenant_id: str) -> None:
        """Deletes the tenant, until it is restored; finishes a deletion that was interrupted.

        Raises NotFound, Conflict, Configuration.
        """
        for _ in range(_TRIES):
            self._mark(tenant_id, self._existing(tenant_id).record.deleted_at or self._now())
            for part in SecretPart:
                self._secrets.schedule_deletion(tenant_id, part)
            marked, revision = self._existing(tenant_id)
            if marked.deleted_at:
                with suppress(Conflict):
                    self._mark(tenant_id, marked.deleted_at, revision=revision)
                    return
        raise _busy(tenant_id)

    def restore(self, tenant_id: str) -> None:
        """Undoes a deletion; finishes one that was interrupted.

        Raises NotFound; CommandDeclined when it is too late, or the tenant was not deleted; Conflict, Configuration.
        """
        for _ in range(_TRIES):
            revision = self._restorable(tenant_id)
            for part in SecretPart:
                self._secrets.restore(tenant_id, part)
            with suppress(Conflict):
                self._mark(tenant_id, None, revision=revision)
                return
        raise _busy(tenant_id)

    def purge(self, tenant_id: str) -> None:
        """Erases all that is left of a deleted tenant, or of one whose creation was interrupted.

        Raises NotFound; CommandDeclined when the tenant was not deleted.
        """
        self._begin_purge(tenant_id)
        for part in SecretPart:
            self._secrets.erase(tenant_id, part)
        # First the agents: without its agent, no number can be assigned any more.
        self._delete(delete(key) for key in self._keys(items.agent_key(tenant_id, "")))
        self._release_numbers(tenant_id)
        self._delete(delete(key) for key in self._keys(ItemKey(items.operators_partition(tenant_id), "")))
        self._delete([delete(items.record_key(tenant_id)), delete(items.registry_key(tenant_id))])

    def _restorable(self, tenant_id: str) -> int:
        """The revision of the record of a tenant that can be restored."""
        record, revision = self._existing(tenant_id)
        if record.deleted_at is None:
            raise _not_deleted(tenant_id)
        entry = self._records.registered(tenant_id)
        is_late = self._now() > record.deleted_at + RESTORABLE or (entry and entry.state == PURGING)
        if is_late or not all(self._secrets.exists(tenant_id, part) for part in SecretPart):
            message = (
                f"tenant {tenant_id!r} cannot be restored any more; to erase the rest: sms tenant purge {tenant_id}"
            )
            raise CommandDeclined(message)
        return revision

    def _existing(self, tenant_id: str) -> StoredRecord:
        stored = self._records.find(tenant_id)
        if stored is None:
            raise no_tenant(tenant_id)
        return stored

    def _mark(self, tenant_id: str, deleted_at: datetime | None, *, revision: int | None = None) -> None:
        if not self._records.mark_deleted(tenant_id, deleted_at, revision=revision):
            raise no_tenant(tenant_id)

    def _begin_purge(self, tenant_id: str) -> None:
        """From here on, the tenant can be neither restored nor created."""
        begin = update(
            items.registry_key(tenant_id),
            "SET #state = :purging",
            "attribute_exists(deleted_at) OR #state IN (:purging, :creating)",
            {":purging": {"S": PURGING}, ":creating": {"S": CREATING}},
            {"#state": "state"},
        )
        if self._transactions.write([begin], f"tenant {tenant_id!r} could not be erased"):
            if not self._records.registered(tenant_id):
                raise no_tenant(tenant_id)
            message = f"tenant {tenant_id!r} is not deleted; first: sms tenant delete {tenant_id}"
            raise CommandDeclined(message)

    def _release_numbers(self, tenant_id: str) -> None:
        prefix = ItemKey(items.operators_partition(tenant_id), "number#")
        for key in self._keys(prefix):
            number = key.sk.rpartition("#")[2]
            condition, values = "attribute_not_exists(pk) OR tenant = :tenant", {":tenant": {"S": tenant_id}}
            self._delete([delete(key), delete(items.number_key(number), condition, values)])

    def _keys(self, prefix: ItemKey) -> list[ItemKey]:
        behind = items_behind(self._dynamodb, prefix, "what is to be erased could not be read")
        return [ItemKey(item["pk"]["S"], item["sk"]["S"]) for item in behind]

    def _delete(self, deletions: "Iterable[TransactWriteItemTypeDef]") -> None:
        writes = list(deletions)
        for start in range(0, len(writes), WRITES_MAX):
            self._transactions.write(writes[start : start + WRITES_MAX], "a deleted tenant could not be erased")


def _not_deleted(tenant_id: str) -> CommandDeclined:
    return CommandDeclined(f"tenant {tenant_id!r} is not deleted; see: sms tenant list")


def _busy(tenant_id: str) -> Conflict:
    return Conflict(f"others delete and restore tenant {tenant_id!r} all the time; try again in a minute")
