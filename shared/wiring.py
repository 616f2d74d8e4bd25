"""The composition root: alone names concrete classes, and builds them when they are first asked for."""

import os
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from shared.aws.queues import FifoQueue
from shared.aws.secrets import read_tenant
from shared.providers import PROVIDERS
from shared.receiving import Receiver
from shared.settings import AuthorizerSettings, ReceiverSettings, read
from shared.tenant_cache import TenantCache

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

# Two tries of three seconds at the most: one failing call leaves a webhook's Lambda, which has ten, time to say so.
_AWS = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})


@cache
def tenants() -> TenantCache:
    """The tenants as a webhook sees them. Raises Configuration."""
    return _tenants(read(AuthorizerSettings, os.environ))


@cache
def receiver() -> Receiver:
    """What the receiver's handler calls. Raises Configuration."""
    settings = receiver_settings()
    sqs: SQSClient = boto3.client("sqs", config=_AWS)
    return Receiver(
        tenants=_tenants(settings),
        providers=PROVIDERS,
        queue=FifoQueue(sqs, settings.inbound_queue_url),
        stage=settings.stage,
        now=partial(datetime.now, UTC),
    )


@cache
def receiver_settings() -> ReceiverSettings:
    """The receiver's settings. Raises Configuration."""
    return read(ReceiverSettings, os.environ)


def _tenants(settings: AuthorizerSettings) -> TenantCache:
    secrets: SecretsManagerClient = boto3.client("secretsmanager", config=_AWS)
    return TenantCache(
        partial(read_tenant, secrets),
        life_seconds=settings.tenant_cache_seconds,
        reread_seconds=settings.tenant_reread_seconds,
    )
