"""Queues and bots of agents with botocore's stubber: which calls are made, and how errors are converted."""

import json
from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber
from mypy_boto3_lexv2_runtime import LexRuntimeV2Client
from mypy_boto3_sqs import SQSClient

from shared.aws.agent_queue import AgentQueue, queue_url
from shared.aws.fifo_queue import BYTES_MAX
from shared.aws.lex import LexBot
from shared.backends.lex import LexBackend
from shared.backends.sqs import QueueBackend
from shared.errors import Configuration, Malformed, Unavailable, UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage
from shared.ports import Backend
from shared.tenants.agent import BackendSettings
from shared.wiring import backends as wiring
from tests import backend_events, backend_server
from tests.backend_server import SECRET, BackendServer, http_answer
from tests.backend_states_fake import FakeBackendStates

FIFO = "arn:aws:sqs:us-south-1:123456789012:desk.fifo"
STANDARD = "arn:aws:sqs:us-south-1:123456789012:desk"
BOT = "arn:aws:lex:eu-west-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID"
SENT = {"MessageId": "m", "MD5OfMessageBody": "0" * 32}


def opener(addresses: str) -> Callable[[BackendSettings], Backend]:
    return wiring.opener(addresses, FakeBackendStates())


@pytest.fixture
def sqs() -> SQSClient:
    return boto3.client("sqs", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def lex() -> LexRuntimeV2Client:
    return boto3.client("lexv2-runtime", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def sqs_stub(sqs: SQSClient) -> Iterator[Stubber]:
    with Stubber(sqs) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def lex_stub(lex: LexRuntimeV2Client) -> Iterator[Stubber]:
    with Stubber(lex) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_a_fifo_queue_gets_the_event_with_group_and_deduplication(sqs: SQSClient, sqs_stub: Stubber) -> None:
    expected = {
        "QueueUrl": "https://sqs.us-south-1.amazonaws.com/123456789012/desk.fifo",
        "MessageBody": '{"text":"\\u00e9"}',
        "MessageGroupId": "acme.c",
        "MessageDeduplicationId": "SM1",
    }
    sqs_stub.add_response("send_message", SENT, expected)
    AgentQueue(sqs, FIFO).send({"text": "é"}, group="acme.c", deduplication="SM1")


def test_a_standard_queue_gets_the_event_alone(sqs: SQSClient, sqs_stub: Stubber) -> None:
    expected = {
        "QueueUrl": "https://sqs.us-south-1.amazonaws.com/123456789012/desk",
        "MessageBody": json.dumps(backend_events.text(), separators=(",", ":")),
    }
    sqs_stub.add_response("send_message", SENT, expected)
    QueueBackend(AgentQueue(sqs, STANDARD)).answer(backend_events.text())


def test_the_url_of_a_queue_in_china_is_in_china() -> None:
    arn = "arn:aws-cn:sqs:cn-north-1:123456789012:desk"
    assert queue_url(arn) == "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/desk"


def test_an_event_that_is_too_large_for_sqs_is_not_sent(sqs: SQSClient, sqs_stub: Stubber) -> None:
    with pytest.raises(Malformed):
        AgentQueue(sqs, STANDARD).send({"t": "x" * BYTES_MAX}, group="g", deduplication="d")


def test_the_bot_is_called_with_our_session(lex: LexRuntimeV2Client, lex_stub: Stubber) -> None:
    expected = {
        "botId": "ABCDEFGHIJ",
        "botAliasId": "TSTALIASID",
        "localeId": "en_US",
        "sessionId": backend_events.SESSION_ID,
        "text": "Is this your cat?",
    }
    response = {
        "messages": [{"contentType": "PlainText", "content": "Yes."}],
        "sessionState": {"dialogAction": {"type": "Close"}, "intent": {"name": "Cat", "state": "Fulfilled"}},
    }
    lex_stub.add_response("recognize_text", response, expected)
    answer = LexBackend(LexBot(lex, BOT, "en_US")).answer(backend_events.text())
    assert [message.text for message in answer.messages] == ["Yes."]
    assert answer.end_session


Ask = Callable[[], object]


def failing(client: SQSClient | LexRuntimeV2Client, stub: Stubber) -> tuple[Ask, str, str]:
    """What asks, the operation, and how its errors begin."""
    if client.meta.service_model.service_name == "sqs":
        backend = QueueBackend(AgentQueue(client, FIFO))  # type: ignore[arg-type] # it is SQS
        return lambda: backend.answer(backend_events.text()), "send_message", "the event could not be put on"
    bot = LexBackend(LexBot(client, BOT, "en_US"))  # type: ignore[arg-type] # it is Lex
    return lambda: bot.answer(backend_events.text()), "recognize_text", "the bot could not be called"


LATER = [
    ("InternalFailure", 500),
    ("ServiceUnavailable", 503),
    ("RequestThrottled", 403),
    ("KmsThrottled", 400),
    ("ThrottlingException", 400),
    ("OverLimit", 403),
    ("ExpiredTokenException", 403),
    ("TooManyRequestsException", 429),
]
LATER_FOR_LEX = [
    ("ThrottlingException", 429),
    ("InternalServerException", 500),
    ("BadGatewayException", 502),
    ("ConflictException", 409),
    ("DependencyFailedException", 424),
    ("ExpiredTokenException", 403),
]
NEVER = [
    ("AWS.SimpleQueueService.NonExistentQueue", 400),
    ("AccessDenied", 403),
    ("KmsAccessDenied", 400),
    ("KmsDisabled", 400),
    ("InvalidMessageContents", 400),
    ("InvalidParameterValue", 400),
    ("UnsupportedOperation", 400),
]
NEVER_FOR_LEX = [
    ("AccessDeniedException", 403),
    ("ResourceNotFoundException", 404),
    ("ValidationException", 400),
]


@pytest.mark.parametrize(("code", "status"), LATER)
def test_a_queue_that_may_take_it_later_is_unavailable(
    code: str, status: int, sqs: SQSClient, sqs_stub: Stubber
) -> None:
    assert_fails(Unavailable, *failing(sqs, sqs_stub), sqs_stub, code, status)


@pytest.mark.parametrize(("code", "status"), LATER_FOR_LEX)
def test_a_bot_that_may_answer_later_is_unavailable(
    code: str, status: int, lex: LexRuntimeV2Client, lex_stub: Stubber
) -> None:
    assert_fails(Unavailable, *failing(lex, lex_stub), lex_stub, code, status)


@pytest.mark.parametrize(("code", "status"), NEVER)
def test_a_queue_that_will_never_take_it_is_refused(code: str, status: int, sqs: SQSClient, sqs_stub: Stubber) -> None:
    assert_fails(UpstreamRefused, *failing(sqs, sqs_stub), sqs_stub, code, status)


@pytest.mark.parametrize(("code", "status"), NEVER_FOR_LEX)
def test_a_bot_that_will_never_answer_is_refused(
    code: str, status: int, lex: LexRuntimeV2Client, lex_stub: Stubber
) -> None:
    assert_fails(UpstreamRefused, *failing(lex, lex_stub), lex_stub, code, status)


def assert_fails(  # noqa: PLR0913, PLR0917 - what a failure is
    kind: type[Unavailable | UpstreamRefused],
    ask: Ask,
    operation: str,
    begins: str,
    stub: Stubber,
    code: str,
    status: int,
) -> None:
    stub.add_client_error(operation, code, "quotes: Is this your cat?", status)
    with pytest.raises(kind) as failed:
        ask()
    message = str(failed.value)
    assert message.startswith(begins)
    assert message.endswith(f": AWS answered {code}")
    assert failed.value.reason == ("backend_refused" if kind is UpstreamRefused else Unavailable.reason)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://x"),
        ConnectTimeoutError(endpoint_url="https://x"),
        ReadTimeoutError(endpoint_url="https://x"),
    ],
)
def test_no_answer_is_unavailable(error: Exception, sqs: SQSClient, lex: LexRuntimeV2Client) -> None:
    def fail(**_: object) -> None:
        raise error

    for client, event in ((sqs, "before-send.sqs.SendMessage"), (lex, "before-send.lex-runtime-v2.RecognizeText")):
        client.meta.events.register(event, fail)
        ask, _, begins = failing(client, Stubber(client))
        with pytest.raises(Unavailable, match=f"^{begins}.*: {type(error).__name__}$"):
            ask()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[BackendServer]:
    """Something on loopback that answers as AWS would, or does not answer."""
    with backend_server.running() as server:
        for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "ENDPOINT_URL": server.url}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield server


def test_the_wiring_calls_the_queue_in_its_own_region(aws: BackendServer) -> None:
    aws.reply = http_answer(200, "{}", Content_Type="application/x-amz-json-1.0")
    assert opener("public")(BackendSettings("queue", FIFO)).answer(backend_events.text()) == Answer(later=True)
    [asked] = aws.asked
    assert "/us-south-1/sqs/aws4_request" in asked.headers["authorization"]
    assert asked.event["QueueUrl"] == "https://sqs.us-south-1.amazonaws.com/123456789012/desk.fifo"


def test_the_wiring_calls_the_bot_in_its_own_region(aws: BackendServer) -> None:
    aws.reply = http_answer(200, '{"messages":[{"content":"Yes."}]}', Content_Type="application/json")
    settings = BackendSettings("lex", BOT, locale="en_US")
    assert opener("public")(settings).answer(backend_events.text()) == Answer((AnswerMessage("Yes."),))
    [asked] = aws.asked
    assert "/eu-west-1/lex/aws4_request" in asked.headers["authorization"]
    assert "/bots/ABCDEFGHIJ/botAliases/TSTALIASID/botLocales/en_US/sessions/" in asked.path


def test_a_bot_has_no_more_time_than_its_settings_allow_and_is_called_once(aws: BackendServer) -> None:
    aws.reply = aws.drip(b"")
    settings = BackendSettings("lex", BOT, locale="en_US", timeout_seconds=0.4)
    with pytest.raises(Unavailable, match=r"^the bot could not be called: ReadTimeoutError$"):
        opener("public")(settings).answer(backend_events.text())
    assert len(aws.asked) == 1


@pytest.mark.parametrize("word", ["", "Public", "private", "loopback"])
def test_the_wiring_knows_two_words_for_addresses(word: str) -> None:
    with pytest.raises(Configuration, match=r"^BACKEND_ADDRESSES must be one of public, local$"):
        opener(word)


def test_only_the_wiring_for_local_use_opens_http_without_tls() -> None:
    settings = BackendSettings("http", "http://127.0.0.1:8000/", signed=True, secrets=(SECRET,))
    assert opener("local")(settings)
    with pytest.raises(Configuration, match=r"^backend: its URL must begin with https://"):
        opener("public")(settings)
