"""The directory on the local AWS: fresh and empty for each test, with agents to give numbers to."""

from collections.abc import Iterator

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from shared.tenants import directory_items as items
from shared.tenants.agent import Agent, AgentKind


def make_directory_table(dynamodb: DynamoDBClient) -> None:
    """Makes the table, laid out as the template has it."""
    dynamodb.create_table(
        TableName=items.TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )


@pytest.fixture
def directory_table(dynamodb: DynamoDBClient) -> Iterator[str]:
    """The name of the table, fresh and empty."""
    make_directory_table(dynamodb)
    yield items.TABLE
    dynamodb.delete_table(TableName=items.TABLE)


def put_agent(dynamodb: DynamoDBClient, tenant_id: str, agent_id: str) -> None:
    """Stores an agent."""
    key = items.agent_key(tenant_id, agent_id)
    document = items.dump_agent(Agent(agent_id, agent_id, AgentKind.SMS, "east"))
    item = {"pk": key.pk, "sk": key.sk, "document": document, "version": "1"}
    dynamodb.put_item(TableName=items.TABLE, Item={name: {"S": value} for name, value in item.items()})
