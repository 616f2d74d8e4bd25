"""HTTP backends over a real connection: how long it may take, how much may come, and what is never followed."""

import dataclasses
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from shared.backends.http import HttpBackend
from shared.backends.post import BODY_MAX, BackendRequest, BackendResponse
from shared.backends.transport import Poster
from shared.errors import Unavailable, UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage
from shared.tenants.agent import BackendSettings
from tests import backend_events, backend_server
from tests.backend_server import SECRET, BackendServer, http_answer, says
from tests.fakes import NOW

PATIENCE = 0.4
"""The time-out of these tests."""
AT_MOST = 3
"""Far more than that, far less than a test may take: the machine may be slow."""


@pytest.fixture
def server() -> Iterator[BackendServer]:
    with backend_server.running() as server:
        yield server


def post(server: BackendServer, *, seconds: float = 10, wants_body: bool = True) -> BackendResponse:
    return Poster(local=True)(BackendRequest(server.url, {"x-test": "1"}, b"hello", seconds, wants_body))


def test_posts_and_reads_the_answer(server: BackendServer) -> None:
    server.reply = http_answer(200, "Yes.")
    assert post(server) == BackendResponse(200, b"Yes.")
    [asked] = server.asked
    assert (asked.path, asked.body, asked.headers["x-test"]) == ("/texts", b"hello", "1")
    assert asked.headers["host"] == f"127.0.0.1:{server.port}"
    assert asked.headers["user-agent"] == "sms-receiver"


def test_a_whole_backend_answers(server: BackendServer) -> None:
    server.reply = says({"messages": [{"text": "Yes."}]})
    settings = BackendSettings("http", server.url, signed=True, secrets=(SECRET,))
    backend = HttpBackend(settings, Poster(local=True), lambda: NOW)
    assert backend.answer(backend_events.text()) == Answer((AnswerMessage("Yes."),))
    assert server.asked[0].event == backend_events.text()


def test_nothing_of_the_environment_is_used(server: BackendServer, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password hush")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(server).status == 200
    assert "authorization" not in server.asked[0].headers


def test_each_request_has_a_connection_of_its_own(server: BackendServer) -> None:
    poster = Poster(local=True)
    for _ in range(3):
        assert poster(BackendRequest(server.url, {}, b"", 10, wants_body=True)).status == 200
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, server: BackendServer) -> None:
    server.reply = http_answer(status, "elsewhere", Location=server.url + "/elsewhere")
    assert post(server) == BackendResponse(status)
    assert [asked.path for asked in server.asked] == ["/texts"]


def test_a_redirect_with_an_endless_body_is_not_read(server: BackendServer) -> None:
    head = http_answer(302, Location=server.url).replace(b"Content-Length: 0\r\n", b"")
    server.reply = server.drip(head, b"x" * 65536)
    assert post(server) == BackendResponse(302)
    assert server.cut.wait(AT_MOST)


@pytest.mark.parametrize("size", [0, 1, BODY_MAX - 1, BODY_MAX])
def test_an_answer_of_64_kib_is_read(size: int, server: BackendServer) -> None:
    server.reply = http_answer(200, b"x" * size)
    assert len(post(server).body) == size


TOO_LARGE = r"^the backend's answer makes no sense: it is larger than 64 KiB$"


def test_a_larger_answer_is_nonsense(server: BackendServer) -> None:
    server.reply = http_answer(200, b"x" * (BODY_MAX + 1))
    with pytest.raises(UpstreamRefused, match=TOO_LARGE) as failed:
        post(server)
    assert failed.value.reason == "backend_nonsense"


@pytest.mark.parametrize("chunked", [True, False])
def test_an_endless_answer_is_read_no_further(server: BackendServer, *, chunked: bool) -> None:
    head = http_answer(200).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked" if chunked else b"X-Test: 1")
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n" if chunked else b"x" * 0x8000
    server.reply = server.drip(head, chunk)
    with pytest.raises(UpstreamRefused, match=TOO_LARGE):
        post(server)
    assert server.cut.wait(AT_MOST)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x"])
def test_a_compressed_answer_is_nonsense_before_it_is_unpacked(encoding: str, server: BackendServer) -> None:
    server.reply = http_answer(200, b"not even that", Content_Encoding=encoding)
    with pytest.raises(UpstreamRefused, match=r"it is compressed, which was not requested$"):
        post(server)
    assert server.asked[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [201, 202, 204, 400, 404, 500, 503])
def test_no_other_body_is_read(status: int, server: BackendServer) -> None:
    server.reply = http_answer(status, b"" if status == 204 else b"x" * (BODY_MAX + 1))
    assert post(server) == BackendResponse(status)


def test_a_request_says_which_status_is_its_success_and_how_large_its_body_may_be(server: BackendServer) -> None:
    request = BackendRequest(server.url, {}, b"", 10, wants_body=True, success=201, body_max=2 * BODY_MAX)
    poster = Poster(local=True)
    server.reply = http_answer(201, b"x" * 2 * BODY_MAX)
    assert len(poster(request).body) == 2 * BODY_MAX
    server.reply = http_answer(201, b"x" * (2 * BODY_MAX + 1))
    with pytest.raises(UpstreamRefused, match=r"it is larger than 128 KiB$"):
        poster(request)
    server.reply = http_answer(200, b"Yes.")
    assert poster(request) == BackendResponse(200)


def test_an_unwanted_body_is_not_read(server: BackendServer) -> None:
    server.reply = http_answer(200, b"x" * (BODY_MAX + 1))
    assert post(server, wants_body=False) == BackendResponse(200)


HEAD = b"HTTP/1.1 200 OK\r\n"
DRIPS: dict[str, Callable[[BackendServer], backend_server.Reply]] = {
    "nothing": lambda server: server.drip(b""),
    "a status line": lambda server: server.drip(b"HTTP/1.1 200 ", b"O"),
    "headers": lambda server: server.drip(HEAD, b"X-Test: 1\r\n"),
    "one header": lambda server: server.drip(HEAD + b"X-Test: ", b"1"),
    "early answers": lambda server: server.drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body with a length": lambda server: server.drip(HEAD + b"Content-Length: 60000\r\n\r\n", b" "),
    "a body in chunks": lambda server: server.drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a chunk's length": lambda server: server.drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "a body that ends with the connection": lambda server: server.drip(HEAD + b"\r\n{}", b" "),
}


@pytest.mark.parametrize("what", DRIPS)
def test_a_slow_stream_of_bytes_has_no_more_time_than_others(what: str, server: BackendServer) -> None:
    server.reply = DRIPS[what](server)
    began = time.monotonic()
    with pytest.raises(Unavailable, match=rf"^the backend took longer than {PATIENCE} seconds to answer$"):
        post(server, seconds=PATIENCE)
    assert PATIENCE <= time.monotonic() - began < AT_MOST
    if what != "nothing":  # who says nothing does not notice
        assert server.cut.wait(AT_MOST), "the connection must be cut, or it would live as long as the backend likes"


def test_a_slow_tls_handshake_has_no_more_time_either() -> None:
    over, gone = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as connection:
                connection.sendall(b"\x16\x03\x03\x40\x00")  # the head of a handshake record of 16 KiB
                try:
                    while not over.wait(0.02):
                        connection.sendall(b"\x00")
                except OSError:
                    gone.set()

        serving = threading.Thread(target=serve)
        serving.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(Unavailable):
            Poster(local=True)(BackendRequest(url, {}, b"", PATIENCE, wants_body=True))
        assert gone.wait(AT_MOST)
        over.set()
        serving.join()


def test_no_thread_stays_behind(server: BackendServer) -> None:
    before = set(threading.enumerate())
    server.reply = server.drip(HEAD, b"X-Test: 1\r\n")
    with pytest.raises(Unavailable):
        post(server, seconds=PATIENCE)
    for thread in set(threading.enumerate()) - before:
        thread.join(AT_MOST)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X-Test: 1\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX-Test: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
def test_an_interrupted_or_invalid_response_is_unavailable(reply: bytes, server: BackendServer) -> None:
    server.reply = reply
    with pytest.raises(Unavailable, match=r"^the backend could not be reached, or closed the connection: \w+$"):
        post(server)


def test_an_unreachable_host_is_unavailable_and_the_url_is_not_quoted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unavailable) as failed:
        Poster(local=True)(BackendRequest(f"http://127.0.0.1:{port}/texts?key=hush", {}, b"", 10, wants_body=True))
    assert str(failed.value) == "the backend could not be reached, or closed the connection: ConnectionError"
    assert failed.value.__suppress_context__, "requests' own words quote the URL"


@pytest.mark.parametrize("header", [b"no colon here", b"X-Test: 1\r\n: no name", b"X-Test: 1"])
def test_nothing_is_logged_of_a_url(header: bytes, server: BackendServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.reply = b"HTTP/1.1 200 OK\r\n" + header + b"\r\nContent-Length: 2\r\n\r\n{}"
    poster = Poster(local=True)
    poster(BackendRequest(server.url + "?key=hush", {}, b"", 10, wants_body=True))
    with pytest.raises(UpstreamRefused):
        Poster(local=False)(BackendRequest("https://127.0.0.1/?key=hush", {}, b"", 10, wants_body=True))
    assert not caplog.records


def test_a_request_shows_nothing_private_when_it_is_printed() -> None:
    request = BackendRequest("https://x.example/hush", {"webhook-signature": "hush"}, b"hush", 1, wants_body=True)
    assert "hush" not in repr(request)
    assert "hush" not in repr(dataclasses.replace(request, timeout_seconds=2))
