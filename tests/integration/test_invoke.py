"""A handler in this process, as docs/debugging.md has it: with what its deployed function would have."""

import io
import zipfile
from typing import Any

import pytest

from devstack.aws import ADMINISTRATOR, LocalAws
from devstack.invoke import Context, environment, invoke
from devstack.state import DeployedStage, StackState
from tests.fakes import credential, inbound, managed_tenant, sample
from tests.integration.aws_stub import SEND, AwsStub
from tests.integration.events import webhook_event

SETTINGS = {"STAGE": "south", "STATE_TABLE": "state"}


def test_a_handler_gets_the_environment_of_its_deployed_function(local_aws: str) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("handler.py", "")
    LocalAws(local_aws).lambdas("us-east-2").create_function(
        FunctionName="sms-receiver-south-receiver",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/receiver",
        Handler="handler.handler",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": SETTINGS},
    )
    stage = DeployedStage("us-east-2", "https://south.example.com", "api", {}, {})
    running = StackState(local_aws, ADMINISTRATOR, "http://127.0.0.1:9", {"south": stage}, "fingerprint", {})
    assert environment(running, "south", "receiver") == SETTINGS | {
        "AWS_ENDPOINT_URL": local_aws,
        "AWS_REGION": "us-east-2",
        "AWS_DEFAULT_REGION": "us-east-2",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_a_sample_without_a_key_is_refused_by_the_real_handler(aws: AwsStub) -> None:
    answer: Any = invoke("east", "receiver", sample("apigateway_proxy.json"))
    assert answer["statusCode"] == 401
    assert aws.asked.count(SEND) == 0


def test_a_signed_text_is_queued_by_the_real_handler(aws: AwsStub) -> None:
    writer, key = credential()
    aws.keep(managed_tenant(writer))
    answer: Any = invoke("east", "receiver", webhook_event(key, inbound()))
    assert answer["statusCode"] == 200
    assert aws.asked.count(SEND) == 1


def test_what_a_handler_raises_is_seen(aws: AwsStub) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        invoke("east", "authorizer", sample("apigateway_request_authorizer.json"))
    assert aws.asked == []


def test_nobody_hurries_a_function_that_is_looked_at_step_by_step() -> None:
    assert Context("sms-receiver-east-sender").get_remaining_time_in_millis() > 1_800_000
