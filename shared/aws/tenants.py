"""Tenant documents in Secrets Manager. Each tenant has a secret named `sms-receiver/<tenant>`."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.aws.botocore_errors import code, unavailable
from shared.tenants import document
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

PREFIX = "sms-receiver/"


def read_tenant(secrets: "SecretsManagerClient", tenant_id: str) -> Tenant | None:
    """The tenant, from the copy of its document in the client's AWS region, or None.

    Raises Unavailable, Configuration.
    """
    current = read_version(secrets, tenant_id)
    return current and current[0]


def read_version(secrets: "SecretsManagerClient", tenant_id: str) -> tuple[Tenant, str] | None:
    """The tenant and the version id of its document, or None. Raises Unavailable, Configuration."""
    with unavailable(f"the document of tenant {tenant_id!r} could not be read"):
        try:
            answer = secrets.get_secret_value(SecretId=PREFIX + tenant_id)
        except ClientError as error:
            # InvalidRequestException: the secret is scheduled for deletion (Secrets Manager API, GetSecretValue)
            if code(error) in {"ResourceNotFoundException", "InvalidRequestException"}:
                return None
            raise
    return document.loads(tenant_id, answer.get("SecretString", "")), answer["VersionId"]
