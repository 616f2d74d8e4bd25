"""The addresses that HTTP backends may not have, checked after the host name is resolved."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.backends.post import BackendRequest, BackendResponse
from shared.backends.transport import Poster
from shared.errors import Unavailable, UpstreamRefused
from tests import backend_server
from tests.backend_server import BackendServer

Resolve = Callable[[str, str], list[str]]

FORBIDDEN = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",  # noqa: S104 - nobody binds to it here
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",  # IPv4-compatible, from before ::ffff:0:0/96
    "::169.254.169.254",
    "::ffff:0:127.0.0.1",  # IPv4-translated (RFC 2765)
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2001:0:7f00:1::",  # Teredo
    "2001:db8::1",
    "fec0::1",  # once the private addresses
    "4000::1",
    "100::1",
    "::2",
    "2002:7f00:1::",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
]
SPELLINGS = [
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:0:7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[0:0:0:0:0:0:0:1]",
    "LOCALHOST",
    "127.0.0.1.",
]


@pytest.fixture
def server() -> Iterator[BackendServer]:
    with backend_server.running() as server:
        yield server


def post(url: str, *, local: bool = False) -> BackendResponse:
    return Poster(local=local)(BackendRequest(url, {}, b"hello", 10, wants_body=True))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What host names resolve to; each address is given out once, the last for ever. No other name exists.

    The resolver is the operating system's: nothing of ours could take another one as a parameter.
    """
    table: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as in socket
        if host in table:
            addresses = table[host]
            return real(addresses.pop(0) if len(addresses) > 1 else addresses[0], port, *args, **options)
        return real(host, port, *args, **(options | {"flags": socket.AI_NUMERICHOST}))

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return table


def assert_address_refused(url: str, *, local: bool = False) -> None:
    with pytest.raises(UpstreamRefused) as failed:
        post(url, local=local)
    assert failed.value.reason == "backend_address"
    assert str(failed.value) == "the backend's host has a loopback, private or link-local address"
    assert failed.value.__suppress_context__, "the library's own words quote the address"


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_name_that_leads_to_a_forbidden_address_is_refused(address: str, names: dict[str, list[str]]) -> None:
    names["desk.example.com"] = [address]
    assert_address_refused("https://desk.example.com/texts")


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_forbidden_address_itself_is_refused(address: str) -> None:
    assert_address_refused(f"https://[{address}]/" if ":" in address else f"https://{address}/")


@pytest.mark.parametrize("host", SPELLINGS)
def test_loopback_is_refused_however_it_is_spelt(host: str, server: BackendServer) -> None:
    with pytest.raises((UpstreamRefused, Unavailable)):
        post(f"https://{host}:{server.port}/")
    assert not server.asked


@pytest.mark.parametrize(
    "address", [a for a in FORBIDDEN if not a.endswith("127.0.0.1") and a not in {"127.8.9.10", "::1"}]
)
def test_locally_only_loopback_is_allowed_as_well(address: str, names: dict[str, list[str]]) -> None:
    names["desk.example.com"] = [address]
    assert_address_refused("http://desk.example.com/texts", local=True)


def test_locally_loopback_is_allowed_by_name_too(server: BackendServer, names: dict[str, list[str]]) -> None:
    names["desk.example.com"] = ["127.0.0.1"]
    assert post(f"http://desk.example.com:{server.port}/texts", local=True).status == 200
    assert server.asked[0].headers["host"] == f"desk.example.com:{server.port}"


def test_a_name_is_resolved_once_and_cannot_lead_elsewhere_a_moment_later(
    server: BackendServer, names: dict[str, list[str]]
) -> None:
    names["desk.example.com"] = ["127.0.0.1", "10.0.0.1"]
    assert post(f"http://desk.example.com:{server.port}/texts", local=True).status == 200
    assert len(server.asked) == 1


def test_plain_http_is_refused_in_production(server: BackendServer, names: dict[str, list[str]]) -> None:
    names["desk.example.com"] = ["127.0.0.1"]
    for url in (server.url, f"http://desk.example.com:{server.port}/", "http://203.0.113.7/"):
        with pytest.raises(UpstreamRefused, match=r"^the backend's URL cannot be used: InvalidSchema$"):
            post(url)
    assert not server.asked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "texts",
        "https://",
        "https:///texts",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "https://[::1",
        "https://desk..example.com/",
        "https://" + "x" * 64 + ".example.com/",
        "https://*.example.com/",
        "https://desk.example.com:port/",
    ],
)
@pytest.mark.parametrize("local", [True, False])
def test_an_invalid_url_is_refused(url: str, *, local: bool) -> None:
    with pytest.raises(UpstreamRefused, match=r"^the backend's URL cannot be used: \w+$") as failed:
        post(url, local=local)
    assert failed.value.reason == "backend_address"


def test_a_name_that_does_not_exist_is_unavailable(names: dict[str, list[str]]) -> None:
    with pytest.raises(
        Unavailable, match=r"^the backend could not be reached, or closed the connection: ConnectionError$"
    ):
        post("https://desk.example.com/texts?key=hush")


def test_the_metadata_of_a_lambda_is_out_of_reach_even_by_a_redirect(server: BackendServer) -> None:
    server.reply = backend_server.http_answer(307, Location="http://169.254.169.254/latest/meta-data/")
    assert post(server.url, local=True) == BackendResponse(307)
    assert len(server.asked) == 1


def test_no_source_turns_the_check_of_certificates_off() -> None:
    for path in (Path(__file__).parents[2] / "shared").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "verify=" not in text.replace(" ", ""), path
        assert "CERT_NONE" not in text, path
