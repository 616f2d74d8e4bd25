"""The parts of tenants' secrets from their creation with copies in other regions to their deletion."""

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.tenants.secret_parts import SecretParts
from shared.aws.botocore_errors import code, unavailable
from shared.aws.tenant_secrets import secret_name
from shared.errors import Conflict
from shared.tenants.record import SecretPart

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import DescribeSecretResponseTypeDef

RECOVERY_DAYS = 7
"""How long a deleted secret can be restored: the shortest that Secrets Manager offers."""


class SecretLifecycle:
    """Makes, deletes and restores secrets. All methods but `create` may be called again; all raise Unavailable.

    Args:
        secrets: a client for the home region.
        parts: changes them.
        replicas: the other regions, which get copies.
    """

    def __init__(self, secrets: "SecretsManagerClient", parts: SecretParts, replicas: Iterable[str]) -> None:
        self._secrets = secrets
        self._parts = parts
        self._replicas = tuple(replicas)

    def create(self, tenant_id: str, part: SecretPart, text: str, *, still_ours: Callable[[], None]) -> str:
        """The version id of a secret: a new one with this text, or one that an interrupted creation left.

        Args:
            tenant_id: a tenant that is being created.
            part: which of its secrets.
            text: the text.
            still_ours: raises Conflict when somebody else is creating the tenant meanwhile. Who takes it over does so
                before reading the secrets: so a version that was read before this was asked is none of theirs.

        Raises Conflict.
        """
        name = secret_name(tenant_id, part)
        with unavailable(f"the {part} secret of tenant {tenant_id!r} could not be created"):
            try:
                version = self._secrets.create_secret(
                    Name=name,
                    Description="A part of a tenant of sms-receiver; change it with the sms command only",
                    SecretString=text,
                )["VersionId"]
            except ClientError as error:
                if code(error) == "InvalidRequestException":  # it is being deleted (Secrets Manager API, CreateSecret)
                    message = (
                        f"the {part} secret of tenant {tenant_id!r} is being deleted; try again in a minute, or choose "
                        "another id"
                    )
                    raise Conflict(message) from error
                if code(error) != "ResourceExistsException":
                    raise
                current = self._parts.read(tenant_id, part).version
                still_ours()
                version = str(uuid.uuid4())
                self._parts.swap(tenant_id, part, text, version, instead_of=current)
            self._replicate(name)
        return version

    def exists(self, tenant_id: str, part: SecretPart) -> bool:
        """Whether the secret exists, although it may be scheduled for deletion."""
        with unavailable(f"the {part} secret of tenant {tenant_id!r} could not be read"):
            return self._describe(secret_name(tenant_id, part)) is not None

    def schedule_deletion(self, tenant_id: str, part: SecretPart) -> None:
        """Removes the copies now, and the secret in `RECOVERY_DAYS`."""
        name = secret_name(tenant_id, part)
        with unavailable(f"the {part} secret of tenant {tenant_id!r} could not be deleted"):
            secret = self._describe(name)
            if secret and not secret.get("DeletedDate"):
                self._remove_copies(secret)
                self._secrets.delete_secret(SecretId=name, RecoveryWindowInDays=RECOVERY_DAYS)

    def restore(self, tenant_id: str, part: SecretPart) -> None:
        """Undoes `schedule_deletion`."""
        name = secret_name(tenant_id, part)
        with unavailable(f"the {part} secret of tenant {tenant_id!r} could not be restored"):
            if self._secrets.describe_secret(SecretId=name).get("DeletedDate"):
                self._secrets.restore_secret(SecretId=name)
            self._replicate(name)

    def erase(self, tenant_id: str, part: SecretPart) -> None:
        """Deletes the secret and its copies now; also one whose deletion was scheduled."""
        name = secret_name(tenant_id, part)
        with unavailable(f"the {part} secret of tenant {tenant_id!r} could not be erased"):
            if secret := self._describe(name):
                self._remove_copies(secret)
                self._secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    def _describe(self, name: str) -> "DescribeSecretResponseTypeDef | None":
        try:
            return self._secrets.describe_secret(SecretId=name)
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return None
            raise

    def _replicate(self, name: str) -> None:
        """Copies the secret to the regions that have no copy yet."""
        copies = {
            copy.get("Region") for copy in self._secrets.describe_secret(SecretId=name).get("ReplicationStatus", [])
        }
        missing = [region for region in self._replicas if region not in copies]
        if missing:
            self._secrets.replicate_secret_to_regions(
                SecretId=name, AddReplicaRegions=[{"Region": region} for region in missing]
            )

    def _remove_copies(self, secret: "DescribeSecretResponseTypeDef") -> None:
        """A secret with copies cannot be deleted (Secrets Manager API, DeleteSecret)."""
        regions = [copy["Region"] for copy in secret.get("ReplicationStatus", []) if "Region" in copy]
        if regions:
            self._secrets.remove_regions_from_replication(SecretId=secret["Name"], RemoveReplicaRegions=regions)
