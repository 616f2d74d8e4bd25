"""The local stack's directory has a copy in each region, though its CloudFormation makes but one table."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.aws import LocalAws
from devstack.deployment import replicate_directory
from operations.stage.clients import StageClients
from operations.stage.deployed_settings import DeployedSettings, Protection
from operations.stage.names import HOME_STAGE, REGIONS
from shared.tenants.directory_items import TABLE
from tests.integration.local_aws import running

ITEM = {"pk": {"S": "tenant#acme"}, "sk": {"S": "tenant"}}


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    """A local AWS with the table in the home region alone, as a deployment leaves it."""
    with running(tmp_path) as endpoint:
        LocalAws(endpoint).dynamodb(REGIONS[HOME_STAGE]).create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        yield endpoint


def test_what_is_written_at_home_is_read_in_each_region_however_often_the_copies_are_made(endpoint: str) -> None:
    aws = LocalAws(endpoint)
    replicate_directory(endpoint)
    aws.dynamodb(REGIONS[HOME_STAGE]).put_item(TableName=TABLE, Item=ITEM)
    replicate_directory(endpoint)
    for region in REGIONS.values():
        assert aws.dynamodb(region).get_item(TableName=TABLE, Key=ITEM).get("Item") == ITEM


def test_it_is_protected_in_each_region_as_the_template_has_it(endpoint: str) -> None:
    settings = DeployedSettings(StageClients(HOME_STAGE, REGIONS, LocalAws(endpoint).session, endpoint))
    assert settings.protection(REGIONS[HOME_STAGE]) == Protection(from_deletion=False, restorable=False)
    replicate_directory(endpoint)
    for region in REGIONS.values():
        assert settings.protection(region) == Protection(from_deletion=True, restorable=True)
