"""The tables of a stage and the directory, on a local AWS."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mypy_boto3_dynamodb import DynamoDBClient

from bench.roster import CLAIMS_TABLE, STATE_TABLE
from bench.webhook_events import WRITER
from shared.tenants.agent import Agent
from tests.fakes import managed_tenant
from tests.integration import local_aws, stored_tenants
from tests.integration.directory_table import make_directory_table


@dataclass(frozen=True)
class Tables:
    """A local DynamoDB.

    Args:
        client: Reads and writes the tables.
        environment: The variable with its address.
    """

    client: DynamoDBClient
    environment: Mapping[str, str]


@contextmanager
def running(agent: Agent) -> Iterator[Tables]:
    """The empty tables of a stage, and a directory with a tenant that has this agent."""
    with (
        TemporaryDirectory(prefix="bench-") as scratch,
        local_aws.running(Path(scratch)) as address,
        local_aws.client(address) as client,
    ):
        local_aws.make_state_table(client, STATE_TABLE)
        local_aws.make_claims_table(client, CLAIMS_TABLE)
        make_directory_table(client)
        stored_tenants.put_directory(client, managed_tenant(WRITER, agents=(agent,)))
        yield Tables(client, {"AWS_ENDPOINT_URL_DYNAMODB": address})
