"""The zip of each stage, as `sls package` makes it, under AWS's own runtime client and with nothing else installed."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.fakes import credential, inbound, managed_tenant
from tests.integration.aws_stub import SEND, AwsStub
from tests.integration.conftest import ENVIRONMENT
from tests.integration.events import authorizer_event, basic, webhook_event
from tests.integration.lambda_runtime import FunctionFailedError, running
from tests.integration.packages import Package

AUTHORIZER, RECEIVER = "handlers.authorizer.lambda_handler", "handlers.receiver.lambda_handler"
FORWARDER, SENDER = "handlers.forwarder.lambda_handler", "handlers.sender.lambda_handler"
API = "handlers.api.lambda_handler"
WRITER, KEY = credential()


def test_the_authorizer_lets_a_good_key_pass_and_no_other(package: Package, aws: AwsStub, tmp_path: Path) -> None:
    aws.keep(managed_tenant(WRITER))
    environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": aws.url}

    with running(package.zip, AUTHORIZER, folder=tmp_path, environment=environment) as authorizer:
        policy = authorizer.invoke(authorizer_event(basic(KEY)))
        with pytest.raises(FunctionFailedError, match="Unauthorized"):
            authorizer.invoke(authorizer_event(basic(KEY[:-1])))

    assert policy["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert KEY not in authorizer.log.read_text()


def test_the_receiver_queues_a_text_and_refuses_a_forged_one(package: Package, aws: AwsStub, tmp_path: Path) -> None:
    aws.keep(managed_tenant(WRITER))
    environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": aws.url}
    text = inbound()

    with running(package.zip, RECEIVER, folder=tmp_path, environment=environment) as receiver:
        accepted = receiver.invoke(webhook_event(KEY, text))
        forged = receiver.invoke(webhook_event(KEY, inbound(MessageSid="SM" + "0" * 32), token="another"))

    assert (accepted["statusCode"], forged["statusCode"]) == (200, 403)
    assert aws.asked.count(SEND) == 1
    assert json.loads(aws.queued[0]["MessageBody"])["id"] == dict(text)["MessageSid"]


@pytest.mark.parametrize(
    ("function", "requirement"),
    [
        *((RECEIVER, name) for name in ("botocore", "cachetools", "twilio")),
        *((API, name) for name in ("aws_lambda_powertools", "serverless_wsgi", "werkzeug")),
        *((FORWARDER, name) for name in ("boto3", "standardwebhooks")),
        *((SENDER, name) for name in ("requests", "twilio")),
    ],
)
def test_a_zip_that_lacks_a_requirement_does_not_start(
    packages: dict[str, Package], aws: AwsStub, tmp_path: Path, function: str, requirement: str
) -> None:
    """So that the tests above cannot pass by what is installed here."""
    lacking = tmp_path / "lacking.zip"
    with zipfile.ZipFile(packages["east"].zip) as whole, zipfile.ZipFile(lacking, "w") as part:
        for name in whole.namelist():
            if not name.startswith((f"{requirement}/", f"{requirement}.py")):
                part.writestr(name, whole.read(name))

    environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": aws.url}
    with (
        running(lacking, function, folder=tmp_path, environment=environment) as lame,
        pytest.raises(FunctionFailedError) as failed,
    ):
        lame.invoke(webhook_event(KEY, inbound()))

    assert f"No module named '{requirement}" in str(failed.value)
