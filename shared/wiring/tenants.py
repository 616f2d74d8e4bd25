"""What the Lambdas know of tenants: secrets and the directory's items, cached.

A cold start for a text needs two secrets and no more, so what reads the directory is imported and made when it is first
needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

from shared.aws.tenant_secrets import read_part
from shared.tenants import secret_documents
from shared.tenants.cache import Cache
from shared.tenants.copies import Copy, Source
from shared.tenants.record import SecretPart, TenantRecord
from shared.tenants.sources import ItemSource, PausingReader, SecretSource
from shared.wiring import aws

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from shared.aws.directory import DynamoDirectory
    from shared.settings import AuthorizerSettings
    from shared.tenants.account import ProviderSecrets
    from shared.tenants.agents import AgentsByNumber
    from shared.tenants.secret_documents import SigningSecretsByAgent
    from shared.tenants.tenant import Tenant

K = TypeVar("K")
V = TypeVar("V")
Clock = Callable[[], float]
"""The time in seconds, for the caches' lives."""

_TENANTS_MAX = 256
_NUMBERS_MAX = 4096
_AGENTS_MAX = 1024


def tenants(settings: AuthorizerSettings, clock: Clock = time.monotonic) -> Cache[str, Tenant]:
    """The tenants with their credentials."""
    return _secrets(settings, SecretPart.ACCESS, secret_documents.load_access, clock)


def accounts(settings: AuthorizerSettings, clock: Clock = time.monotonic) -> Cache[str, ProviderSecrets]:
    """The tenants' accounts, with their secrets."""
    return _secrets(settings, SecretPart.ACCOUNTS, secret_documents.load_accounts, clock)


def signing(settings: AuthorizerSettings, clock: Clock = time.monotonic) -> Cache[str, SigningSecretsByAgent]:
    """The secrets that sign requests to backends."""
    return _secrets(settings, SecretPart.SIGNING, secret_documents.load_signing, clock)


def records(settings: AuthorizerSettings, clock: Clock = time.monotonic) -> Cache[str, TenantRecord]:
    """The tenants in the directory that are not deleted."""
    return _items(settings, lambda directory, tenant_id: directory.live_record(tenant_id), _TENANTS_MAX, clock)


def agents(
    settings: AuthorizerSettings,
    tenant_records: Cache[str, TenantRecord],
    signing_secrets: Cache[str, SigningSecretsByAgent] | None = None,
    clock: Clock = time.monotonic,
) -> AgentsByNumber:
    """The agents by their numbers, with their signing secrets if those are there."""
    from shared.tenants.agents import AgentsByNumber  # noqa: PLC0415 - a cold start for a text needs no agents

    return AgentsByNumber(
        records=tenant_records,
        numbers=_items(settings, lambda directory, number: directory.number(number), _NUMBERS_MAX, clock),
        agents=_items(settings, lambda directory, key: directory.agent(*key), _AGENTS_MAX, clock),
        signing=signing_secrets,
    )


def _secrets(
    settings: AuthorizerSettings, part: SecretPart, load: Callable[[str, str], V], clock: Clock
) -> Cache[str, V]:
    def read_home(tenant_id: str) -> Copy[V]:
        return read_part(_secrets_manager(settings.home_region), part, load, tenant_id)

    source = SecretSource(
        part=part,
        own_region=partial(read_part, _secrets_manager(None), part, load),
        home_region=_home_reader(settings, read_home),
        record=_record_reader(settings.tenant_reread_seconds),
    )
    return _cache(settings, source, _TENANTS_MAX, clock)


def _items(
    settings: AuthorizerSettings, read: Callable[[DynamoDirectory, K], V | None], entries_max: int, clock: Clock
) -> Cache[K, V]:
    own_directory = _directory()  # made now, while the Lambda starts, where every request needs it

    def read_own(key: K) -> V | None:
        return read(own_directory, key)

    def read_home(key: K) -> Copy[V]:
        return Copy(read(_optional_directory(settings.home_region), key))

    return _cache(
        settings, ItemSource(own_region=read_own, home_region=_home_reader(settings, read_home)), entries_max, clock
    )


def _cache(settings: AuthorizerSettings, source: Source[K, V], entries_max: int, clock: Clock) -> Cache[K, V]:
    return Cache(
        source,
        life_seconds=settings.tenant_cache_seconds,
        reread_seconds=settings.tenant_reread_seconds,
        entries_max=entries_max,
        clock=clock,
    )


def _home_reader(settings: AuthorizerSettings, read: Callable[[K], Copy[V]]) -> Callable[[K], Copy[V]] | None:
    """The function that reads from the home region; None when that is the Lambda's own."""
    if settings.home_region == aws.own_region():
        return None
    return PausingReader(read, pause_seconds=settings.tenant_reread_seconds)


@cache
def _record_reader(pause_seconds: float) -> PausingReader[str, TenantRecord | None]:
    """One for all parts, so that a directory that does not answer delays a request once."""
    return PausingReader(lambda tenant_id: _optional_directory(None).record(tenant_id), pause_seconds=pause_seconds)


@cache
def _secrets_manager(region: str | None) -> SecretsManagerClient:
    """The client for a region; None is the Lambda's own."""
    client: SecretsManagerClient = aws.client("secretsmanager", region, aws.OPTIONAL_CONFIG if region else aws.CONFIG)
    return client


@cache
def _directory() -> DynamoDirectory:
    """The directory's copy in the Lambda's own region."""
    from shared.aws.directory import DynamoDirectory  # noqa: PLC0415 - a cold start for a text needs no directory

    return DynamoDirectory(aws.dynamodb())


@cache
def _optional_directory(region: str | None) -> DynamoDirectory:
    """The directory's copy in a region, None for the Lambda's own, for what a request can be served without."""
    from shared.aws.directory import DynamoDirectory  # noqa: PLC0415 - the same

    return DynamoDirectory(aws.client("dynamodb", region, aws.OPTIONAL_CONFIG))
