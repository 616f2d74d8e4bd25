"""A loopback stand-in for what the Lambdas call: GetSecretValue, SendMessage, ChangeMessageVisibility and a claim."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from shared.tenants import document
from shared.tenants.tenant import Tenant
from tests.integration.loopback import serving

READ, SEND, CLAIM = "secretsmanager.GetSecretValue", "AmazonSQS.SendMessage", "DynamoDB_20120810.PutItem"
POSTPONE = "AmazonSQS.ChangeMessageVisibility"


@dataclass
class AwsStub:
    """What AWS holds, what it was asked, and what it fails at.

    `failing` maps an operation to the status, the code and the message of its failure.
    """

    url: str = ""
    secrets: dict[str, str] = field(default_factory=dict)
    queued: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    postponed: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    failing: dict[str, tuple[int, str, str]] = field(default_factory=dict)

    def keep(self, tenant: Tenant) -> None:
        """Stores a tenant's document."""
        self.secrets["sms-receiver/" + tenant.id] = document.dumps(tenant)

    def answer(self, operation: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """A status and the answer's JSON."""
        self.asked.append(operation)
        if operation in self.failing:
            status, code, message = self.failing[operation]
            return status, {"__type": code, "message": message}
        if operation == SEND:
            self.queued.append(asked)
            digest = hashlib.md5(asked["MessageBody"].encode(), usedforsecurity=False).hexdigest()
            return 200, {"MessageId": "m", "MD5OfMessageBody": digest, "SequenceNumber": "1"}
        if operation.startswith("DynamoDB_"):
            return self._claim(operation.partition(".")[2], asked)
        if operation == POSTPONE:
            self.postponed.append(asked)
            return 200, {}
        name = asked["SecretId"]
        if name not in self.secrets:
            return 400, {"__type": "ResourceNotFoundException", "message": "can't find the specified secret."}
        return 200, {"Name": name, "VersionId": "v" * 32, "SecretString": self.secrets[name]}

    def _claim(self, operation: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Just what a claim asks of its table; no claim is ever too old here."""
        claim_id: str = (asked.get("Item") or asked["Key"])["id"]["S"]
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
