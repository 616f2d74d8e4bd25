"""The command's own way to look at the web, on a server of our own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from operations.health.web import Web
from shared.errors import Unavailable


class Requests(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = json.dumps({"body": body, "type": self.headers["Content-Type"], "host": self.headers["Host"]}).encode()
        self.send_response(302)
        self.send_header("WWW-Authenticate", "Basic")
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Requests)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_posts_a_form_and_follows_nothing() -> None:
    with serving() as port:
        answer = Web().post(f"http://127.0.0.1:{port}/a", headers={"Host": "a.example.com"}, body="a=1&b=")
    assert (answer.status, answer.headers["www-authenticate"]) == (302, "Basic")
    assert json.loads(answer.body) == {
        "body": "a=1&b=",
        "type": "application/x-www-form-urlencoded",
        "host": "a.example.com",
    }
    assert "Basic" not in repr(answer)


def test_a_server_that_is_not_there_does_not_answer() -> None:
    with serving() as port:
        pass
    with pytest.raises(Unavailable, match="no answer: ConnectError") as failed:
        Web().post(f"http://apikey:secret@127.0.0.1:{port}/", headers={}, body="")
    assert "secret" not in str(failed.value)


def test_a_certificate_that_cannot_be_had_is_told() -> None:
    with pytest.raises(Unavailable, match="no TLS connection: ConnectionRefusedError"):
        Web().certificate_ends("127.0.0.1")


def test_a_name_leads_to_itself() -> None:
    assert "localhost" in Web().names("localhost")


def test_a_name_that_does_not_exist_is_told() -> None:
    with pytest.raises(Unavailable, match=r"the name a\.\.b does not exist"):
        Web().names("a..b")
