"""Backends with invalid HTTP: each response is an answer, a retry or a refusal, with the right reason."""

import random
from collections.abc import Callable, Iterator

import pytest

from shared.backends.http import HttpBackend
from shared.backends.transport import Poster
from shared.errors import Unavailable, UpstreamRefused
from shared.tenants.agent import BackendSettings
from tests import backend_events, backend_server
from tests.backend_server import SECRET, BackendServer
from tests.broken_http import BROKEN, CANARY, CHUNKED, broken
from tests.fakes import NOW

PATIENCE, LONG = 0.3, 5
RUNS, SEED = 600, 20261128
ANSWER = b'{"messages":[{"text":"' + CANARY + b'"}]}'
REASONS = {"backend_nonsense", "backend_refused"}


@pytest.fixture
def server() -> Iterator[BackendServer]:
    with backend_server.running() as server:
        yield server


def outcome(server: BackendServer, reply: bytes | backend_server.Reply, *, seconds: float = PATIENCE) -> str:
    """The outcome of such a response: `answer`, `later`, or the reason of the refusal."""
    server.reply = reply
    settings = BackendSettings("http", server.url, signed=True, secrets=(SECRET,), timeout_seconds=seconds)
    failed: Unavailable | UpstreamRefused | None = None
    try:
        HttpBackend(settings, Poster(local=True), lambda: NOW).answer(backend_events.text())
    except (Unavailable, UpstreamRefused) as error:
        failed = error
    if failed is None:
        return "answer"
    assert CANARY.decode() not in str(failed), "an error quotes the answer"
    assert failed.__context__ is None or failed.__suppress_context__, "what is chained can be logged"
    return failed.reason if isinstance(failed, UpstreamRefused) else "later"


@pytest.mark.parametrize("what", BROKEN)
def test_an_answer_in_invalid_http_is_nonsense(what: str, server: BackendServer) -> None:
    assert outcome(server, BROKEN[what]) == "backend_nonsense"


def test_an_endless_chunk_of_size_minus_one_is_not_read(server: BackendServer) -> None:
    assert outcome(server, server.drip(CHUNKED + b"-1\r\n", b"x" * 65536), seconds=LONG) == "backend_nonsense"
    assert server.cut.wait(LONG)


def test_whatever_a_backend_sends_it_is_an_answer_later_or_never_for_a_true_reason(
    server: BackendServer, logged: Callable[[], str]
) -> None:
    dice = random.Random(SEED)  # noqa: S311 - the same run each time
    seen: dict[str, int] = {}
    for _ in range(RUNS):
        reply = broken(dice, ANSWER)
        name = outcome(server, reply)
        assert name in {"answer", "later", *REASONS}, reply[:200]
        seen[name] = seen.get(name, 0) + 1
    assert all(seen[name] > RUNS / 100 for name in ("answer", "later", "backend_nonsense")), seen
    assert CANARY.decode() not in logged()
