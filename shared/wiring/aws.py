"""What all Lambdas share: AWS's clients, made once, and the tenants.

By botocore alone: boto3 makes the same clients, for a tenth of a start more (decision 0024).
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
"""In CloudTrail, too. botocore's own would be put together anew for each call: a fifth of what a call takes."""

# Two tries of three seconds at the most: one failing call leaves a webhook's Lambda, which has ten, time to say so.
CONFIG = Config(
    user_agent=USER_AGENT, connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
)


@cache
def _session() -> Session:
    return get_session()


def client(service: str, region: str | None = None, config: Config = CONFIG) -> Any:  # noqa: ANN401 - no type knows each service
    """A client of an AWS service; in the Lambda's own region, when none is given."""
    return _session().create_client(service, region, config=config)


@cache
def sqs() -> "SQSClient":
    """SQS."""
    sqs: SQSClient = client("sqs")
    return sqs


@cache
def dynamodb() -> "DynamoDBClient":
    """DynamoDB."""
    dynamodb: DynamoDBClient = client("dynamodb")
    return dynamodb


def tenants(settings: AuthorizerSettings) -> TenantCache:
    """The tenants as the Lambdas see them."""
    secrets: SecretsManagerClient = client("secretsmanager")
    return TenantCache(
        partial(read_tenant, secrets),
        life_seconds=settings.tenant_cache_seconds,
        reread_seconds=settings.tenant_reread_seconds,
    )
