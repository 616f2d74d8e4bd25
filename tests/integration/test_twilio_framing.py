"""A Twilio that breaks HTTP itself, or what stands in its place: the message is in doubt, and nothing crashes."""

import random
from collections.abc import Callable, Iterator

import pytest

from shared.errors import Configuration, Unavailable, UpstreamRefused
from shared.providers.twilio.message_api import TwilioRest
from tests import backend_server
from tests.backend_server import BackendServer
from tests.broken_http import BROKEN, CANARY, broken
from tests.integration.twilio_stub import MESSAGE, STATUS_URL, WITH_KEY

PATIENCE = 0.3
RUNS, SEED = 300, 20261129
TAKEN = b'{"sid": "SM' + b"5" * 32 + b'", "status": "queued", "body": "' + CANARY + b'"}'


@pytest.fixture
def server() -> Iterator[BackendServer]:
    with backend_server.running() as server:
        yield server


def outcome(server: BackendServer, reply: bytes) -> str:
    """What a send ends in: an error's name, or `sent`."""
    server.reply = reply
    failed: Unavailable | UpstreamRefused | Configuration | None = None
    try:
        TwilioRest(server.url, timeout_seconds=PATIENCE).send(MESSAGE, WITH_KEY, status_url=STATUS_URL)
    except (Unavailable, UpstreamRefused, Configuration) as error:
        failed = error
    assert CANARY.decode() not in str(failed), "an error quotes the answer"
    return type(failed).__name__ if failed else "sent"


@pytest.mark.parametrize("what", BROKEN)
def test_an_answer_that_breaks_http_leaves_the_send_in_doubt(what: str, server: BackendServer) -> None:
    assert outcome(server, BROKEN[what]) == "InDoubt"


def test_whatever_comes_back_the_message_is_sent_refused_or_in_doubt(
    server: BackendServer, logged: Callable[[], str]
) -> None:
    dice = random.Random(SEED)  # noqa: S311 - the same run each time
    seen = {outcome(server, broken(dice, TAKEN)) for _ in range(RUNS)}
    assert seen <= {"sent", "InDoubt", "UpstreamRefused"}
    assert seen >= {"sent", "InDoubt"}
    assert CANARY.decode() not in logged()
