"""The benchmark's hand-made floor does all the work that it is the limit of.

It is the one contestant that is written here from nothing; the peers' packages are not installed, and the benchmark
proves them before it measures.
"""

import importlib.util
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bench.contract import prove, webhook
from tests.fakes import TOKEN
from tests.integration.aws_stub import READ, SEND, AwsStub
from tests.integration.conftest import ENVIRONMENT
from tests.integration.lambda_runtime import FunctionFailedError, Packaged, running

HANDLER = Path(__file__).parents[2] / "bench" / "contestants" / "handmade" / "handler.py"
KEY = "k3y" + "a" * 40
CONTRACT = {"QUEUE_URL": ENVIRONMENT["INBOUND_QUEUE_URL"], "SECRET_ID": "bench"}


@pytest.fixture
def floor(aws: AwsStub, tmp_path: Path) -> Iterator[Packaged]:
    aws.secrets["bench"] = f'{{"api_key": "{KEY}", "auth_token": "{TOKEN}"}}'
    package = tmp_path / "handmade.zip"
    with zipfile.ZipFile(package, "w") as contents:
        contents.write(HANDLER, HANDLER.name)
    environment = {**ENVIRONMENT, **CONTRACT, "AWS_ENDPOINT_URL": aws.url}
    with running(package, "handler.lambda_handler", folder=tmp_path, environment=environment) as function:
        yield function


def test_the_floor_does_the_work_of_the_contract_in_one_call_a_text(aws: AwsStub, floor: Packaged) -> None:
    prove(floor.invoke, lambda: aws.queued, key=KEY)

    assert aws.asked == [READ, SEND, SEND, SEND]


def test_the_floor_does_not_acknowledge_what_it_could_not_queue(aws: AwsStub, floor: Packaged) -> None:
    aws.failing[SEND] = (503, "ServiceUnavailable", "away")

    with pytest.raises(FunctionFailedError, match="SendMessage was answered with 503"):
        floor.invoke(webhook(KEY))


class Connection:
    """What of an http.client.HTTPConnection is needed; it keeps what it was asked."""

    status = 200

    def request(self, _method: str, _path: str, body: bytes, headers: dict[str, str]) -> None:
        self.body, self.headers = body, headers

    def getresponse(self) -> "Connection":
        return self

    def read(self) -> bytes:
        return b"{}"


def test_the_floor_signs_as_the_library_of_aws_does(aws: AwsStub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CONTRACT.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("handmade", HANDLER)
    assert spec
    assert spec.loader
    handmade = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(handmade)
    connection = Connection()

    handmade.Aws("sqs", connection).ask(SEND, {"MessageBody": "naïve ☕"})

    given = dict(connection.headers)
    signature = given.pop("Authorization").rpartition("Signature=")[2]
    request = AWSRequest("POST", aws.url, data=connection.body, headers=given)
    request.context["timestamp"] = given["X-Amz-Date"]
    credentials = Credentials(ENVIRONMENT["AWS_ACCESS_KEY_ID"], ENVIRONMENT["AWS_SECRET_ACCESS_KEY"])
    signer = SigV4Auth(credentials, "sqs", ENVIRONMENT["AWS_REGION"])
    assert signature == signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
