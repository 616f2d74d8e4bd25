"""The sender and the receiver of statuses, as AWS runs them, with the offline Twilio between them.

Real records and claims on a DynamoDB; the queue is a list of what was queued.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from werkzeug.serving import make_server

from handlers import sender as sender_handler
from handlers import statuses
from shared.aws.parking import DynamoParking
from shared.aws.reply_records import DynamoReplies
from shared.messages.outbound import Reply
from shared.wiring import sender
from tests.e2e.waiting import until
from tests.fakes import ACCOUNT, LISTENING, OUR_NUMBER, PERSON, REST_SECRET, TOKEN, managed_tenant, sample
from tests.integration.aws_stub import AwsStub
from tests.integration.conftest import ENVIRONMENT
from tests.integration.events import delivered, with_headers
from tests.integration.loopback import serving
from tests.integration.stored_tenants import put_directory
from tests.unit.messages.outbound_events import outbound
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio

CONTEXT: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000, function_name="sender")
DONE: dict[str, object] = {"batchItemFailures": []}
RESEND = "sms.message.resend.v1"


class Gateway(BaseHTTPRequestHandler):
    """What API Gateway makes of a status webhook: an event for its function."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        event: Any = sample("apigateway_proxy.json") | {"path": self.path, "body": body}
        event["requestContext"] |= {"path": f"/east{self.path}"}
        with_headers(event, Authorization=None, **{name.replace("-", "_"): self.headers[name] for name in self.headers})
        answer = statuses.lambda_handler(event, None)
        self.send_response(answer["statusCode"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def twin() -> Iterator[httpx.Client]:
    """The offline Twilio, whose status webhooks come to the receiver."""
    server = make_server("127.0.0.1", 0, create_app(OfflineTwilio(time_scale=0.02)), threaded=True)
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    running.start()
    with serving(Gateway) as gateway:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as control:
            account = {"auth_token": TOKEN, "rest_keys": {"SK" + "4" * 32: REST_SECRET}}
            control.put(f"/accounts/{ACCOUNT}", json=account).raise_for_status()
            control.put(f"/numbers/{OUR_NUMBER}", json={"account_sid": ACCOUNT}).raise_for_status()
            control.put("/connections", json={"sms-east.example.com": f"http://{gateway}"}).raise_for_status()
            yield control
        server.shutdown()
        running.join()
        server.server_close()


@pytest.fixture(autouse=True)
def settings(  # noqa: PLR0913, PLR0917 - each is a part of the world
    aws: AwsStub,
    twin: httpx.Client,
    dynamodb: DynamoDBClient,
    local_aws: str,
    state_table: str,
    claims_table: str,
    directory_table: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """A cold start of both, with a tenant whose agent wants to hear of statuses."""
    assert directory_table
    tenant = managed_tenant(agents=(LISTENING,))
    aws.keep(tenant)
    put_directory(dynamodb, tenant)
    values = {
        "AWS_ENDPOINT_URL_DYNAMODB": local_aws,
        "STATE_TABLE": state_table,
        "CLAIMS_TABLE": claims_table,
        "PARKED_LIFE_SECONDS": "3600",
        "RETRY_DELAYS_SECONDS": "5,20",
        "OUTAGE_DELAYS_SECONDS": "15,30",
        "TWILIO_URL": str(twin.base_url),
        "PROVIDER_TIMEOUT_SECONDS": "5",
        "RESEND_DELAYS_SECONDS": "60,300",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    wired = (sender.settings, sender.adapters, sender.sender)
    for cached in wired:
        cached.cache_clear()
    yield
    for cached in wired:
        cached.cache_clear()


@pytest.fixture
def replies(dynamodb: DynamoDBClient, state_table: str) -> DynamoReplies:
    return DynamoReplies(dynamodb, state_table, life_seconds=3600)


@pytest.fixture
def parking(dynamodb: DynamoDBClient, state_table: str) -> DynamoParking:
    return DynamoParking(dynamodb, state_table, life_seconds=3600)


def send(event: dict[str, Any], *, receives: int = 1) -> object:
    return sender_handler.lambda_handler(delivered(json.dumps(event), receives=receives), CONTEXT)


def queued(aws: AwsStub, queue: str) -> list[dict[str, Any]]:
    """The events on a queue, each deduplication id once."""
    url = ENVIRONMENT[f"{queue}_QUEUE_URL"]
    by_id = {
        one["MessageDeduplicationId"]: json.loads(one["MessageBody"]) for one in aws.queued if one["QueueUrl"] == url
    }
    return list(by_id.values())


def record(replies: DynamoReplies) -> Reply:
    found = replies.find("acme", "SM42-1")
    assert found
    return found


def sent(twin: httpx.Client) -> list[tuple[str, str]]:
    return [(one["body"], one["status"]) for one in twin.get("/messages").json() if one["to"] == PERSON]


def test_what_failed_for_now_arrives_after_all_and_the_backend_hears_of_that_alone(
    aws: AwsStub, twin: httpx.Client, replies: DynamoReplies, parking: DynamoParking
) -> None:
    twin.post("/rest/failures", json={"kind": "fails_later", "error_code": 30001}).raise_for_status()
    assert send(outbound()) == DONE
    assert until(lambda: twin.get("/idle").json()["idle"], within_seconds=10)
    [resend] = queued(aws, "OUTBOUND")
    assert resend["type"] == RESEND

    assert send(resend) != DONE, "it waits first"
    assert send(resend, receives=2) == DONE
    assert send(resend, receives=3) == DONE
    assert until(lambda: record(replies).status == "delivered", within_seconds=10)
    assert until(lambda: twin.get("/idle").json()["idle"], within_seconds=10)

    assert sent(twin) == [("part 1", "failed"), ("part 1", "delivered")]
    assert len(queued(aws, "OUTBOUND")) == 1
    told = [event["data"]["status"] for event in queued(aws, "INBOUND")]
    assert "failed" not in told
    assert told.count("delivered") == 1
    assert parking.parked("acme") == []


def test_in_vain_three_times_it_is_parked_and_a_replay_sends_it(
    aws: AwsStub, twin: httpx.Client, replies: DynamoReplies, parking: DynamoParking
) -> None:
    twin.post("/rest/failures", json={"kind": "fails_later", "error_code": 30001, "count": 3}).raise_for_status()
    send(outbound())
    for number in range(3):
        assert until(lambda number=number: len(queued(aws, "OUTBOUND")) == number + 1, within_seconds=10)  # type: ignore[misc] # bound now
        assert until(lambda: twin.get("/idle").json()["idle"], within_seconds=10)
        assert send(queued(aws, "OUTBOUND")[number], receives=2) == DONE

    (parked,) = parking.parked("acme")
    assert (parked.reason, parked.error_code, parked.event["type"]) == ("provider_unavailable", 30001, RESEND)
    assert [event["data"]["error_code"] for event in queued(aws, "INBOUND") if event["data"]["status"] == "failed"] == [
        30001
    ]

    assert send({**parked.event, "replay": 1}) == DONE
    assert until(lambda: record(replies).status == "delivered", within_seconds=10)
    assert [status for _, status in sent(twin)] == ["failed", "failed", "failed", "delivered"]


def test_a_landline_and_a_short_code_are_told_and_nothing_is_parked(
    aws: AwsStub, twin: httpx.Client, parking: DynamoParking
) -> None:
    twin.post("/rest/failures", json={"status": 400, "code": 21614}).raise_for_status()
    assert send(outbound()) == DONE
    assert send(outbound("SM43", to="68849")) == DONE
    assert [event["data"]["error_code"] for event in queued(aws, "INBOUND")] == [21614, 21265]
    assert twin.get("/messages").json() == []
    assert parking.parked("acme") == []
