"""Serving the page: on loopback only, and silently."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import httpx
import pytest

from dashboard.server import ServedPage, serving
from operations.operator import Operator
from shared.errors import CommandDeclined
from shared.messages.outbound import Answer, AnswerMessage
from tests.dashboard_site import busy
from tests.fakes import DESK
from tests.unit.operations.operators import FakeProgress


def operator() -> Operator:
    return Operator(busy().world(), "east", local=False, tenant=None, progress=FakeProgress())


@pytest.fixture
def page() -> Iterator[ServedPage]:
    with serving(operator(), 0) as served:
        yield served


def port_of(page: ServedPage) -> int:
    return int(page.address.rpartition(":")[2])


def test_the_url_opens_the_page(page: ServedPage) -> None:
    with httpx.Client(trust_env=False, follow_redirects=True) as browser:
        answer = browser.get(page.url)
    assert answer.status_code == 200
    assert str(answer.url) == f"{page.address}/dashboard/"
    assert answer.headers["Server"] == "sms"


def test_it_is_on_loopback_alone(page: ServedPage) -> None:
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in map(str, addresses - {"127.0.0.1"}):
        with socket.socket() as probe:
            assert probe.connect_ex((address, port_of(page))) != 0


def test_each_run_has_another_key(page: ServedPage) -> None:
    with serving(operator(), 0) as other:
        assert page.url.partition("key=")[2] != other.url.partition("key=")[2]
    assert re.fullmatch(r"[\w-]{43}", page.url.partition("key=")[2])
    assert "key" not in repr(page)


def test_nothing_is_printed_of_what_is_asked(page: ServedPage, capfd: pytest.CaptureFixture[str]) -> None:
    httpx.get(page.url, trust_env=False)
    httpx.get(f"{page.address}/%00", trust_env=False)
    with socket.create_connection(("127.0.0.1", port_of(page))) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        connection.recv(1000)
    assert capfd.readouterr() == ("", "")


def test_it_ends_with_the_block() -> None:
    with serving(operator(), 0) as page:
        pass
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port_of(page))) != 0


class SlowBackend:
    """Answers when it may."""

    def __init__(self) -> None:
        self.may_answer, self.has_answered = Event(), False

    def answer(self, _: object) -> Answer:
        assert self.may_answer.wait(30)
        self.has_answered = True
        return Answer((AnswerMessage("Hi."),))


def test_it_ends_after_the_work_that_still_runs() -> None:
    """A thread that dies with the command would stop between two changes."""
    backend = SlowBackend()

    class Progress(FakeProgress):
        def warning(self, sentence: str) -> None:
            super().warning(sentence)
            backend.may_answer.set()

    progress = Progress()
    world = replace(busy().world(), open_backend=lambda *_: backend)
    with (
        serving(Operator(world, "east", local=False, tenant=None, progress=progress), 0) as page,
        httpx.Client(trust_env=False) as browser,
    ):
        browser.get(page.url)
        answer = browser.post(f"{page.address}/agents/{DESK.id}/ask", headers={"Origin": page.address})
        assert answer.status_code == 303
    assert backend.has_answered
    title = "Ask the backend of agent desk"
    assert progress.warnings == [
        f"{title}: this still runs, and the command ends after it. Ctrl-C leaves it unfinished.",
        f"{title}: Done.",
    ]


def test_a_port_that_is_taken_is_a_sentence(page: ServedPage, capfd: pytest.CaptureFixture[str]) -> None:
    taken = serving(operator(), port_of(page))
    with pytest.raises(CommandDeclined, match=f"port {port_of(page)} .* choose another one with --port"):
        taken.__enter__()
    assert capfd.readouterr() == ("", "")
