"""HTTPS backends: a certificate that nobody vouches for is never accepted, not even locally."""

import ssl
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from shared.backends.http import Request
from shared.backends.posting import Poster
from shared.errors import Unavailable


class Requests(BaseHTTPRequestHandler):
    asked = 0

    def do_POST(self) -> None:
        Requests.asked += 1
        self.send_response(204)
        self.end_headers()


@pytest.fixture
def https_port(tmp_path: Path) -> Iterator[int]:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*made.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)  # noqa: S603
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Quiet(HTTPServer):
        def handle_error(self, *_: object) -> None:
            """A handshake that fails is what is wanted."""

    server = Quiet(("127.0.0.1", 0), Requests)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield server.server_port
    server.shutdown()
    serving.join()
    server.server_close()


def test_a_certificate_that_nobody_vouches_for_is_refused_for_now(
    https_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(variable, str(tmp_path / "certificate.pem"))
    with pytest.raises(Unavailable, match=r"^the backend could not be reached, or broke off: SSLError$"):
        Poster(local=True)(Request(f"https://localhost:{https_port}/", {}, b"", 10, wants_body=True))
    assert not Requests.asked
