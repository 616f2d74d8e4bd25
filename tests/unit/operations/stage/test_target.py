"""Which AWS a command works on. AWS's answers are canned: botocore lets a handler answer instead of the network."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import exceptions
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from devstack.target import LocalTarget
from operations.stage.advice import LOCAL_STACK_NOT_UP, UNREACHABLE, advice
from operations.stage.clients import StageClients
from operations.stage.target import AwsTarget, open_target
from shared.errors import CommandDeclined, NotFound, Unavailable
from tests import fakes

REGIONS = {"east": "us-east-1", "south": "eu-west-1"}
NO_PARTS: dict[str, object] = {"queues": {}, "tables": {}}
STATE = {
    "aws_endpoint": "http://127.0.0.1:9",
    "operator": {"id": "AKIALOCAL", "secret": "made up"},
    "twin_url": "http://127.0.0.1:8",
    "fingerprint": "f",
    "daemons": {},
    "stages": {
        "east": {"base_url": "https://e.local/east", "api_id": "e", "region": "us-east-1"} | NO_PARTS,
        "south": {"base_url": "https://s.local/south", "api_id": "s", "region": "us-east-2"} | NO_PARTS,
    },
}
STACK = """<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>sms-receiver-south</StackName>
<CreationTime>2026-11-23T12:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>{outputs}</Outputs>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""
OUTPUT = "<member><OutputKey>{}</OutputKey><OutputValue>{}</OutputValue></member>"
FAILURE = "<ErrorResponse><Error><Code>{}</Code><Message>secret details</Message></Error></ErrorResponse>"
IDENTITY = """<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account>
<Arn>arn:aws:sts::111122223333:assumed-role/Operator/jane</Arn>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


class Raw:
    """The body of a canned answer."""

    def __init__(self, body: str) -> None:
        self._body = body.encode()

    def stream(self, **_: object) -> list[bytes]:
        return [self._body]


class Canned:
    """A boto3 session whose requests are all answered alike; keeps the URLs."""

    def __init__(self, status: int, body: str) -> None:
        self.session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
        self.session.events.register("before-send", self._answer)
        self._status, self._body = status, body
        self.urls: list[str] = []

    def _answer(self, request: AWSPreparedRequest, **_: object) -> Any:  # noqa: ANN401 - the stubs know of no answer
        self.urls.append(request.url)
        return AWSResponse(request.url, self._status, HTTPHeaders(), Raw(self._body))

    def target(self, stage: str = "east") -> AwsTarget:
        return AwsTarget(StageClients(stage, REGIONS, self.session))


def test_says_which_account_region_and_stage() -> None:
    canned = Canned(200, IDENTITY)
    assert canned.target("south").whereabouts() == "AWS account 111122223333, region eu-west-1, stage south"
    assert canned.target().twilio_url is None


def test_tells_the_caller_and_asks_aws_once() -> None:
    canned = Canned(200, IDENTITY)
    target = canned.target()
    assert target.whereabouts()
    assert target.caller() == target.caller() == "arn:aws:sts::111122223333:assumed-role/Operator/jane"
    assert len(canned.urls) == 1


def test_reads_the_base_url_of_a_stack_in_its_own_region() -> None:
    outputs = OUTPUT.format("RestApiId", "abc") + OUTPUT.format("WebhookBaseUrl", "https://a.example.com")
    canned = Canned(200, STACK.format(outputs=outputs))
    target = canned.target()
    assert target.base_url("south") == "https://a.example.com"
    assert target.send_url("south") == "https://a.example.com/sms.sender/SmsSend"
    assert canned.urls == ["https://cloudformation.eu-west-1.amazonaws.com/"]


def test_a_stack_that_does_not_exist_or_is_not_ready_has_no_base_url() -> None:
    assert Canned(400, FAILURE.format("ValidationError")).target().base_url("east") is None
    assert Canned(400, FAILURE.format("ValidationError")).target().send_url("east") is None
    assert Canned(200, STACK.format(outputs="")).target().base_url("east") is None


def test_asks_a_stack_once_for_all_that_it_tells() -> None:
    outputs = OUTPUT.format("BackendQueues", "none") + OUTPUT.format("WebhookBaseUrl", "https://a.example.com")
    canned = Canned(200, STACK.format(outputs=outputs))
    target = canned.target()
    assert target.outputs("east") == {"BackendQueues": "none", "WebhookBaseUrl": "https://a.example.com"}
    assert target.base_url("east") == "https://a.example.com"
    assert len(canned.urls) == 1


def test_a_stack_that_does_not_exist_tells_nothing() -> None:
    assert Canned(400, FAILURE.format("ValidationError")).target().outputs("east") is None


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken"])
def test_does_not_take_a_refusal_for_a_stack_that_does_not_exist(code: str) -> None:
    target = Canned(403, FAILURE.format(code)).target()
    questions: tuple[Callable[[], object], ...] = (target.whereabouts, partial(target.base_url, "east"))
    for question in questions:
        with pytest.raises(Unavailable, match=f"AWS answered {code}") as caught:
            question()
        assert "secret details" not in str(caught.value)
        assert advice(caught.value.__cause__, unreachable=UNREACHABLE)


def test_takes_the_regions_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_RECEIVER_SOUTH_REGION", "eu-west-1")
    monkeypatch.setenv("SMS_RECEIVER_EAST_REGION", "")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert open_target("south").region == "eu-west-1"
    assert open_target("east").region == "us-east-1"


@pytest.mark.parametrize(("home", "region"), [(None, "us-east-1"), ("", "us-east-1"), ("south", "eu-west-1")])
@pytest.mark.parametrize("stage", ["east", "south"])
def test_whatever_the_stage_tenants_and_numbers_are_in_the_region_of_the_home_stage(
    monkeypatch: pytest.MonkeyPatch, stage: str, home: str | None, region: str
) -> None:
    monkeypatch.delenv("SMS_RECEIVER_HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("SMS_RECEIVER_HOME", home)
    canned = Canned(200, "{}")
    target = canned.target(stage)
    assert target.home_region == region
    with pytest.raises(NotFound):
        target.store.read("acme")
    assert target.numbers_directory.find("+12025550199") is None
    assert canned.urls == [f"https://dynamodb.{region}.amazonaws.com/"] * 2


def test_a_home_stage_that_does_not_exist_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_RECEIVER_HOME", "west")
    target = Canned(200, "{}").target()
    for question in (lambda: target.store, lambda: target.numbers_directory):
        with pytest.raises(CommandDeclined, match="SMS_RECEIVER_HOME: choose one of east, south"):
            question()


def test_an_unknown_profile_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(Unavailable) as caught:
        open_target("east")
    assert "sign in to AWS" in str(advice(caught.value.__cause__, unreachable=UNREACHABLE))


def test_the_local_stack_is_what_its_state_file_says(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(STATE), encoding="utf-8")
    target = LocalTarget("south", state)
    assert target.region == "us-east-2"
    assert target.base_url("east") == "https://e.local/east"
    assert target.send_url("east") == "http://127.0.0.1:9/_aws/execute-api/e/east/sms.sender/SmsSend"
    assert target.send_url("west") is None
    assert target.twilio_url == "http://127.0.0.1:8"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", json.dumps(STATE | {"stages": {}}), json.dumps({**STATE, "stages": {"south": {}}})]
)
def test_a_state_file_that_says_nothing_means_that_the_local_stack_is_not_up(tmp_path: Path, text: str) -> None:
    state = tmp_path / "state.json"
    state.write_text(text, encoding="utf-8")
    with pytest.raises(CommandDeclined, match=r"not up; run: \./sms local up"):
        LocalTarget("east", state)


def test_no_state_file_means_that_the_local_stack_is_not_up(tmp_path: Path) -> None:
    with pytest.raises(CommandDeclined, match="not up"):
        LocalTarget("east", tmp_path / "state.json")


def test_a_local_stack_that_went_away_is_a_sentence(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(STATE), encoding="utf-8")
    target = LocalTarget("east", state)
    with pytest.raises(Unavailable) as caught:
        target.store.create(fakes.managed_tenant())
    assert advice(caught.value.__cause__, unreachable=LOCAL_STACK_NOT_UP) == LOCAL_STACK_NOT_UP


def test_what_crashed_cannot_be_brought_back_locally_and_it_says_so(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(STATE), encoding="utf-8")
    with pytest.raises(CommandDeclined, match="cannot be brought back here: the local AWS has no such task"):
        LocalTarget("east", state).redrive("inbound")


def failed(status: int) -> exceptions.ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return exceptions.ClientError({"Error": {"Code": "E"}, "ResponseMetadata": metadata}, "Query")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (exceptions.NoCredentialsError(), "sign in to AWS first"),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="expired"), "sign in to AWS first"),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), "check the network"),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), "check the network"),
        (exceptions.ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue"), "may not do it"),
        (exceptions.ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Query"), "make deploy STAGE=east"),
        (exceptions.ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetFunction"), None),
        (exceptions.ClientError({"Error": {"Code": "ThrottlingException"}}, "GetSecretValue"), None),
        (failed(503), "region"),
        (ValueError("x"), None),
        (None, None),
    ],
)
def test_knows_what_an_operator_can_do(cause: BaseException | None, words: str | None) -> None:
    sentence = advice(cause, unreachable=UNREACHABLE, failing="or is it only one region?")
    assert (sentence is None) if words is None else (words in str(sentence))
