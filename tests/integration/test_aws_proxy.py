"""The proxy that takes a region away or lets its copies lag, between boto3 and the local AWS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from devstack.aws import ADMINISTRATOR, LocalAws
from devstack.aws_proxy import AwsProxy
from shared.tenants.directory_items import TABLE
from tests.integration.local_aws import running

HOME, OWN = "us-east-1", "us-east-2"
SECRET = "sms-receiver/acme/access"
KEY = {"pk": {"S": "tenant#acme"}, "sk": {"S": "tenant"}}


class Regions:
    """What a function reads of a tenant through a proxy, and what is stored behind it."""

    def __init__(self, endpoint: str, proxy: AwsProxy) -> None:
        self.proxy = proxy
        self._aws = LocalAws(endpoint)
        for region in (HOME, OWN):
            self._aws.dynamodb(region).create_table(
                TableName=TABLE,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            )
            self._aws.secrets(region).create_secret(Name=SECRET, SecretString="1")
            self.store(region, "1")

    def store(self, region: str, value: str) -> None:
        self._aws.dynamodb(region).put_item(TableName=TABLE, Item={**KEY, "document": {"S": value}})
        self._aws.secrets(region).put_secret_value(SecretId=SECRET, SecretString=value)

    def item(self, region: str) -> str:
        item: str = self._client("dynamodb", region).get_item(TableName=TABLE, Key=KEY)["Item"]["document"]["S"]
        return item

    def secret(self, region: str, name: str = SECRET) -> str:
        text: str = self._client("secretsmanager", region).get_secret_value(SecretId=name)["SecretString"]
        return text

    def create(self, region: str, name: str) -> None:
        self._aws.secrets(region).create_secret(Name=name, SecretString="new")

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 - of one of two services
        session: Any = boto3.Session(ADMINISTRATOR.id, ADMINISTRATOR.secret)
        config = Config(read_timeout=1, retries={"total_max_attempts": 1})
        return session.client(service, region_name=region, endpoint_url=self.proxy.url, config=config)


@pytest.fixture
def regions(tmp_path: Path) -> Iterator[Regions]:
    with running(tmp_path) as endpoint:
        proxy = AwsProxy(endpoint)
        with proxy.listening():
            yield Regions(endpoint, proxy)


def test_a_region_that_is_away_answers_nobody_and_the_other_one_everybody(regions: Regions) -> None:
    for away, error in ((regions.proxy.without, ConnectionClosedError), (regions.proxy.silent, ReadTimeoutError)):
        with away(HOME):
            for read in (regions.item, regions.secret):
                assert read(OWN) == "1"
                with pytest.raises(error):
                    read(HOME)
        assert (regions.item(HOME), regions.secret(HOME)) == ("1", "1")


def test_what_lags_is_as_it_was_until_it_is_released(regions: Regions) -> None:
    with regions.proxy.lagging(OWN):
        for region in (HOME, OWN):
            regions.store(region, "2")
        assert (regions.item(HOME), regions.secret(HOME)) == ("2", "2")
        assert (regions.item(OWN), regions.secret(OWN)) == ("1", "1")
        regions.create(OWN, "sms-receiver/new/access")
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            regions.secret(OWN, "sms-receiver/new/access")
    assert (regions.item(OWN), regions.secret(OWN)) == ("2", "2")
    assert regions.secret(OWN, "sms-receiver/new/access") == "new"


def test_the_secrets_may_lag_alone(regions: Regions) -> None:
    with regions.proxy.lagging(OWN, "secretsmanager"):
        regions.store(OWN, "2")
        assert (regions.item(OWN), regions.secret(OWN)) == ("2", "1")
