"""Both tables on the local AWS, fresh, and whoever is to use them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Tables:
    """The names of the tables, empty to begin with, and where they are."""

    endpoint: str
    dynamodb: DynamoDBClient
    claims: str
    state: str

    def another(self) -> DynamoDBClient:
        """A client of its own, as another Lambda has one."""
        return client(self.endpoint)

    def items(self, table: str) -> list[dict[str, Any]]:
        """All that stands in a table, in DynamoDB's own form."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [dict(item) for page in pages for item in page["Items"]]


@pytest.fixture
def tables(local_aws: str, dynamodb: DynamoDBClient, claims_table: str, state_table: str) -> Tables:
    return Tables(local_aws, dynamodb, claims_table, state_table)


def client(endpoint: str) -> DynamoDBClient:
    """A client that does not wait long for what is not there, and asks once."""
    return _session().client(
        "dynamodb",
        "us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}, proxies={}),
    )


@cache
def _session() -> boto3.Session:
    return boto3.Session()  # reading botocore's data takes most of a client's time
