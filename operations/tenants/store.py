"""The store of tenant documents: one secret each in Secrets Manager, replicated to every stage's region."""

import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.botocore_errors import code, unavailable
from shared.aws.tenants import PREFIX, read_version
from shared.errors import Conflict, NotFound
from shared.tenants import document as tenant_document
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_RECOVERY_DAYS = 7  # the shortest that Secrets Manager offers


class SecretsTenantStore:
    """Implements `operations.ports.TenantStore`: writes to the tenant's primary region and replicates to the others.

    Args:
        secrets: makes a Secrets Manager client for a region.
        region: the region to look for tenants in.
        replicas: the regions that have copies; a tenant's primary region may be among them.
    """

    def __init__(
        self, secrets: "Callable[[str], SecretsManagerClient]", *, region: str, replicas: Iterable[str]
    ) -> None:
        self._secrets = secrets
        self._region = region
        self._replicas = tuple(replicas)

    def ids(self) -> list[str]:
        """Every tenant's id, sorted. Raises Unavailable."""
        with unavailable("the tenants could not be listed"):
            pages = self._secrets(self._region).get_paginator("list_secrets")
            listing = pages.paginate(Filters=[{"Key": "name", "Values": [PREFIX]}])
            return sorted(secret["Name"].removeprefix(PREFIX) for page in listing for secret in page["SecretList"])

    def read(self, tenant_id: str) -> tuple[Tenant, str]:
        """The tenant and its version, read from its primary region. Raises NotFound, Unavailable, Configuration."""
        current = read_version(self._secrets(self._primary_region(tenant_id)), tenant_id)
        if current is None:
            raise _not_found(tenant_id)
        return current

    def create(self, tenant: Tenant) -> None:
        """Stores a new tenant in its primary region and replicates it. Raises Conflict, InvalidValue, Unavailable."""
        document = tenant_document.dumps(tenant)
        secrets = self._secrets(tenant.primary_region)
        with unavailable(f"tenant {tenant.id!r} could not be created"):
            try:
                secrets.create_secret(
                    Name=PREFIX + tenant.id,
                    Description="A tenant of sms-receiver; change it with the sms command only",
                    SecretString=document,
                )
            except ClientError as error:
                if code(error) == "ResourceExistsException":
                    message = f"tenant {tenant.id!r} exists already"
                    raise Conflict(message) from error
                if code(error) == "InvalidRequestException":
                    message = f"tenant {tenant.id!r} was deleted less than {_RECOVERY_DAYS} days ago; choose another id"
                    raise Conflict(message) from error
                raise
            other_regions = [region for region in self._replicas if region != tenant.primary_region]
            if not other_regions:
                return
            try:
                secrets.replicate_secret_to_regions(
                    SecretId=PREFIX + tenant.id, AddReplicaRegions=[{"Region": region} for region in other_regions]
                )
            except (ClientError, BotoCoreError):
                secrets.delete_secret(SecretId=PREFIX + tenant.id, ForceDeleteWithoutRecovery=True)
                raise  # no tenant at all is better than one that is missing in a region

    def replace(self, tenant: Tenant, version: str) -> None:
        """Stores a changed tenant if `version` is still the current one. Raises Conflict, InvalidValue, Unavailable.

        This is a compare-and-swap. The new version first gets a label of its own, so that it does not become current at
        once. Then AWSCURRENT moves to it from the version that was read, which Secrets Manager refuses when another
        version is current meanwhile (Secrets Manager API, PutSecretValue and UpdateSecretVersionStage).
        """
        document = tenant_document.dumps(tenant)
        secrets = self._secrets(tenant.primary_region)
        secret, new_version = PREFIX + tenant.id, str(uuid.uuid4())
        label = f"proposed-{new_version}"
        with unavailable(f"tenant {tenant.id!r} could not be changed"):
            secrets.put_secret_value(
                SecretId=secret, ClientRequestToken=new_version, SecretString=document, VersionStages=[label]
            )
            try:
                secrets.update_secret_version_stage(
                    SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=new_version, RemoveFromVersionId=version
                )
            except ClientError as error:
                if code(error) != "InvalidParameterException":
                    raise
                message = f"tenant {tenant.id!r} was changed by somebody else meanwhile"
                raise Conflict(message) from error
            finally:
                with suppress(ClientError, BotoCoreError):  # a label that remains does no harm
                    secrets.update_secret_version_stage(
                        SecretId=secret, VersionStage=label, RemoveFromVersionId=new_version
                    )

    def delete(self, tenant_id: str) -> None:
        """Removes the copies and marks the secret for deletion. Raises NotFound, Unavailable."""
        secrets = self._secrets(self._primary_region(tenant_id))
        with unavailable(f"tenant {tenant_id!r} could not be deleted"):
            copies = secrets.describe_secret(SecretId=PREFIX + tenant_id).get("ReplicationStatus", [])
            if copies:
                secrets.remove_regions_from_replication(
                    SecretId=PREFIX + tenant_id, RemoveReplicaRegions=[copy["Region"] for copy in copies]
                )
            secrets.delete_secret(SecretId=PREFIX + tenant_id, RecoveryWindowInDays=_RECOVERY_DAYS)

    def _primary_region(self, tenant_id: str) -> str:
        with unavailable(f"tenant {tenant_id!r} could not be found"):
            try:
                secret = self._secrets(self._region).describe_secret(SecretId=PREFIX + tenant_id)
            except ClientError as error:
                if code(error) == "ResourceNotFoundException":
                    raise _not_found(tenant_id) from error
                raise
        if secret.get("DeletedDate"):
            raise _not_found(tenant_id)
        return secret.get("PrimaryRegion", self._region)


def _not_found(tenant_id: str) -> NotFound:
    return NotFound(f"there is no tenant {tenant_id!r}; see: sms tenant list")
