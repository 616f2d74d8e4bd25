"""How long the twin waits and what it tries again. The twin's waits are 0.025 of Twilio's."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from tests.unit.twin.webhook_receiver import CHALLENGE, XML, CannedResponse, RecordingReceiver, TwinOperator


def silent(receiver: RecordingReceiver) -> CannedResponse:
    """An answer that does not come before the receiver closes."""

    def act(_endpoint: BaseHTTPRequestHandler) -> None:
        receiver.closing.wait(10)

    return CannedResponse(act=act)


def dripping(receiver: RecordingReceiver) -> CannedResponse:
    """An answer of which a byte comes every now and then, and never all."""

    def act(endpoint: BaseHTTPRequestHandler) -> None:
        endpoint.send_response_only(200)
        endpoint.send_header("Content-Type", "text/xml")
        endpoint.end_headers()
        while not receiver.closing.wait(0.005):
            endpoint.wfile.write(b" ")

    return CannedResponse(act=act)


def flooding(endpoint: BaseHTTPRequestHandler) -> None:
    """An answer without an end."""
    endpoint.send_response_only(200)
    endpoint.send_header("Content-Type", "text/xml")
    endpoint.end_headers()
    while True:
        endpoint.wfile.write(b" " * 8192)


def hanging_up(endpoint: BaseHTTPRequestHandler) -> None:
    endpoint.close_connection = True


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, kept so that nobody else takes it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def mute_port() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def errors(result: dict[str, list[dict[str, object]]]) -> list[object]:
    return [attempt["error"] for attempt in result["attempts"]]


@pytest.mark.parametrize(
    ("fragment", "tries"), [("", 2), ("#rc=0", 1), ("#rc=4", 5), ("#rc=4&rp=rt,5xx", 1), ("#rp=all", 2)]
)
def test_tries_a_refused_connection_again(operator: TwinOperator, closed_port: int, fragment: str, tries: int) -> None:
    operator.set_up(f"http://127.0.0.1:{closed_port}/texts{fragment}")
    result = operator.text()
    assert errors(result) == ["connection_refused"] * tries
    assert [attempt["attempt"] for attempt in result["attempts"]] == list(range(1, tries + 1))
    assert (result["outcome"], result["status"], result["error_code"]) == ("failed", None, 11202)
    assert operator.codes() == [11202]


def test_counts_a_failed_handshake_as_a_failed_connection(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(f"https://127.0.0.1:{receiver.port}/texts#rc=2")
    result = operator.text()
    assert errors(result) == ["tls_failed"] * 3
    assert result["error_code"] == 11220


def test_waits_for_a_handshake_no_longer_than_for_a_connection(operator: TwinOperator, mute_port: int) -> None:
    operator.set_up(f"https://127.0.0.1:{mute_port}/texts#ct=1000&rc=1")
    result = operator.text()
    assert errors(result) == ["connect_timeout"] * 2
    assert result["error_code"] == 11201
    assert all(20 <= attempt["milliseconds"] <= 250 for attempt in result["attempts"])


def test_names_a_host_that_does_not_exist(operator: TwinOperator) -> None:
    operator.set_up(f"http://{'.'.join(['x' * 60] * 5)}/texts#rc=0")
    result = operator.text()
    assert errors(result) == ["bad_host"]
    assert result["error_code"] == 11210


@pytest.mark.parametrize(
    ("fragment", "tries"), [("#rt=1000", 1), ("#rt=1000&rc=2&rp=ct", 1), ("#rt=1000&rc=2&rp=ct,rt", 3)]
)
def test_tries_a_read_timeout_again_only_when_told_to(
    receiver: RecordingReceiver, operator: TwinOperator, fragment: str, tries: int
) -> None:
    receiver.answers(silent(receiver))
    operator.set_up(f"{receiver.url}{fragment}")
    result = operator.text()
    assert errors(result) == ["read_timeout"] * tries
    assert result["error_code"] == 11205
    assert all(20 <= attempt["milliseconds"] <= 250 for attempt in result["attempts"])
    assert len({request.headers["i-twilio-idempotency-token"] for request in receiver.received}) == 1
    assert len({request.body for request in receiver.received}) == 1


@pytest.mark.parametrize("status", [500, 503, 404])
def test_tries_no_status_again_by_itself(receiver: RecordingReceiver, operator: TwinOperator, status: int) -> None:
    receiver.answers(CannedResponse(status))
    operator.set_up(receiver.url)
    result = operator.text()
    assert (result["status"], result["error_code"]) == (status, 11200)
    assert errors(result) == [None]


@pytest.mark.parametrize(
    ("fragment", "status", "requests"),
    [("#rc=3&rp=5xx", 503, 4), ("#rc=3&rp=4xx", 503, 1), ("#rc=3&rp=4xx", 404, 4), ("#rc=3&rp=all", 500, 4)],
)
def test_tries_a_status_again_when_told_to(
    receiver: RecordingReceiver, operator: TwinOperator, fragment: str, status: int, requests: int
) -> None:
    receiver.answers(CannedResponse(status))
    operator.set_up(f"{receiver.url}{fragment}")
    assert operator.text()["outcome"] == "failed"
    assert len(receiver.received) == requests


def test_a_retry_that_succeeds_leaves_no_trace_in_the_debugger(
    receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(503), CannedResponse())
    operator.set_up(f"{receiver.url}#rp=5xx")
    result = operator.text()
    assert (result["outcome"], result["error_code"], result["status"]) == ("delivered", None, 200)
    assert operator.codes() == []


def test_every_try_has_its_own_challenge(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(
        CannedResponse(401, CHALLENGE), CannedResponse(503), CannedResponse(401, CHALLENGE), CannedResponse()
    )
    operator.set_up(f"http://user:password@127.0.0.1:{receiver.port}/#rc=1&rp=5xx")
    attempts = operator.text()["attempts"]
    assert [(a["attempt"], a["credentials"]) for a in attempts] == [(1, False), (1, True), (2, False), (2, True)]


def test_the_total_time_ends_all_tries(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(silent(receiver))
    operator.set_up(f"{receiver.url}#rt=10000&tt=11000&rc=5&rp=rt")
    result = operator.text()
    assert errors(result) == ["read_timeout", "total_timeout"]
    assert result["error_code"] == 11203
    assert result["attempts"][1]["milliseconds"] < 150


@pytest.mark.parametrize(
    ("fragment", "error"), [("#tt=2000", "total_timeout"), ("#tt=2000&rt=10000&rp=all", "total_timeout")]
)
def test_the_total_time_ends_an_answer_that_drips(
    receiver: RecordingReceiver, operator: TwinOperator, fragment: str, error: str
) -> None:
    receiver.answers(dripping(receiver))
    operator.set_up(f"{receiver.url}{fragment}")
    result = operator.text()
    assert errors(result) == [error]
    assert 40 <= result["attempts"][0]["milliseconds"] <= 400


def test_stops_reading_an_answer_that_never_ends(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(CannedResponse(act=flooding))
    operator.set_up(receiver.url)
    assert errors(operator.text()) == ["too_large"]


def test_a_total_that_nobody_set_is_a_read_timeout(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(silent(receiver))
    operator.set_up(receiver.url)
    result = operator.text()
    assert errors(result) == ["read_timeout"]
    assert 300 <= result["attempts"][0]["milliseconds"] <= 900


@pytest.mark.parametrize(("fragment", "tries"), [("", 1), ("#rp=ct,rt,4xx,5xx", 1), ("#rp=all", 2)])
def test_only_the_policy_all_retries_a_broken_off_response(
    receiver: RecordingReceiver, operator: TwinOperator, fragment: str, tries: int
) -> None:
    receiver.answers(CannedResponse(act=hanging_up))
    operator.set_up(f"{receiver.url}{fragment}")
    result = operator.text()
    assert errors(result) == ["protocol_violation"] * tries
    assert result["error_code"] == 11206


def test_a_wrong_retry_policy_makes_no_request_at_all(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(f"{receiver.url}#rp=5xx,sometimes")
    result = operator.text()
    assert (result["outcome"], result["error_code"], result["attempts"]) == ("failed", 11243, [])
    assert receiver.received == []


def test_never_honours_a_429(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(CannedResponse(429, {**XML, "Retry-After": "0"}))
    operator.set_up(receiver.url)
    result = operator.text()
    assert (result["outcome"], result["error_code"]) == ("failed", 11217)
    assert len(receiver.received) == 1
