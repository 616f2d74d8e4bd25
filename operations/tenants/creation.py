"""Creating a tenant in AWS, so that an interrupted creation can be finished, or given up, by whoever comes next.

First the registry says that the tenant is being created, then its secrets are written, and one transaction makes it a
tenant: with its record and its agents. Until then it is none. Whoever creates it again takes it over.
"""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from operations.tenants import parts
from operations.tenants.agent_items import AgentItems
from operations.tenants.managed_tenant import ManagedTenant
from operations.tenants.record_items import CREATING, RecordItems, was_deleted
from operations.tenants.secret_lifecycle import SecretLifecycle
from operations.tenants.transactions import IS_NEW, WRITES_MAX, update
from shared.aws.transactions import Transactions
from shared.errors import Conflict, InvalidValue
from shared.tenants import directory_items as items
from shared.tenants import secret_documents
from shared.tenants.record import SecretPart, TenantRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_AGENTS_MAX = (WRITES_MAX - 2) // 2
"""The most agents of a new tenant: each needs two writes in a transaction, and the tenant itself two."""
_NAMES = {"#state": "state"}  # a reserved word (DynamoDB docs, "Reserved words in DynamoDB")


class Creation:
    """Creates tenants.

    Args:
        dynamodb: a client for the home region.
        secrets: makes the secrets.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self, dynamodb: "DynamoDBClient", records: RecordItems, secrets: SecretLifecycle, sleep: Callable[[float], None]
    ) -> None:
        self._transactions = Transactions(dynamodb, sleep)
        self._records = records
        self._secrets = secrets

    def create(self, tenant: ManagedTenant) -> None:
        """Stores a new tenant. Raises Conflict when it exists, InvalidValue when it is too large, Unavailable."""
        texts = documents(tenant)
        if len(tenant.agents) > _AGENTS_MAX:
            message = f"a new tenant can have {_AGENTS_MAX} agents at first; add the others when it is there"
            raise InvalidValue(message)
        ours = {":state": {"S": CREATING}, ":creation": {"S": str(uuid.uuid4())}}
        self._begin(tenant.id, ours)
        registry = items.registry_key(tenant.id)

        def still_ours() -> None:
            entry = self._records.registered(tenant.id)
            if entry is None or entry.creation != ours[":creation"]["S"]:
                raise _taken_over(tenant.id)

        versions = {
            part: self._secrets.create(tenant.id, part, text, still_ours=still_ours) for part, text in texts.items()
        }
        record = TenantRecord(tenant.id, tuple(account.name for account in tenant.accounts), versions)
        writes = [
            update(registry, "REMOVE #state, creation", "#state = :state AND creation = :creation", ours, _NAMES),
            RecordItems.put(record, instead_of=None),
            *AgentItems.first(tenant.id, tenant.agents),
        ]
        if self._transactions.write(writes, f"tenant {tenant.id!r} could not be created"):
            raise _taken_over(tenant.id)

    def _begin(self, tenant_id: str, ours: dict[str, dict[str, str]]) -> None:
        """Says in the registry that the tenant is being created, by us. Raises Conflict, Unavailable."""
        begin = update(
            items.registry_key(tenant_id),
            "SET #state = :state, creation = :creation",
            f"{IS_NEW} OR #state = :state",
            ours,
            _NAMES,
        )
        if self._transactions.write([begin], f"tenant {tenant_id!r} could not be created"):
            entry = self._records.registered(tenant_id)
            message = f"tenant {tenant_id!r} exists already"
            if entry and entry.deleted_at:
                message = was_deleted(tenant_id)
            raise Conflict(message)


def documents(tenant: ManagedTenant) -> dict[SecretPart, str]:
    """The text of each part of the tenant's secrets. Raises InvalidValue when one is too large."""
    return {
        SecretPart.ACCESS: secret_documents.dump_access(parts.access(tenant)),
        SecretPart.ACCOUNTS: secret_documents.dump_accounts(tenant.id, parts.provider_secrets(tenant)),
        SecretPart.SIGNING: secret_documents.dump_signing(tenant.id, parts.signing(tenant.agents)),
    }


def _taken_over(tenant_id: str) -> Conflict:
    return Conflict(f"somebody else is creating tenant {tenant_id!r} at this moment; see: sms tenant list")
