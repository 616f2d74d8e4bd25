"""The zip's API and its workers on queues, under AWS's own runtime client, on a local AWS."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_secretsmanager import SecretsManagerClient
from mypy_boto3_sqs import SQSClient

from shared.aws.tenant_secrets import secret_name
from shared.tenants.agent import Agent, BackendSettings
from shared.tenants.record import SecretPart
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER, PERSON, credential, managed_tenant
from tests.forwarding_fakes import TEXT_ID, text
from tests.integration import stored_tenants
from tests.integration.conftest import ENVIRONMENT
from tests.integration.events import api_event, basic
from tests.integration.lambda_runtime import FunctionFailedError, running
from tests.integration.packages import Package
from tests.integration.tables import Tables

WRITER, KEY = credential()
SECONDS = 20
NOBODY = BackendSettings(
    "http", "https://backend.invalid/", signed=True, secrets=("whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",)
)


@dataclass
class Stack:
    """What the template's references mean here."""

    endpoint: str
    sqs: SQSClient
    secrets: SecretsManagerClient
    dynamodb: DynamoDBClient
    references: dict[str, str]

    def environment(self, package: Package, function: str, **changes: str) -> dict[str, str]:
        """A function's variables, as the template sets them."""
        properties = package.template["Resources"][f"{function.capitalize()}LambdaFunction"]["Properties"]
        given = {
            name: value if isinstance(value, str) else self.references.get(value.get("Ref"), "https://sms.example.com")
            for name, value in properties["Environment"]["Variables"].items()
        }
        aws = {name: value for name, value in ENVIRONMENT.items() if name.startswith("AWS_")}
        return {**aws, **given, **changes, "AWS_ENDPOINT_URL": self.endpoint}

    def keep(self, agent: Agent) -> None:
        """Stores the tenant with this agent, and a key."""
        tenant = managed_tenant(WRITER, agents=(agent,))
        for name, document in stored_tenants.secrets(tenant).items():
            self.secrets.create_secret(Name=name, SecretString=document)
        stored_tenants.put_directory(self.dynamodb, tenant)

    def put(self, queue: str, event: dict[str, Any]) -> None:
        self.sqs.send_message(
            QueueUrl=self.references[queue],
            MessageBody=json.dumps(event),
            MessageGroupId="group",
            MessageDeduplicationId=uuid4().hex,
        )

    def take(self, queue: str, *, receives: int = 1) -> dict[str, Any]:
        """What Lambda gets when the queue has something for it (AWS docs, "Using Lambda with Amazon SQS")."""
        got = self.sqs.receive_message(
            QueueUrl=self.references[queue],
            VisibilityTimeout=SECONDS,
            WaitTimeSeconds=2,
            MessageSystemAttributeNames=["All"],
        )
        records = [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"] | {"ApproximateReceiveCount": str(receives)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{self.references[queue].rpartition('/')[2]}",
            }
            for message in got.get("Messages", [])
        ]
        assert records, f"nothing is on {queue}"
        return {"Records": records}


@pytest.fixture
def stack(tables: Tables, directory_table: str) -> Iterator[Stack]:
    """Fresh queues and tables; the tenant is gone afterwards."""
    assert directory_table
    session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")
    sqs = session.client("sqs", "us-east-1", endpoint_url=tables.endpoint)
    secrets = session.client("secretsmanager", "us-east-1", endpoint_url=tables.endpoint)
    references = {"ClaimsTable": tables.claims, "StateTable": tables.state}
    for name in ("InboundQueue", "OutboundQueue"):
        made = sqs.create_queue(QueueName=f"{uuid4().hex}.fifo", Attributes={"FifoQueue": "true"})
        references[name] = made["QueueUrl"]
    yield Stack(tables.endpoint, sqs, secrets, tables.dynamodb, references)
    for part in SecretPart:
        secrets.delete_secret(SecretId=secret_name("acme", part), ForceDeleteWithoutRecovery=True)


def agent(backend: BackendSettings) -> Agent:
    return replace(DESK, backend=backend)


@pytest.fixture
def packaged(packages: dict[str, Package]) -> Package:
    return packages["east"]


def test_the_forwarder_answers_a_text_and_again_without_asking_again(
    packaged: Package, stack: Stack, tables: Tables, tmp_path: Path
) -> None:
    stack.keep(agent(BackendSettings("echo")))
    stack.put("InboundQueue", text("Grüße 🌍"))
    delivery, environment = stack.take("InboundQueue"), stack.environment(packaged, "forwarder")
    with running(
        packaged.zip, "handlers.forwarder.lambda_handler", folder=tmp_path, environment=environment
    ) as forwarder:
        said = [forwarder.invoke(delivery), forwarder.invoke(delivery)]
    assert said == [{"batchItemFailures": []}] * 2
    (queued,) = stack.take("OutboundQueue")["Records"]  # the second was swallowed: it has the same id
    event = json.loads(queued["body"])
    assert (event["id"], event["data"]["text"], event["data"]["to"]) == (f"{TEXT_ID}-1", "Grüße 🌍", PERSON)
    assert [item["status"] for item in tables.items(tables.claims)] == [{"S": "COMPLETED"}]
    for secret in (PERSON, OUR_NUMBER, "Grüße", KEY):
        assert secret not in forwarder.log.read_text()
    told = [json.loads(line) for line in forwarder.log.read_text().splitlines() if '"_aws"' in line]
    assert [(line["message"], line.get("ColdStart"), line.get("Duplicate")) for line in told] == [
        ("Answered", 1, None),
        ("Answered", None, 1),
    ]


def received(delivery: dict[str, Any], times: int) -> dict[str, Any]:
    for record in delivery["Records"]:
        record["attributes"]["ApproximateReceiveCount"] = str(times)
    return delivery


def test_the_forwarder_wants_a_text_again_later_and_at_last_parks_it(
    packaged: Package, stack: Stack, tables: Tables, tmp_path: Path
) -> None:
    stack.keep(agent(NOBODY))
    stack.put("InboundQueue", text())
    delivery, environment = stack.take("InboundQueue"), stack.environment(packaged, "forwarder")
    (record,) = delivery["Records"]
    with running(
        packaged.zip, "handlers.forwarder.lambda_handler", folder=tmp_path, environment=environment
    ) as forwarder:
        *again, done = (forwarder.invoke(received(delivery, times)) for times in range(1, 6))
    wanted_again = {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    assert again == [wanted_again] * 4, forwarder.log.read_text()
    assert done == {"batchItemFailures": []}
    (parked,) = (item for item in tables.items(tables.state) if item["pk"] == {"S": "parked#acme"})
    assert parked["reason"] == {"S": "backend_unavailable"}
    (apology,) = stack.take("OutboundQueue")["Records"]
    assert json.loads(apology["body"])["id"] == f"{TEXT_ID}-f-1"


def test_the_sender_wants_a_reply_again_while_the_provider_is_away(
    packaged: Package, stack: Stack, tmp_path: Path
) -> None:
    stack.keep(agent(BackendSettings("echo")))
    api = stack.environment(packaged, "api")
    with running(packaged.zip, "handlers.api.lambda_handler", folder=tmp_path / "api", environment=api) as function:
        body = json.dumps({"from": OUR_NUMBER, "to": PERSON, "text": "Hello.", "account": ACCOUNT})
        assert function.invoke(api_event(KEY, body))["statusCode"] == 202
        assert function.invoke(api_event(KEY[:-1], body))["statusCode"] == 401
    delivery = stack.take("OutboundQueue")
    sender = stack.environment(packaged, "sender", TWILIO_URL="http://127.0.0.1:9")
    with running(packaged.zip, "handlers.sender.lambda_handler", folder=tmp_path, environment=sender) as function:
        again = function.invoke(delivery)
    assert again == {"batchItemFailures": [{"itemIdentifier": delivery["Records"][0]["messageId"]}]}
    for secret in (PERSON, OUR_NUMBER, "Hello", KEY, basic(KEY)):
        assert secret not in function.log.read_text()


@pytest.mark.parametrize("function", ["forwarder", "sender"])
def test_a_worker_without_its_settings_fails_with_all_their_names(
    packaged: Package, stack: Stack, tmp_path: Path, function: str
) -> None:
    stack.keep(agent(BackendSettings("echo")))
    environment = stack.environment(packaged, function, CLAIMS_TABLE="", RETRY_DELAYS_SECONDS="soon")
    with (
        running(
            packaged.zip, f"handlers.{function}.lambda_handler", folder=tmp_path, environment=environment
        ) as worker,
        pytest.raises(FunctionFailedError, match=r"CLAIMS_TABLE is not set; RETRY_DELAYS_SECONDS must be numbers"),
    ):
        worker.invoke({"Records": []})
