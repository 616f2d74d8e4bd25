"""What a Lambda makes before its first request, and that it makes nothing elsewhere."""

import subprocess
import sys

import pytest

from tests.unit.test_architecture import ROOT

SETTINGS = {
    "STAGE": "east",
    "TENANT_CACHE_SECONDS": "60",
    "TENANT_REREAD_SECONDS": "5",
    "INBOUND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/inbound.fifo",
    "PUBLIC_BASE_URL": "https://sms-east.example.com",
    "STATE_TABLE": "state",
    "CLAIM_LIFE_SECONDS": "2592000",
    "OUTBOUND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/outbound.fifo",
    "CLAIMS_TABLE": "claims",
    "PARKED_LIFE_SECONDS": "1209600",
    "RETRY_DELAYS_SECONDS": "5,30",
    "TWILIO_URL": "https://api.twilio.com",
    "PROVIDER_TIMEOUT_SECONDS": "8",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}
ON_LAMBDA = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
QUESTION = """
import gc
from handlers import receiver
print(receiver.receiving.receiver.cache_info().currsize, gc.isenabled(), gc.get_freeze_count() > 10_000)
"""

LATECOMERS = """
import sys
from handlers import sender
from twilio.rest import Client
started = set(sys.modules)
Client("AC1", "token").messages.create
print(len(set(sys.modules) - started))
"""


def started(environment: dict[str, str], question: str = QUESTION) -> str:
    """The answer; of QUESTION: whether the receiver was made, garbage is collected, and what was made never will be."""
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", question], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_on_lambda_all_that_a_request_needs_is_made_at_the_start() -> None:
    assert started(SETTINGS | ON_LAMBDA) == "1 True True"


def test_the_first_message_does_not_wait_for_what_twilios_library_imports_for_it() -> None:
    assert started(SETTINGS | ON_LAMBDA, LATECOMERS) == "0"
    assert int(started(SETTINGS, LATECOMERS)) > 50


def test_elsewhere_nothing_is_made() -> None:
    assert started(SETTINGS) == "0 True False"


@pytest.mark.parametrize("missing", ["STAGE", "INBOUND_QUEUE_URL"])
def test_settings_that_are_wrong_do_not_keep_a_lambda_from_starting_for_its_first_answer_tells_them(
    missing: str,
) -> None:
    environment = {name: value for name, value in SETTINGS.items() if name != missing}
    assert started(environment | ON_LAMBDA) == "0 True True"
