"""A backend on loopback that answers whatever a test wants, byte by byte if need be, and remembers its requests."""

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[], Iterable[bytes]]

SECRET, OLD_SECRET = "whsec_" + "bmV3" * 8, "whsec_" + "b2xk" * 8


def http_answer(status: int, body: bytes | str = b"", **headers: str) -> bytes:
    """An answer as it stands on the wire; headers are given with _ for -."""
    content = body.encode() if isinstance(body, str) else body
    lines = {"Content-Length": str(len(content))} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}Connection: close\r\n\r\n".encode() + content


def says(answer: object) -> bytes:
    """An answer with status 200 and this JSON."""
    return http_answer(200, json.dumps(answer), Content_Type="application/json")


@dataclass(frozen=True)
class Asked:
    """One request as it came in; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> Any:  # noqa: ANN401 - whatever JSON it is
        """The body's JSON."""
        return json.loads(self.body)


@dataclass
class BackendServer:
    """What it was asked, and what it says: bytes, or something that gives them bit by bit.

    `cut` is set when the other side went away before everything was said; `over` when the test is.
    """

    port: int = 0
    reply: bytes | Reply = field(default_factory=lambda: says({}))
    asked: list[Asked] = field(default_factory=list)
    cut: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/texts"

    def drip(self, *chunks: bytes) -> Reply:
        """Says the first chunk at once and the others again and again, one every 20 ms, until nobody listens."""

        def reply() -> Iterator[bytes]:
            yield chunks[0]
            while not self.over.wait(0.02):
                yield from chunks[1:]

        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Says nothing: a connection that fails, such as in its TLS handshake, is what a test wants."""


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[BackendServer]:
    """The server, on a free port of 127.0.0.1."""
    state = BackendServer()

    class Requests(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            state.asked.append(Asked(self.path, headers, body))
            try:
                for chunk in [state.reply] if isinstance(state.reply, bytes) else state.reply():
                    self.wfile.write(chunk)
            except OSError:
                state.cut.set()
            self.close_connection = True

        def do_GET(self) -> None:
            """A redirect that is followed would come by here."""
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = _Server(("127.0.0.1", 0), Requests)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    state.port = server.server_port
    try:
        yield state
    finally:
        state.over.set()
        server.shutdown()
        serving.join()
        server.server_close()
