"""HTTPS backends: the certificate must be vouched for and name the host, and TLS hides nobody from the clock."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.backends.http import Request, Response
from shared.backends.posting import Poster
from shared.errors import Unavailable
from tests import backend_server
from tests.backend_server import BackendServer, http_answer

NOT_VERIFIED = r"^the backend could not be reached, or broke off: SSLError$"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, with its key, that only itself vouches for."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*made.split(), "-keyout", path, "-out", path.with_suffix(".crt")], check=True, capture_output=True)  # noqa: S603 - our own words
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[BackendServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with backend_server.running(context) as server:
        yield server


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets requests find this certificate where it looks for those of the world; there is no setting for it."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))


def post(server: BackendServer, *, host: str = "localhost", seconds: float = 10) -> Response:
    request = Request(f"https://{host}:{server.port}/texts", {}, b"hello", seconds, wants_body=True)
    return Poster(local=True)(request)


@pytest.mark.usefixtures("trusted")
def test_a_certificate_that_is_vouched_for_and_names_the_host_is_accepted(server: BackendServer) -> None:
    server.reply = http_answer(200, "Yes.")
    assert post(server) == Response(200, b"Yes.")


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused_for_now(server: BackendServer) -> None:
    with pytest.raises(Unavailable, match=NOT_VERIFIED):
        post(server, host="127.0.0.1")
    assert not server.asked


def test_a_certificate_that_nobody_vouches_for_is_refused_for_now(
    server: BackendServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, str(certificate))
    with pytest.raises(Unavailable, match=NOT_VERIFIED):
        post(server)
    assert not server.asked


@pytest.mark.usefixtures("trusted")
def test_a_backend_that_drips_behind_tls_is_cut_off_too(server: BackendServer) -> None:
    server.reply = server.drip(b"HTTP/1.1 200 OK\r\nX-Test: ", b"1")
    with pytest.raises(Unavailable, match=r"^the backend took longer than 0\.4 seconds to answer$"):
        post(server, seconds=0.4)
    assert server.cut.wait(3)
