"""Every backend in the registry keeps the promises of `shared.ports.Backend`.

A new kind adds a rig: the backend, opened as a Lambda opens it, and how the world behind it is made to answer, to fail
for now, and to fail for good.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import boto3
import pytest
from botocore.stub import Stubber

from shared.aws.agent_queue import AgentQueue
from shared.aws.lex import LexBot
from shared.backends import BACKENDS, BackendDependencies, check, open_backend
from shared.errors import Configuration, InvalidValue, Unavailable, UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage
from shared.ports import Backend
from shared.tenants.agent import BackendSettings
from tests import backend_events, backend_server
from tests.backend_server import SECRET, Reply, http_answer, says
from tests.backend_states_fake import FakeBackendStates
from tests.fakes import NOW
from tests.soe_engine import Engine
from tests.watson_assistant import Assistant

QUEUE = "arn:aws:sqs:us-east-1:123456789012:desk.fifo"
BOT = "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID"
PRIVATE = ("Is this your cat?", "+12025550123", "+12025550199", SECRET, SECRET.removeprefix("whsec_"), "hush")
WORDS = Answer((AnswerMessage("Is this your cat?"),))


@dataclass(frozen=True)
class Rig:
    """A backend, and the world behind it: `answers` prepares so many answers, the others one failure."""

    settings: BackendSettings
    backend: Backend
    answers: Callable[[int], None]
    fails_for_now: Callable[[], None]
    fails_for_good: Callable[[], None]
    expected: Answer


def dependencies(**changes: object) -> BackendDependencies:
    values = {
        "local": True,
        "queue": unexpected,
        "bot": unexpected,
        "states": FakeBackendStates(),
        "now": lambda: NOW,
    }
    return BackendDependencies(**(values | changes))  # type: ignore[arg-type] # what a test gives


def unexpected(*_: object) -> None:
    raise AssertionError


def echo_rig(_: ExitStack) -> Rig:
    settings = BackendSettings("echo")
    return Rig(settings, open_backend(settings, dependencies()), lambda _times: None, unexpected, unexpected, WORDS)


def http_rig(stack: ExitStack) -> Rig:
    server = stack.enter_context(backend_server.running())
    settings = BackendSettings("http", server.url + "?key=hush", signed=True, secrets=(SECRET,), statuses=True)

    def replies(reply: bytes) -> None:
        server.reply = reply

    return Rig(
        settings,
        open_backend(settings, dependencies()),
        lambda _times: replies(says({"messages": [{"text": "Is this your cat?"}]})),
        lambda: replies(http_answer(503, "Is this your cat? hush")),
        lambda: replies(http_answer(404, "Is this your cat? hush")),
        WORDS,
    )


def queue_rig(stack: ExitStack) -> Rig:
    sqs = boto3.client("sqs", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    stub = stack.enter_context(Stubber(sqs))
    settings = BackendSettings("queue", QUEUE, statuses=True)

    def answers(times: int) -> None:
        for _ in range(times):
            stub.add_response("send_message", {"MessageId": "m", "MD5OfMessageBody": "0" * 32})

    return Rig(
        settings,
        open_backend(settings, dependencies(queue=lambda arn: AgentQueue(sqs, arn))),
        answers,
        lambda: stub.add_client_error("send_message", "ServiceUnavailable", "Is this your cat?", 503),
        lambda: stub.add_client_error("send_message", "AWS.SimpleQueueService.NonExistentQueue", "hush", 400),
        Answer(later=True),
    )


def lex_rig(stack: ExitStack) -> Rig:
    lex = boto3.client("lexv2-runtime", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    stub = stack.enter_context(Stubber(lex))
    settings = BackendSettings("lex", BOT, locale="en_US")

    def answers(times: int) -> None:
        for _ in range(times):
            message = {"content": "Is this your cat?", "contentType": "PlainText"}
            stub.add_response("recognize_text", {"messages": [message]})

    return Rig(
        settings,
        open_backend(settings, dependencies(bot=lambda chosen: LexBot(lex, chosen.target, chosen.locale))),
        answers,
        lambda: stub.add_client_error("recognize_text", "ThrottlingException", "Is this your cat?", 429),
        lambda: stub.add_client_error("recognize_text", "AccessDeniedException", "hush", 403),
        WORDS,
    )


def soe_rig(stack: ExitStack) -> Rig:
    server = stack.enter_context(backend_server.running())
    engine = Engine(server, authorization="Basic Z2F0ZXdheTpodXNo", output={"text": ["Is this your cat?"]})
    settings = BackendSettings("soe", server.url + "?key=hush", signed=True, secrets=("hush",), user="gateway")

    def replies(reply: bytes | Reply) -> None:
        server.reply = reply

    return Rig(
        settings,
        open_backend(settings, dependencies()),
        lambda _times: replies(engine.reply),
        lambda: replies(http_answer(503, "Is this your cat? hush")),
        lambda: replies(http_answer(404, "Is this your cat? hush")),
        WORDS,
    )


def watson_rig(stack: ExitStack) -> Rig:
    server = stack.enter_context(backend_server.running())
    says_so = [{"response_type": "text", "text": "Is this your cat?"}]
    assistant = Assistant(server, authorization="Basic YXBpa2V5Omh1c2g=", generic=says_so)
    settings = BackendSettings("watson", assistant.url, signed=True, secrets=("hush",), user="apikey")

    def replies(reply: bytes | Reply) -> None:
        server.reply = reply

    return Rig(
        settings,
        open_backend(settings, dependencies()),
        lambda _times: replies(assistant.reply),
        lambda: replies(http_answer(503, "Is this your cat? hush")),
        lambda: replies(http_answer(403, "Is this your cat? hush")),
        WORDS,
    )


RIGS: dict[str, Callable[[ExitStack], Rig]] = {
    "echo": echo_rig,
    "http": http_rig,
    "queue": queue_rig,
    "lex": lex_rig,
    "soe": soe_rig,
    "watson": watson_rig,
}


NEVER_FAIL = {"echo"}


@pytest.fixture(params=sorted(set(RIGS) - NEVER_FAIL))
def failing_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with ExitStack() as stack:
        yield RIGS[request.param](stack)


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with ExitStack() as stack:
        yield RIGS[request.param](stack)


def test_every_kind_has_a_rig() -> None:
    assert set(RIGS) == set(BACKENDS)


def test_every_kind_is_described_in_a_line() -> None:
    assert all(description and "\n" not in description for description in BACKENDS.values())


def test_answers_a_text(rig: Rig) -> None:
    rig.answers(1)
    assert rig.backend.answer(backend_events.text()) == rig.expected


def test_may_be_asked_the_same_again(rig: Rig) -> None:
    rig.answers(2)
    event = backend_events.text()
    assert rig.backend.answer(event) == rig.backend.answer(event) == rig.expected


def test_leaves_the_event_as_it_is(rig: Rig) -> None:
    rig.answers(1)
    event = backend_events.text()
    before = json.dumps(event)
    rig.backend.answer(event)
    assert json.dumps(event) == before


def test_a_status_is_never_answered(rig: Rig) -> None:
    if rig.settings.statuses:
        rig.answers(1)
    assert rig.backend.answer(backend_events.status()) == Answer()


def test_what_fails_for_now_is_unavailable(failing_rig: Rig) -> None:
    failing_rig.fails_for_now()
    with pytest.raises(Unavailable) as failed:
        failing_rig.backend.answer(backend_events.text())
    assert_says_nothing_private(failed.value)


def test_works_again_afterwards(failing_rig: Rig) -> None:
    failing_rig.fails_for_now()
    with pytest.raises(Unavailable):
        failing_rig.backend.answer(backend_events.text())
    failing_rig.answers(1)
    assert failing_rig.backend.answer(backend_events.text()) == failing_rig.expected


def test_what_fails_for_good_is_refused_with_a_short_reason(failing_rig: Rig) -> None:
    failing_rig.fails_for_good()
    with pytest.raises(UpstreamRefused) as failed:
        failing_rig.backend.answer(backend_events.text())
    assert failed.value.reason == "backend_refused"
    assert_says_nothing_private(failed.value)


def assert_says_nothing_private(error: Exception) -> None:
    for said in (str(error), repr(error)):
        assert 0 < len(said) < 300
        assert not [word for word in PRIVATE if word in said]


def test_shows_nothing_private_when_it_is_printed(rig: Rig) -> None:
    for said in (repr(rig.backend), str(rig.backend), repr(rig.settings)):
        assert not [word for word in PRIVATE if word in said]


def test_its_settings_pass_the_check(rig: Rig) -> None:
    check(rig.settings, local=True)


@pytest.mark.parametrize("kind", ["ech", "http2", "https", "smtp"])
def test_an_unknown_kind_cannot_be_chosen_or_opened(kind: str) -> None:
    with pytest.raises(InvalidValue, match=r"choose one of echo, http, queue, lex, soe, watson$"):
        check(BackendSettings(kind))
    with pytest.raises(Configuration):
        open_backend(BackendSettings(kind), dependencies())


@pytest.mark.parametrize("kind", RIGS)
def test_settings_that_fail_the_check_open_nothing(kind: str) -> None:
    settings = BackendSettings(kind, "nonsense " + "hush", signed=True, secrets=("hush",), locale="nonsense")
    with pytest.raises(InvalidValue) as declined:
        check(settings)
    assert_says_nothing_private(declined.value)
    with pytest.raises(Configuration):
        open_backend(settings, dependencies())
