"""What all Lambdas share: boto3's clients, made once, and the tenants."""

from functools import cache, partial
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from shared.aws.secrets import read_tenant
from shared.settings import AuthorizerSettings
from shared.tenant_cache import TenantCache

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

# Two tries of three seconds at the most: one failing call leaves a webhook's Lambda, which has ten, time to say so.
CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})


@cache
def sqs() -> "SQSClient":
    """SQS."""
    return boto3.client("sqs", config=CONFIG)


@cache
def dynamodb() -> "DynamoDBClient":
    """DynamoDB."""
    return boto3.client("dynamodb", config=CONFIG)


def tenants(settings: AuthorizerSettings) -> TenantCache:
    """The tenants as the Lambdas see them."""
    secrets: SecretsManagerClient = boto3.client("secretsmanager", config=CONFIG)
    return TenantCache(
        partial(read_tenant, secrets),
        life_seconds=settings.tenant_cache_seconds,
        reread_seconds=settings.tenant_reread_seconds,
    )
