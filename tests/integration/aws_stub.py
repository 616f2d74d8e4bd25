"""A loopback stand-in for what the Lambdas call: secrets, the directory, SQS, and a claim."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from operations.tenants.managed_tenant import ManagedTenant
from shared.tenants.directory_items import TABLE
from tests.integration import stored_tenants
from tests.integration.loopback import serving

READ, SEND, CLAIM = "secretsmanager.GetSecretValue", "AmazonSQS.SendMessage", "DynamoDB_20120810.PutItem"
LOOK_UP, COUNT = "DynamoDB_20120810.GetItem", "DynamoDB_20120810.UpdateItem"
POSTPONE = "AmazonSQS.ChangeMessageVisibility"


@dataclass
class AwsStub:
    """What AWS holds, what it was asked, and what it fails at.

    Attributes:
        directory: the directory's items by partition and sort key.
        failing: an operation, or `<operation> <queue's URL>`, and the status, the code and the message of its failure.
    """

    url: str = ""
    secrets: dict[str, str] = field(default_factory=dict)
    directory: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    queued: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    postponed: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    failing: dict[str, tuple[int, str, str]] = field(default_factory=dict)

    def keep(self, tenant: ManagedTenant, numbers: Mapping[str, str] | None = None) -> None:
        """Stores a tenant; `numbers` are agents' ids, by default its first agent has OUR_NUMBER."""
        self.secrets |= stored_tenants.secrets(tenant)
        self.directory |= {
            (item["pk"]["S"], item["sk"]["S"]): item for item in stored_tenants.directory(tenant, numbers)
        }

    def answer(self, operation: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """A status and the answer's JSON."""
        self.asked.append(operation)
        failure = self.failing.get(operation) or self.failing.get(f"{operation} {asked.get('QueueUrl')}")
        if failure:
            status, code, message = failure
            return status, {"__type": code, "message": message}
        if operation == SEND:
            self.queued.append(asked)
            digest = hashlib.md5(asked["MessageBody"].encode(), usedforsecurity=False).hexdigest()
            return 200, {"MessageId": "m", "MD5OfMessageBody": digest, "SequenceNumber": "1"}
        if operation == POSTPONE:
            self.postponed.append(asked)
            return 200, {}
        if operation == READ:
            return self._read(asked["SecretId"])
        if asked["TableName"] == TABLE:
            item = self.directory.get((asked["Key"]["pk"]["S"], asked["Key"]["sk"]["S"]))
            return 200, {"Item": item} if item else {}
        return self._claim(operation.partition(".")[2], asked)

    def _read(self, name: str) -> tuple[int, dict[str, Any]]:
        if name not in self.secrets:
            return 400, {"__type": "ResourceNotFoundException", "message": "can't find the specified secret."}
        text = self.secrets[name]
        return 200, {"Name": name, "VersionId": stored_tenants.version(text), "SecretString": text}

    def _keep(self, key: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What the state table says to a count, for which there is always room, and of a reply, which it never has."""
        if key["sk"]["S"] == "reply":
            return 400, {"__type": "ConditionalCheckFailedException", "message": "The conditional request failed"}
        return 200, {}

    def _claim(self, operation: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Just what a claim asks of its table, and a count of its; no claim is ever too old here."""
        key = asked.get("Item") or asked["Key"]
        if "id" not in key:
            return self._keep(key)
        claim_id: str = key["id"]["S"]
        if operation == "PutItem":
            if claim_id in self.claims:
                code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
                return 400, {"__type": code, "message": "exists", "Item": self.claims[claim_id]}
            self.claims[claim_id] = asked["Item"]
        elif operation == "DeleteItem":
            self.claims.pop(claim_id, None)
        else:
            names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
            set_to = re.findall(r"(#\w+) = (:\w+)", asked["UpdateExpression"])
            self.claims[claim_id] |= {names[name]: values[value] for name, value in set_to}
        return 200, {}


@contextmanager
def running() -> Iterator[AwsStub]:
    """The stub, on a free port of 127.0.0.1."""
    stub = AwsStub()

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = stub.answer(self.headers["X-Amz-Target"], asked)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing: what is logged in these tests is under test."""

    with serving(Requests) as address:
        stub.url = f"http://{address}"
        yield stub
