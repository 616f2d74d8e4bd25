"""Tenants' secrets in Secrets Manager: `sms-receiver/<tenant>/<part>`, one for each part."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from shared.aws.botocore_errors import code, unavailable
from shared.tenants.copies import Copy
from shared.tenants.record import SecretPart

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

V = TypeVar("V")

PREFIX = "sms-receiver/"


class SecretVersion(NamedTuple):
    """The current version of a secret: its text, which no repr may show, and its id."""

    text: str
    version: str

    def __repr__(self) -> str:
        """Without the text."""
        return f"SecretVersion(version={self.version!r})"


def secret_name(tenant_id: str, part: SecretPart) -> str:
    """The name of the secret with a part of a tenant's secrets."""
    return f"{PREFIX}{tenant_id}/{part}"


def read_secret(secrets: "SecretsManagerClient", tenant_id: str, part: SecretPart) -> SecretVersion | None:
    """The part in the client's AWS region, or None. Raises Unavailable."""
    with unavailable(f"the {part} secret of tenant {tenant_id!r} could not be read"):
        try:
            answer = secrets.get_secret_value(SecretId=secret_name(tenant_id, part))
        except ClientError as error:
            # InvalidRequestException: the secret is scheduled for deletion (Secrets Manager API, GetSecretValue)
            if code(error) in {"ResourceNotFoundException", "InvalidRequestException"}:
                return None
            raise
    return SecretVersion(answer.get("SecretString", ""), answer["VersionId"])


def read_part(
    secrets: "SecretsManagerClient", part: SecretPart, load: Callable[[str, str], V], tenant_id: str
) -> Copy[V]:
    """What `load` makes of the part in the client's AWS region. Raises Unavailable, and what `load` raises."""
    secret = read_secret(secrets, tenant_id, part)
    return Copy(load(tenant_id, secret.text), secret.version) if secret else Copy(None)
