"""The store of tenants in AWS: for each a record and its agents in the directory, and three secrets.

It writes in the home region only, and reads there, strictly consistently.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from operations.ports import Page, Version
from operations.tenants import parts
from operations.tenants.agent_items import AgentItems
from operations.tenants.creation import Creation, documents
from operations.tenants.deletion import Deletion
from operations.tenants.managed_tenant import ManagedTenant
from operations.tenants.record_items import RecordItems, no_tenant, was_deleted
from operations.tenants.secret_lifecycle import SecretLifecycle
from operations.tenants.secret_parts import SecretParts
from operations.tenants.signing_changes import SigningChanges
from shared.errors import NotFound
from shared.tenants import secret_documents
from shared.tenants.agent import Agent
from shared.tenants.record import SecretPart, TenantRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

_READS = 3


class AwsTenantStore:
    """Implements `operations.ports.TenantStore`.

    Args:
        dynamodb: a client for the home region.
        secrets: a client for the home region.
        replicas: the other regions, which get copies of the secrets.
        sleep: waits for a number of seconds.
        now: the time.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        secrets: "SecretsManagerClient",
        *,
        replicas: Iterable[str],
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._records = RecordItems(dynamodb, sleep)
        self._agents = AgentItems(dynamodb, sleep)
        self._secrets = SecretParts(secrets, self._records, sleep=sleep, now=now)
        lifecycle = SecretLifecycle(secrets, self._secrets, replicas)
        self._creation = Creation(dynamodb, self._records, lifecycle, sleep)
        self._deletion = Deletion(dynamodb, self._records, lifecycle, sleep=sleep, now=now)

    def page(self, *, after: str | None = None, limit: int = 100) -> Page[TenantRecord]:
        """Tenants in the order of their ids, those that were deleted included. Raises Unavailable, Configuration."""
        return self._records.page(after, limit)

    def record(self, tenant_id: str) -> TenantRecord | None:
        """The tenant in the list of all, also when it was deleted. Raises Unavailable, Configuration."""
        stored = self._records.find(tenant_id)
        return stored and stored.record

    def read(self, tenant_id: str) -> tuple[ManagedTenant, Version]:
        """The tenant and its version. Raises NotFound, Unavailable, Configuration.

        Agents are read before their secrets, which are written before the agents: so an agent has the secrets that it
        needs. Where somebody took them away in between, everything is read again.
        """
        for _ in range(_READS):
            tenant, version = self._read(tenant_id)
            if not any(_lacks_secrets(agent) for agent in tenant.agents):
                break
        return tenant, version

    def create(self, tenant: ManagedTenant) -> None:
        """Stores a new tenant, or finishes one. Raises Conflict, InvalidValue, Unavailable."""
        self._creation.create(tenant)

    def replace(self, before: ManagedTenant, after: ManagedTenant, version: Version) -> Sequence[str]:
        """Stores what differs. Raises Conflict, CommandDeclined, InvalidValue, NotFound, Unavailable, Configuration.

        Whatever interrupts it, each part is as it was before or after. A secret that an agent needs is written before
        the agent, and one that it no longer needs is dropped after it.
        """
        if before == after:
            return self._secrets.settle(after.id)
        old, new = documents(before), documents(after)
        warnings: list[str] = []
        for part in (SecretPart.ACCESS, SecretPart.ACCOUNTS):
            if old[part] != new[part]:
                warnings += self._secrets.change(after.id, part, new[part], instead_of=version[part])
        signing = SigningChanges(self._secrets, after.id, parts.signing(before.agents), parts.signing(after.agents))
        warnings += signing.add(instead_of=version[SecretPart.SIGNING])
        self._agents.write(after.id, before.agents, after.agents, version)
        return [*warnings, *signing.drop()]

    def delete(self, tenant_id: str) -> None:
        """Deletes the tenant, for now. Raises NotFound, Conflict, Unavailable, Configuration."""
        self._deletion.delete(tenant_id)

    def restore(self, tenant_id: str) -> None:
        """Undoes a deletion. Raises NotFound, CommandDeclined, Conflict, Unavailable, Configuration."""
        self._deletion.restore(tenant_id)

    def purge(self, tenant_id: str) -> None:
        """Erases what is left of a deleted tenant. Raises NotFound, CommandDeclined, Unavailable."""
        self._deletion.purge(tenant_id)

    def _read(self, tenant_id: str) -> tuple[ManagedTenant, Version]:
        stored = self._records.find(tenant_id)
        if stored is None:
            raise no_tenant(tenant_id)
        if stored.record.deleted_at:
            raise NotFound(was_deleted(tenant_id))
        agents = self._agents.read(tenant_id)
        secrets = {part: self._secrets.read(tenant_id, part) for part in SecretPart}
        access = secret_documents.load_access(tenant_id, secrets[SecretPart.ACCESS].text)
        signing = secret_documents.load_signing(tenant_id, secrets[SecretPart.SIGNING].text)
        tenant = ManagedTenant(
            access.id,
            access.salt,
            access.roles_active,
            access.signature_mode,
            access.credentials,
            secret_documents.load_accounts(tenant_id, secrets[SecretPart.ACCOUNTS].text).accounts,
            tuple(parts.with_secrets(agent, signing) for agent, _ in agents.values()),
        )
        versions = {f"agent#{agent_id}": agent_version for agent_id, (_, agent_version) in agents.items()}
        return tenant, {**versions, **{part: secret.version for part, secret in secrets.items()}}


def _lacks_secrets(agent: Agent) -> bool:
    return any(backend.signed and not backend.secrets for backend in (agent.backend, agent.second_backend) if backend)
