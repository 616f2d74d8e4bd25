"""The handlers as AWS runs them: settings in the environment, boto3 over HTTP, to a loopback stub."""

from collections.abc import Callable, Iterator

import pytest

from handlers import telemetry
from shared.providers.twilio.message_api import TwilioRest
from shared.telemetry import LogEvent
from shared.wiring import api as wiring_api
from shared.wiring import authorizer, receiver, statuses
from shared.wiring import aws as wiring_aws
from shared.wiring import tenants as wiring_tenants
from tests.integration.aws_stub import AwsStub, running
from tests.integration.directory_table import directory_table
from tests.integration.local_aws import claims_table, dynamodb, local_aws, state_table
from tests.integration.packages import Package, built, make_package
from tests.integration.tables import tables
from tests.integration.twilio_stub import TwilioStub
from tests.integration.twilio_stub import running as twilio_running

__all__ = ["claims_table", "directory_table", "dynamodb", "local_aws", "state_table", "tables"]  # fixtures

ENVIRONMENT = {
    "STAGE": "east",
    "HOME_REGION": "us-east-1",
    "TENANT_CACHE_SECONDS": "60",
    "TENANT_REREAD_SECONDS": "5",
    "METRICS_AGENTS": "none",
    "INBOUND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/inbound.fifo",
    "OUTBOUND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/outbound.fifo",
    "REMINDER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/reminders",
    "JOURNAL_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/journal",
    "PUBLIC_BASE_URL": "https://sms-east.example.com",
    "STATE_TABLE": "state",
    "CLAIMS_TABLE": "claims",
    "CLAIM_LIFE_SECONDS": "2592000",
    "USAGE_LIFE_DAYS": "400",
    "ANSWER_MESSAGES_MAX": "10",
    "SEND_LIMIT_CREDENTIAL": "300",
    "SEND_LIMIT_TENANT": "600",
    "SEND_LIMIT_SECONDS": "60",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def forget() -> None:
    """Makes the next call of a handler a cold start."""
    for wired in (authorizer, wiring_aws, wiring_tenants, receiver, statuses, wiring_api):
        for made in vars(wired).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()


@pytest.fixture(scope="session")
def aws_server() -> Iterator[AwsStub]:
    with running() as stub:
        yield stub


@pytest.fixture
def aws(aws_server: AwsStub, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsStub]:
    """An empty AWS, and a cold start of the handlers that are to use it."""
    stub = aws_server
    for kept in (stub.secrets, stub.directory, stub.queued, stub.postponed, stub.claims, stub.asked, stub.failing):
        kept.clear()
    for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL": aws_server.url}).items():
        monkeypatch.setenv(name, value)
    forget()
    yield aws_server
    forget()


@pytest.fixture(autouse=True, scope="session")
def warm() -> None:
    """The first line of an environment counts a cold start; a test of the packaged zip sees it."""
    telemetry.record(LogEvent.TOLD)


@pytest.fixture(autouse=True)
def logged(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Everything that was written since the last call, to stdout and stderr."""

    def read() -> str:
        written = capsys.readouterr()
        return written.out + written.err

    return read


@pytest.fixture
def twilio() -> Iterator[TwilioStub]:
    """A stub of Twilio's REST API."""
    with twilio_running() as stub:
        yield stub


@pytest.fixture
def api(twilio: TwilioStub) -> TwilioRest:
    """What asks it."""
    return TwilioRest(twilio.url, timeout_seconds=5)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Package]:
    """Both stages as `make package` left them, or packaged anew when that is missing or out of date."""
    return {stage: built(stage) or make_package(stage, tmp_path_factory.mktemp(stage)) for stage in ("east", "south")}


@pytest.fixture(params=["east", "south"])
def package(request: pytest.FixtureRequest, packages: dict[str, Package]) -> Package:
    """Each stage's package in turn."""
    return packages[request.param]
