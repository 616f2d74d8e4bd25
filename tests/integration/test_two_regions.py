"""A Lambda outside the home region, with Secrets Manager and DynamoDB in both: copies that lag or are missing."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_secretsmanager import SecretsManagerClient

from devstack.aws import LocalAws
from operations.numbers.directory import DynamoNumberDirectory
from operations.tenants.managed_tenant import ManagedTenant
from operations.tenants.store import AwsTenantStore
from shared.aws.tenant_secrets import secret_name
from shared.errors import BrokenDocument, Configuration, InvalidKey, Unavailable
from shared.settings import AuthorizerSettings
from shared.tenants import api_keys
from shared.tenants import directory_items as items
from shared.tenants.agent import BackendSettings
from shared.tenants.record import SecretPart
from shared.wiring import tenants as wiring
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER, PERSON, credential, managed_tenant
from tests.integration import stored_tenants
from tests.integration.conftest import ENVIRONMENT, forget

HOME, OWN = "us-east-1", "us-east-2"
WRITER, KEY = credential()
SECOND, SECOND_KEY = credential(name="second")
SIGNED = replace(DESK, backend=BackendSettings("http", "https://agent.example.com/", signed=True, secrets=("whsec_a",)))
ACME = managed_tenant(WRITER, agents=(SIGNED,))
AWAY = "http://127.0.0.1:1"


@dataclass
class Regions:
    """The local AWS in both regions. A test writes each copy itself, unless it makes them replicate."""

    aws: LocalAws

    def secrets(self, region: str) -> SecretsManagerClient:
        return self.aws.secrets(region)

    def dynamodb(self, region: str) -> DynamoDBClient:
        return self.aws.dynamodb(region)

    def store(self, region: str, tenant: ManagedTenant, *, directory: ManagedTenant | None = None) -> None:
        """Stores a tenant's secrets in a region; its directory there may say something newer."""
        secrets = self.secrets(region)
        for name, text in stored_tenants.secrets(tenant).items():
            version = stored_tenants.version(text)
            try:
                secrets.create_secret(Name=name, SecretString=text, ClientRequestToken=version)
            except secrets.exceptions.ResourceExistsException:
                secrets.put_secret_value(SecretId=name, SecretString=text, ClientRequestToken=version)
        stored_tenants.put_directory(self.dynamodb(region), directory or tenant)

    def forget_secret(self, region: str, part: SecretPart) -> None:
        self.secrets(region).delete_secret(SecretId=secret_name("acme", part), ForceDeleteWithoutRecovery=True)

    def clear(self) -> None:
        for region in (HOME, OWN):
            secrets = self.secrets(region)
            pages = secrets.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True)
            for name in [secret["Name"] for page in pages for secret in page["SecretList"]]:
                secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
            dynamodb = self.dynamodb(region)
            if items.TABLE in dynamodb.list_tables()["TableNames"]:
                dynamodb.delete_table(TableName=items.TABLE)


def make_table(dynamodb: DynamoDBClient, **options: Any) -> None:  # noqa: ANN401 - any option of a table
    dynamodb.create_table(
        TableName=items.TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        **options,
    )


@pytest.fixture
def regions(local_aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Regions]:
    """Two regions whose directories are empty, and a Lambda that starts cold in the one that is not home."""
    own = {"AWS_REGION": OWN, "AWS_DEFAULT_REGION": OWN, "AWS_ENDPOINT_URL": local_aws}
    for name, value in (ENVIRONMENT | own).items():
        monkeypatch.setenv(name, value)
    forget()
    made = Regions(LocalAws(local_aws))
    made.clear()
    for region in (HOME, OWN):
        make_table(made.dynamodb(region))
    yield made
    made.clear()
    forget()


SETTINGS = AuthorizerSettings(
    stage="south", home_region=HOME, tenant_cache_seconds=0, tenant_reread_seconds=0, metrics_agents="none"
)


@dataclass
class Lambda:
    """What a Lambda looks up: everything is old at once, so each look-up asks the stores."""

    def __post_init__(self) -> None:
        self.tenants = wiring.tenants(SETTINGS)
        self.accounts = wiring.accounts(SETTINGS)
        self.agents = wiring.agents(SETTINGS, wiring.records(SETTINGS), wiring.signing(SETTINGS))

    def accepts(self, key: str = KEY) -> bool:
        try:
            api_keys.authenticate(self.tenants, key)
        except InvalidKey:
            return False
        return True

    def knows_account(self) -> bool:
        return self.accounts.find("acme", lambda secrets: secrets.account(ACCOUNT)) is not None

    def signing_secret(self) -> str | None:
        agent = self.agents.agent_at("acme", OUR_NUMBER)
        return agent.backend.secrets[0] if agent and agent.backend else None


def test_what_both_regions_have_is_served(regions: Regions) -> None:
    for region in (HOME, OWN):
        regions.store(region, ACME)
    function = Lambda()
    for _ in range(2):
        assert function.accepts()
        assert function.knows_account()
        assert function.signing_secret() == "whsec_a"
        assert not function.accepts(SECOND_KEY)


def test_a_copy_that_lags_refuses_no_new_key_and_accepts_no_revoked_one(regions: Regions) -> None:
    regions.store(OWN, ACME)
    function = Lambda()
    assert function.accepts()
    newer = replace(ACME, credentials=(SECOND,))
    regions.store(HOME, newer)
    assert function.accepts(SECOND_KEY)
    regions.store(OWN, ACME, directory=newer)  # the directory is here already, the secret is not
    assert not Lambda().accepts(credential()[1])
    assert not function.accepts()


def test_a_lagging_directory_and_secret_serve_what_they_have(regions: Regions) -> None:
    regions.store(OWN, ACME)
    regions.store(HOME, replace(ACME, credentials=(WRITER, SECOND)))
    function = Lambda()
    assert function.accepts()
    assert function.accepts(SECOND_KEY)
    assert function.accepts()


def test_copies_that_are_missing_are_read_at_home(regions: Regions) -> None:
    regions.store(HOME, ACME)
    function = Lambda()
    for _ in range(2):
        assert function.accepts()
        assert function.knows_account()
        assert function.signing_secret() == "whsec_a"
        assert function.agents.agent_at("acme", PERSON) is None


def test_a_number_assigned_at_home_has_its_agent_at_once(regions: Regions) -> None:
    for region in (HOME, OWN):
        regions.store(region, ACME)
    function = Lambda()
    assert function.agents.agent_at("acme", PERSON) is None
    stored_tenants.put_directory(regions.dynamodb(HOME), ACME, {PERSON: SIGNED.id})
    agent = function.agents.agent_at("acme", PERSON)
    assert agent
    assert agent.id == SIGNED.id


def test_a_home_region_without_an_answer_leaves_the_decision_to_the_copy(
    regions: Regions, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions.store(OWN, ACME)
    regions.store(HOME, replace(ACME, credentials=(WRITER, SECOND)))
    function = Lambda()
    assert function.accepts()
    assert function.signing_secret() == "whsec_a"
    monkeypatch.setenv("AWS_ENDPOINT_URL", AWAY)  # for clients that are made from now on: those of the home region
    assert not function.accepts(SECOND_KEY)
    assert function.agents.agent_at("acme", PERSON) is None
    assert function.accepts()


def test_without_the_directory_the_secrets_alone_are_enough(regions: Regions, monkeypatch: pytest.MonkeyPatch) -> None:
    regions.store(OWN, ACME)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", AWAY)
    function = Lambda()
    for _ in range(2):
        assert function.accepts()
        assert function.knows_account()
    with pytest.raises(Unavailable):
        function.signing_secret()


def test_a_directory_that_does_not_answer_delays_a_text_by_one_try(
    regions: Regions, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions.store(OWN, ACME)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{silent.getsockname()[1]}")
        function = Lambda()
        assert function.accepts()
        assert function.accepts()
        assert count_connections(silent) == 1


def count_connections(server: socket.socket) -> int:
    """How many clients have connected so far."""
    server.settimeout(0)
    count = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count


def test_a_directory_that_was_never_made_is_unavailable_and_no_missing_agent(regions: Regions) -> None:
    regions.store(OWN, ACME)
    regions.dynamodb(OWN).delete_table(TableName=items.TABLE)
    function = Lambda()
    assert function.accepts()
    assert function.accepts()
    with pytest.raises(Unavailable, match="AWS answered ResourceNotFoundException"):
        function.signing_secret()


def test_a_secret_of_the_old_form_is_no_tenant(regions: Regions) -> None:
    old = json.dumps({"schema": 3, "id": "acme", "primary_region": HOME})
    regions.secrets(OWN).create_secret(Name="sms-receiver/acme", SecretString=old)
    assert not Lambda().accepts()
    name = secret_name("acme", SecretPart.ACCESS)
    regions.secrets(OWN).create_secret(Name=name, SecretString=old)
    regions.secrets(HOME).create_secret(Name=name, SecretString=old)
    with pytest.raises(BrokenDocument, match="its schema is not 4; upgrade the deployment, or make the tenant again"):
        Lambda().accepts()


def test_a_signed_backend_whose_secrets_are_nowhere_is_an_error(regions: Regions) -> None:
    for region in (HOME, OWN):
        regions.store(region, ACME)
        regions.forget_secret(region, SecretPart.SIGNING)
    with pytest.raises(Configuration, match="the signing secrets of agent 'desk' cannot be found"):
        Lambda().signing_secret()


def broken(key: items.ItemKey, **attributes: str) -> Mapping[str, Any]:
    return {name: {"S": value} for name, value in {"pk": key.pk, "sk": key.sk, **attributes}.items()}


@pytest.mark.parametrize(
    "item",
    [
        broken(items.agent_key("acme", DESK.id)),
        broken(items.agent_key("acme", DESK.id), document="{}"),
        broken(items.record_key("acme")),
        broken(items.record_key("acme"), document="not json"),
        broken(items.number_key(OUR_NUMBER)),
        broken(items.number_key(OUR_NUMBER), tenant="acme"),
    ],
    ids=lambda item: f"{item['sk']['S']} {len(item)}",
)
def test_an_item_that_cannot_be_read_is_an_error_and_no_missing_agent(
    item: Mapping[str, Any], regions: Regions
) -> None:
    for region in (HOME, OWN):
        regions.store(region, ACME)
        regions.dynamodb(region).put_item(TableName=items.TABLE, Item=item)
    function = Lambda()
    with pytest.raises(Configuration) as failed:
        function.signing_secret()
    assert OUR_NUMBER[1:] not in str(failed.value)
    assert function.accepts()
    assert function.accepts()  # whatever the directory has


@pytest.fixture
def replicated(regions: Regions) -> Callable[[], AwsTenantStore]:
    """The operators' store; the directory is one table with a replica, and secrets have copies."""
    for region in (HOME, OWN):
        regions.dynamodb(region).delete_table(TableName=items.TABLE)
    home = regions.dynamodb(HOME)
    make_table(home, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    home.update_table(TableName=items.TABLE, ReplicaUpdates=[{"Create": {"RegionName": OWN}}])
    return lambda: AwsTenantStore(home, regions.secrets(HOME), replicas=[OWN], sleep=lambda _: None)


def test_a_tenant_is_served_in_both_regions_from_its_creation_to_its_deletion(
    replicated: Callable[[], AwsTenantStore], regions: Regions
) -> None:
    store, numbers = replicated(), DynamoNumberDirectory(regions.dynamodb(HOME))
    function = Lambda()
    assert not function.accepts()
    store.create(ACME)
    numbers.assign("acme", SIGNED.id, OUR_NUMBER)
    assert function.accepts()
    assert function.knows_account()
    assert function.signing_secret() == "whsec_a"

    before, version = store.read("acme")
    store.replace(before, replace(before, credentials=(SECOND,)), version)
    assert function.accepts(SECOND_KEY)
    assert not function.accepts()

    store.delete("acme")
    for reader in (function, Lambda()):
        assert not reader.accepts(SECOND_KEY)
        assert not reader.knows_account()
        assert reader.signing_secret() is None

    store.restore("acme")
    assert function.accepts(SECOND_KEY)
    assert function.signing_secret() == "whsec_a"
