"""The store of tenants on the local AWS, and the tests' own: both must keep the promises of the port."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_secretsmanager import SecretsManagerClient

from devstack.aws import LocalAws
from operations.numbers.directory import DynamoNumberDirectory
from operations.ports import NumberDirectory, TenantStore
from operations.tenants.store import AwsTenantStore
from shared.aws.tenant_secrets import SecretVersion, read_secret
from shared.tenants import directory_items as items
from shared.tenants.record import SecretPart
from tests.fakes import NOW
from tests.integration.directory_table import directory_table
from tests.integration.tables import client
from tests.unit.operations.tenants.fakes import FakeNumberDirectory, FakeTenantStore

__all__ = ["directory_table"]  # a fixture

HOME, OTHER = "us-east-1", "us-east-2"


@dataclass
class Clock:
    """A time that a test sets."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class StoreRig(Protocol):
    """A store, with the directory of numbers and the clock that belong to it."""

    clock: Clock

    def store(self) -> TenantStore:
        """One more operator's."""

    def numbers(self) -> NumberDirectory:
        """One more operator's."""


@dataclass
class FakeRig:
    """The tests' own store."""

    clock: Clock = field(default_factory=Clock)
    _store: FakeTenantStore = field(default_factory=FakeTenantStore)

    def __post_init__(self) -> None:
        self._store.now = self.clock

    def store(self) -> TenantStore:
        return self._store

    def numbers(self) -> NumberDirectory:
        return FakeNumberDirectory(self._store)


@dataclass
class AwsRig:
    """The store on the local AWS, with clients of its own for each operator.

    Attributes:
        endpoint: of the local AWS.
    """

    endpoint: str
    clock: Clock = field(default_factory=Clock)
    _shared: dict[str, Any] = field(default_factory=dict)

    def dynamodb(self) -> DynamoDBClient:
        """A client of its own."""
        return client(self.endpoint)

    def secrets(self) -> SecretsManagerClient:
        """A client of its own."""
        return LocalAws(self.endpoint).secrets(HOME)

    def version(self, part: SecretPart, region: str = HOME, tenant_id: str = "acme") -> SecretVersion | None:
        """The current version of a part of a tenant's secrets in a region."""
        return read_secret(self._shared_secrets(region), tenant_id, part)

    def store(
        self, dynamodb: DynamoDBClient | None = None, secrets: SecretsManagerClient | None = None
    ) -> AwsTenantStore:
        return AwsTenantStore(
            dynamodb or self._once("dynamodb", self.dynamodb),
            secrets or self._shared_secrets(HOME),
            replicas=[OTHER],
            sleep=lambda _: None,
            now=self.clock,
        )

    def numbers(self) -> DynamoNumberDirectory:
        return DynamoNumberDirectory(self._once("dynamodb", self.dynamodb))

    def erase_secrets(self) -> None:
        """Whatever earlier tests left."""
        for region in (HOME, OTHER):
            secrets = self._shared_secrets(region)
            for page in secrets.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True):
                for secret in page["SecretList"]:
                    if "PrimaryRegion" not in secret:
                        secrets.delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)

    def everything(self) -> list[tuple[str, str]]:
        """The keys of all items in the directory."""
        pages = (
            self._once("dynamodb", self.dynamodb)
            .get_paginator("scan")
            .paginate(TableName=items.TABLE, ConsistentRead=True)
        )
        return sorted((item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"])

    def _shared_secrets(self, region: str) -> SecretsManagerClient:
        secrets: SecretsManagerClient = self._once(region, lambda: LocalAws(self.endpoint).secrets(region))
        return secrets

    def _once(self, name: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401 -- any boto3 client
        if name not in self._shared:
            self._shared[name] = make()
        return self._shared[name]


@pytest.fixture
def aws(local_aws: str, directory_table: str) -> Iterator[AwsRig]:
    """A fresh directory, and no secrets."""
    assert directory_table
    rig = AwsRig(local_aws)
    yield rig
    rig.erase_secrets()


@pytest.fixture(params=["fake", "aws"])
def rig(request: pytest.FixtureRequest) -> StoreRig:
    """Each store in turn."""
    made: StoreRig = FakeRig() if request.param == "fake" else request.getfixturevalue("aws")
    return made


def before_each_write(client_: Any, act: Callable[[str], object]) -> None:  # noqa: ANN401 -- any boto3 client
    """Calls `act` with the operation's name before each call that writes."""

    def gate(model: Any, **_: object) -> None:  # noqa: ANN401 -- botocore's model of an operation
        if not model.name.startswith(("Get", "Describe", "List", "Query", "Batch", "Scan")):
            act(model.name)

    client_.meta.events.register("before-call.*.*", gate)
