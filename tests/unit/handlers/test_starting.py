"""What a Lambda makes before its first request, and that it makes nothing elsewhere."""

import subprocess
import sys

import pytest

from tests.unit.project.test_architecture import ROOT
from tests.unit.test_settings import FORWARDER

SETTINGS = {
    **FORWARDER,
    "TWILIO_URL": "https://api.twilio.com",
    "PROVIDER_TIMEOUT_SECONDS": "8",
    "RESEND_DELAYS_SECONDS": "60,300",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}
ON_LAMBDA = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
MAKERS = {
    "authorizer": "wiring.tenants",
    "receiver": "wiring.receiver",
    "statuses": "wiring.status_receiver",
    "api": "wiring.submitter",
    "forwarder": "wiring.forwarder",
    "sender": "wiring.sender",
}
QUESTION = """
import gc
from handlers import {handler}
print({handler}.{maker}.cache_info().currsize, gc.isenabled(), gc.get_freeze_count() > 10_000)
"""

DIRECTORY = """
import sys
from handlers import {handler}
from shared.wiring import aws
print("shared.aws.directory" in sys.modules, aws.dynamodb.cache_info().currsize)
"""

LATECOMERS = """
import sys
from handlers import sender
from twilio.rest import Client
started = set(sys.modules)
Client("AC1", "token").messages.create
print(len(set(sys.modules) - started))
"""


def answer(question: str, environment: dict[str, str]) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", question], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def started(handler: str, environment: dict[str, str]) -> str:
    """Whether what it needs was made, garbage is collected, and what was made counts as garbage never to be."""
    return answer(QUESTION.format(handler=handler, maker=MAKERS[handler]), environment)


@pytest.mark.parametrize("handler", MAKERS)
def test_on_lambda_all_that_a_request_needs_is_made_at_the_start(handler: str) -> None:
    assert started(handler, SETTINGS | ON_LAMBDA) == "1 True True"


@pytest.mark.parametrize("handler", ["authorizer", "receiver"])
def test_a_webhook_does_not_wait_for_the_directory(handler: str) -> None:
    assert answer(DIRECTORY.format(handler=handler), SETTINGS | ON_LAMBDA) == "False 0"


@pytest.mark.parametrize("handler", ["statuses", "api", "forwarder", "sender"])
def test_a_worker_does_not_make_its_first_message_wait_for_the_directory(handler: str) -> None:
    assert answer(DIRECTORY.format(handler=handler), SETTINGS | ON_LAMBDA) == "True 1"


def test_the_first_message_does_not_wait_for_what_twilios_library_imports_for_it() -> None:
    assert answer(LATECOMERS, SETTINGS | ON_LAMBDA) == "0"
    without_us = LATECOMERS.replace("from handlers import sender\n", "")
    assert int(answer(without_us, SETTINGS)) > 50


def test_elsewhere_nothing_is_made() -> None:
    assert started("receiver", SETTINGS) == "0 True False"


@pytest.mark.parametrize("missing", ["STAGE", "INBOUND_QUEUE_URL"])
def test_settings_that_are_wrong_do_not_keep_a_lambda_from_starting_for_its_first_answer_tells_them(
    missing: str,
) -> None:
    environment = {name: value for name, value in SETTINGS.items() if name != missing}
    assert started("receiver", environment | ON_LAMBDA) == "0 True True"
