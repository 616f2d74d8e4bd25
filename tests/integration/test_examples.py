"""The example backends, started as their first lines say, and asked by our own HTTP backend."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from shared.backends.http import HttpBackend
from shared.backends.transport import Poster
from shared.errors import UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage, OptOut
from shared.submission.body import RawRequest
from shared.submission.request import SendRequest, read
from shared.tenants.agent import BackendSettings
from tests import backend_events
from tests.backend_server import OLD_SECRET, SECRET
from tests.integration.loopback import serving

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMANDS = {
    "flask_backend": "flask --app flask_backend run --port {port}",
    "fastapi_backend": "uvicorn fastapi_backend:app --port {port}",
}
LATE_COMMAND = "flask --app late_backend run --port {port}"
UP_SECONDS = 60

Ask = Callable[..., Answer]


@contextmanager
def started(command_line: str, log: Path, **variables: str) -> Iterator[int]:
    """An example on a free port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", *command_line.format(port=port).split()]
    environment = {"PATH": os.environ["PATH"], "SIGNING_SECRET": SECRET, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    with log.open("wb") as out, subprocess.Popen(command, cwd=EXAMPLES, env=environment, stdout=out, stderr=out) as run:  # noqa: S603 - our own words
        try:
            wait_for(port, run, log)
            yield port
        finally:
            run.terminate()
            run.wait(10)


def wait_for(port: int, run: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + UP_SECONDS
    while run.poll() is None and time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)  # there is nothing else to wait for
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module", params=COMMANDS)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with started(COMMANDS[request.param], tmp_path_factory.mktemp("example") / "log") as port:
        yield port


def ask(port: int, event: dict[str, Any], *secrets: str, ago: timedelta = timedelta()) -> Answer:
    settings = BackendSettings(
        "http", f"http://127.0.0.1:{port}/texts", signed=True, secrets=secrets or (SECRET,), statuses=True
    )
    return HttpBackend(settings, Poster(local=True), lambda: datetime.now(UTC) - ago).answer(event)


def text(words: str, message_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as in backend_events
    return {**backend_events.text(words, **changes), "id": message_id}


def test_answers_a_text(port: int) -> None:
    assert ask(port, text("Is this your cat? é🐈", "SM1")) == Answer(
        (AnswerMessage("3. You wrote: Is this your cat? é🐈"),)
    )


def test_ends_the_session_when_it_is_told_goodbye(port: int) -> None:
    assert ask(port, text("Bye ", "SM2")) == Answer((AnswerMessage("Goodbye!"),), end_session=True)


def test_gives_a_text_that_comes_again_the_same_answer(port: int) -> None:
    first = ask(port, text("once", "SM3"))
    assert ask(port, text("twice", "SM3")) == first == Answer((AnswerMessage("3. You wrote: once"),))


def test_answers_a_picture_without_a_text(port: int) -> None:
    assert ask(port, text("", "SM4", media=1)).messages


def test_says_nothing_to_stop_start_and_help(port: int) -> None:
    for word in OptOut:
        assert ask(port, text(word.value, f"SM5-{word}", opt_out=word)) == Answer()


def test_says_nothing_to_a_status(port: int) -> None:
    assert ask(port, backend_events.status()) == Answer()


def test_knows_the_secret_while_it_is_replaced(port: int) -> None:
    assert ask(port, text("hello", "SM6"), OLD_SECRET, SECRET).messages


@pytest.mark.parametrize("ago", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_refuses_what_was_signed_too_long_ago_or_will_be(port: int, ago: timedelta) -> None:
    with pytest.raises(UpstreamRefused, match=r"^the backend answered 401$"):
        ask(port, text("hello", "SM7"), ago=ago)


def test_refuses_another_secret(port: int) -> None:
    with pytest.raises(UpstreamRefused, match=r"^the backend answered 401$"):
        ask(port, text("hello", "SM8"), OLD_SECRET)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": None},
        {"webhook-id": None},
        {"webhook-timestamp": None},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "nonsense"},
        {"webhook-signature": "v1,not base64"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-id": "SM0"},
        {"webhook-timestamp": "yesterday"},
        {"webhook-timestamp": "1e999"},
    ],
)
def test_refuses_headers_that_are_no_signature_of_this(port: int, changes: dict[str, str | None]) -> None:
    made = HttpBackend(
        BackendSettings("http", f"http://127.0.0.1:{port}/texts", signed=True, secrets=(SECRET,)),
        lambda request: Poster(local=True)(tampered(request, changes)),
        lambda: datetime.now(UTC),
    )
    with pytest.raises(UpstreamRefused, match=r"^the backend answered 401$"):
        made.answer(text("hello", "SM9"))


def tampered(request: Any, changes: dict[str, str | None]) -> Any:  # noqa: ANN401 - a request of ours
    headers = {**request.headers, **changes}
    return type(request)(
        request.url,
        {name: value for name, value in headers.items() if value is not None},
        request.body,
        request.timeout_seconds,
        request.wants_body,
    )


def test_the_example_in_javascript_can_be_parsed() -> None:
    checked = subprocess.run(  # noqa: S603 - our own words
        ["node", "--check", str(EXAMPLES / "express_backend.mjs")],  # noqa: S607 - as in package.json
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


@dataclass
class SmsSend:
    """A stand-in for the API: what was posted to it, and with which status it answers each time."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def wait(self, count: int) -> list[SendRequest]:
        """The requests, as the API reads them, once there are so many."""
        give_up = time.monotonic() + UP_SECONDS
        while len(self.asked) < count and time.monotonic() < give_up:
            time.sleep(0.05)
        return [
            read(RawRequest(headers["content-type"], body, headers["idempotency-key"])) for headers, body in self.asked
        ]


@pytest.fixture
def api() -> Iterator[SmsSend]:
    stand_in = SmsSend()

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            stand_in.asked.append((headers, self.rfile.read(int(headers["content-length"]))))
            self.send_response(stand_in.statuses.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with serving(Requests) as address:
        stand_in.url = f"http://{address}/sms.sender/SmsSend"
        yield stand_in


@pytest.fixture
def late_port(api: SmsSend, tmp_path: Path) -> Iterator[int]:
    with started(LATE_COMMAND, tmp_path / "log", SEND_URL=api.url, API_KEY="the-key") as port:
        yield port


def test_the_late_example_promises_an_answer_and_sends_it_once_for_its_text(late_port: int, api: SmsSend) -> None:
    api.statuses = [503, 202]
    event = text("Where is my order?", "SM7")
    assert ask(late_port, event) == ask(late_port, event) == Answer(later=True)
    first, repeated = api.wait(2)
    data = event["data"]
    assert first == repeated
    assert (first.sender, first.recipient, first.account) == (data["to"], data["from"], data["account"])
    assert (first.in_reply_to, first.text) == ("SM7", "I thought about it. You wrote: Where is my order?")
    login = base64.b64decode(api.asked[0][0]["authorization"].removeprefix("Basic ")).decode()
    assert login == "apikey:the-key"


def test_the_late_example_gives_an_answer_up_that_is_refused(late_port: int, api: SmsSend) -> None:
    api.statuses = [409, 202]
    assert ask(late_port, text("One.", "SM8")) == Answer(later=True)
    assert len(api.wait(1)) == 1
    assert ask(late_port, text("Two.", "SM9")) == Answer(later=True)
    assert [request.in_reply_to for request in api.wait(2)] == ["SM8", "SM9"]


def test_the_late_example_promises_nothing_for_a_stop_a_status_or_a_forgery(late_port: int) -> None:
    assert ask(late_port, text("STOP", "SM5", opt_out=OptOut.STOP)) == Answer()
    assert ask(late_port, backend_events.status()) == Answer()
    with pytest.raises(UpstreamRefused, match="401"):
        ask(late_port, text("hello", "SM6"), OLD_SECRET)
