"""A DynamoDB to try expressions on: the local AWS, on a free port of 127.0.0.1, for as long as the tests run."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from mypy_boto3_dynamodb import DynamoDBClient

from devstack.aws import ADMINISTRATOR
from devstack.state import ROOT

LOCAL_VENV = Path(__file__).parents[2] / ".venv-local"
_OPEN = build_opener(ProxyHandler({})).open  # the loopback is not behind a proxy


_MINISTACK = (str(LOCAL_VENV / "bin" / "ministack"),)


@contextmanager
def running(scratch: Path, command: Sequence[str] = _MINISTACK, **variables: str) -> Iterator[str]:
    """The endpoint of a local AWS of its own, and empty, with further variables in its environment."""
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": f"{LOCAL_VENV}/bin:/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        **variables,
    }
    with (scratch / "log").open("wb") as log:
        running = subprocess.Popen(  # noqa: S603 - our own local AWS
            command, env=environment, cwd=scratch, stdout=log, stderr=log
        )
    try:
        _wait_for(endpoint, running, scratch / "log")
        yield endpoint
    finally:
        running.terminate()
        try:
            running.wait(5)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def guarded(scratch: Path) -> Iterator[str]:
    """The endpoint of a local AWS as the local stack starts it, with IAM and the weaknesses of the real one.

    Its decisions are in the file `decisions`, and its switches in `weaknesses`.
    """
    program = [str(LOCAL_VENV / "bin" / "python"), "-P", str(ROOT / "devstack" / "guarded_aws.py")]
    files = [str(scratch / name) for name in ("weaknesses", "decisions")]
    environment = {"AUTH": "true", "LAMBDA_EXECUTOR": "local", "MINISTACK_HOST": "127.0.0.1"}
    with running(scratch, [*program, *files], **environment, **ADMINISTRATOR.environment) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of one for all tests."""
    with running(tmp_path_factory.mktemp("aws")) as endpoint:
        yield endpoint


@contextmanager
def client(endpoint: str) -> Iterator[DynamoDBClient]:
    """DynamoDB's client."""
    made = boto3.client(
        "dynamodb",
        "us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1}, proxies={}),
    )
    with closing(made):
        yield made


@pytest.fixture(scope="session")
def dynamodb(local_aws: str) -> Iterator[DynamoDBClient]:
    """DynamoDB's client."""
    with client(local_aws) as made:
        yield made


@pytest.fixture
def state_table(dynamodb: DynamoDBClient) -> Iterator[str]:
    """The name of a fresh, empty state table."""
    name = f"state-{uuid4().hex}"
    make_state_table(dynamodb, name)
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.fixture
def claims_table(dynamodb: DynamoDBClient) -> Iterator[str]:
    """The name of a fresh, empty claims table."""
    name = f"claims-{uuid4().hex}"
    make_claims_table(dynamodb, name)
    yield name
    dynamodb.delete_table(TableName=name)


def make_state_table(dynamodb: DynamoDBClient, name: str) -> None:
    """Laid out as the template has it."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"}
            for attribute in ("pk", "sk", "provider_message_id", "waiting_tenant", "due_at")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "message_id-index",
                "KeySchema": [{"AttributeName": "provider_message_id", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                "IndexName": "waiting-index",
                "KeySchema": [
                    {"AttributeName": "waiting_tenant", "KeyType": "HASH"},
                    {"AttributeName": "due_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            },
        ],
    )


def make_claims_table(dynamodb: DynamoDBClient, name: str) -> None:
    """Laid out as the template has it."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )


def _wait_for(endpoint: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and running.poll() is None:
        with suppress(URLError, OSError), _OPEN(f"{endpoint}/_ministack/health", timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    message = f"the local AWS is not there: {log.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(message)
