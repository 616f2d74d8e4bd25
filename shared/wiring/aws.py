"""The AWS clients and the tenants, which all Lambdas share.

The clients come from botocore. boto3 would make the same ones and lengthen a cold start by a tenth (decision 0024).
"""

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session, get_session

from shared.aws.tenants import read_tenant
from shared.settings import AuthorizerSettings
from shared.tenants.cache import TenantCache

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

USER_AGENT = "sms-receiver"
"""The user agent of our calls, also in CloudTrail. botocore would build its own for each call: a fifth of its time."""

# At most two tries of three seconds: the webhook's Lambda has ten seconds, and can still report a failed call.
CONFIG = Config(
    user_agent=USER_AGENT, connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
)


@cache
def _session() -> Session:
    return get_session()


def client(service: str, region: str | None = None, config: Config = CONFIG) -> Any:  # noqa: ANN401 - no type knows each service
    """A client of an AWS service, by default in the Lambda's AWS region."""
    return _session().create_client(service, region, config=config)


@cache
def sqs() -> "SQSClient":
    """The client for SQS."""
    sqs: SQSClient = client("sqs")
    return sqs


@cache
def dynamodb() -> "DynamoDBClient":
    """The client for DynamoDB."""
    dynamodb: DynamoDBClient = client("dynamodb")
    return dynamodb


def tenants(settings: AuthorizerSettings) -> TenantCache:
    """The cached tenants."""
    secrets: SecretsManagerClient = client("secretsmanager")
    return TenantCache(
        partial(read_tenant, secrets),
        life_seconds=settings.tenant_cache_seconds,
        reread_seconds=settings.tenant_reread_seconds,
    )
