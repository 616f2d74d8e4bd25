"""With TLS, for backends and Twilio alike: a certificate must be valid, trusted, and for the host."""

import json
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.backends.post import BackendRequest
from shared.backends.transport import Poster
from shared.errors import InDoubt, Unavailable
from shared.providers.twilio.message_api import TwilioRest
from tests import backend_server
from tests.backend_server import BackendServer, http_answer
from tests.integration.twilio_stub import MESSAGE, STATUS_URL, WITH_KEY, resource

Ask = Callable[..., None]
NOT_VERIFIED = "SSLError$"


def make(path: Path, *, days: int = 1) -> Path:
    """A certificate for localhost, with its key, that only itself vouches for."""
    key, own = path.with_suffix(".key"), path.with_suffix(".crt")
    new = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*new.split(), "-keyout", key, "-out", own], check=True, capture_output=True)  # noqa: S603 - our own words
    dated = f"openssl x509 -in {own} -signkey {key} -days {days} -out {path}"
    subprocess.run(dated.split(), check=True, capture_output=True)  # noqa: S603
    path.write_text(key.read_text() + path.read_text())
    return path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tls") / "both.pem")


@contextmanager
def serving(certificate: Path) -> Iterator[BackendServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with backend_server.running(context) as server:
        server.reply = http_answer(201, json.dumps(resource()))
        yield server


@pytest.fixture
def server(certificate: Path) -> Iterator[BackendServer]:
    with serving(certificate) as server:
        yield server


def trust(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets requests find this certificate where it looks for those of the world; there is no setting for it."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(certificate, monkeypatch)


def post(server: BackendServer, host: str = "localhost", *, seconds: float = 10) -> None:
    request = BackendRequest(f"https://{host}:{server.port}/texts", {}, b"hello", seconds, wants_body=True)
    Poster(local=True)(request)


def send(server: BackendServer, host: str = "localhost") -> None:
    api = TwilioRest(f"https://{host}:{server.port}", timeout_seconds=10)
    api.send(MESSAGE, WITH_KEY, status_url=STATUS_URL)


def refused(ask: Ask, server: BackendServer, host: str = "localhost") -> bool:
    """Whether nothing was asked, because of the certificate."""
    with pytest.raises((Unavailable, InDoubt), match=NOT_VERIFIED):
        ask(server, host)
    return not server.asked


both = pytest.mark.parametrize("ask", [post, send])


@both
@pytest.mark.usefixtures("trusted")
def test_a_trusted_certificate_for_the_host_is_accepted(ask: Ask, server: BackendServer) -> None:
    ask(server)
    assert len(server.asked) == 1


@both
@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused_for_now(ask: Ask, server: BackendServer) -> None:
    assert refused(ask, server, "127.0.0.1")


@both
@pytest.mark.usefixtures("trusted")
def test_a_good_connection_does_not_make_others_trusted(ask: Ask, server: BackendServer) -> None:
    """For all begin with the same, on which urllib3 turns off a check that it does itself, if it must, for backends."""
    for accepted in (post, send):
        accepted(server)
    server.asked.clear()
    assert refused(ask, server, "127.0.0.1")


@both
def test_an_untrusted_certificate_is_refused_for_now(
    ask: Ask, server: BackendServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, str(certificate))
    assert refused(ask, server)


@both
def test_a_certificate_that_has_expired_is_refused_for_now(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expired = make(tmp_path / "expired.pem", days=-1)
    trust(expired, monkeypatch)
    with serving(expired) as server:
        assert refused(ask, server)


@both
def test_the_ca_certificates_are_read_once(
    ask: Ask, server: BackendServer, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorities = tmp_path / "authorities.pem"
    authorities.write_bytes(certificate.read_bytes())
    trust(authorities, monkeypatch)
    ask(server)
    authorities.unlink()
    ask(server)
    assert len(server.asked) == 2


def test_they_are_read_before_the_first_request_to_twilio(
    server: BackendServer, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorities = tmp_path / "authorities.pem"
    authorities.write_bytes(certificate.read_bytes())
    trust(authorities, monkeypatch)
    api = TwilioRest(f"https://localhost:{server.port}", timeout_seconds=10)
    authorities.unlink()
    assert api.send(MESSAGE, WITH_KEY, status_url=STATUS_URL).status.word == "queued"


@pytest.mark.usefixtures("trusted")
def test_a_slow_stream_of_bytes_over_tls_is_ended_too(server: BackendServer) -> None:
    server.reply = server.drip(b"HTTP/1.1 200 OK\r\nX-Test: ", b"1")
    with pytest.raises(Unavailable, match=r"^the backend took longer than 0\.4 seconds to answer$"):
        post(server, seconds=0.4)
    assert server.cut.wait(3)
