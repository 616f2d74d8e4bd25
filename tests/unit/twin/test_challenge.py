"""When the twin sends a webhook's user and password."""

import base64

import pytest

from tests.unit.twin.webhook_receiver import CHALLENGE, CannedResponse, RecordingReceiver, TwinOperator


def with_credentials(receiver: RecordingReceiver, userinfo: str = "smsuser:open-sesame") -> str:
    return f"http://{userinfo}@127.0.0.1:{receiver.port}/texts"


def test_sends_no_credentials_before_a_challenge(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(with_credentials(receiver))
    assert operator.text()["outcome"] == "delivered"
    [request] = receiver.received
    assert "authorization" not in request.headers


def test_repeats_with_credentials_only_after_a_basic_challenge(
    receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(401, CHALLENGE), CannedResponse())
    operator.set_up(with_credentials(receiver))
    result = operator.text()
    assert result["outcome"] == "delivered"
    first, second = receiver.received
    assert "authorization" not in first.headers
    assert second.headers["authorization"] == "Basic " + base64.b64encode(b"smsuser:open-sesame").decode()
    assert first.body == second.body
    assert first.headers["x-twilio-signature"] == second.headers["x-twilio-signature"]
    assert [(attempt["credentials"], attempt["status"]) for attempt in result["attempts"]] == [
        (False, 401),
        (True, 200),
    ]
    assert result["attempts"][0]["challenge"] == 'Basic realm="texts"'
    assert {attempt["attempt"] for attempt in result["attempts"]} == {1}
    assert operator.codes() == []


@pytest.mark.parametrize(
    "challenge",
    ["basic realm=x", "BASIC", 'Digest realm="x", nonce="1", Basic realm="x"', 'Bearer,Basic realm="a \\" b"'],
)
def test_finds_the_basic_scheme_in_any_case_and_company(
    receiver: RecordingReceiver, operator: TwinOperator, challenge: str
) -> None:
    receiver.answers(CannedResponse(401, {"WWW-Authenticate": challenge}), CannedResponse())
    operator.set_up(with_credentials(receiver))
    assert operator.text()["outcome"] == "delivered"
    assert len(receiver.received) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-amzn-Remapped-WWW-Authenticate": 'Basic realm="texts"'},
        {"WWW-Authenticate": 'Digest realm="texts", nonce="1"'},
        {"WWW-Authenticate": "Bearer"},
        {"WWW-Authenticate": 'Digest realm="a, Basic b"'},
        {"WWW-Authenticate": "Basically no"},
        {"WWW-Authenticate": ""},
    ],
)
def test_sends_no_credentials_without_a_basic_challenge(
    receiver: RecordingReceiver, operator: TwinOperator, headers: dict[str, str]
) -> None:
    receiver.answers(CannedResponse(401, headers), CannedResponse())
    operator.set_up(with_credentials(receiver))
    result = operator.text()
    assert (result["outcome"], result["status"], result["error_code"]) == ("failed", 401, 11200)
    [request] = receiver.received
    assert "authorization" not in request.headers


@pytest.mark.parametrize("status", [200, 403, 407, 500])
def test_only_a_401_is_a_challenge(receiver: RecordingReceiver, operator: TwinOperator, status: int) -> None:
    receiver.answers(CannedResponse(status, {**CHALLENGE, "Content-Type": "text/xml"}))
    operator.set_up(with_credentials(receiver))
    operator.text()
    assert len(receiver.received) == 1


def test_shows_the_name_of_a_renamed_challenge(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(CannedResponse(401, {"X-Amzn-Remapped-WWW-Authenticate": "Basic"}))
    operator.set_up(with_credentials(receiver))
    [attempt] = operator.text()["attempts"]
    assert attempt["challenge"] is None
    assert attempt["challenge_headers"] == ["x-amzn-remapped-www-authenticate"]


def test_a_challenge_is_final_without_credentials(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(CannedResponse(401, CHALLENGE))
    operator.set_up(receiver.url)
    result = operator.text()
    assert (result["outcome"], result["error_code"]) == ("failed", 11200)
    assert len(receiver.received) == 1


def test_gives_up_when_the_credentials_are_refused(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(CannedResponse(401, CHALLENGE))
    operator.set_up(with_credentials(receiver))
    result = operator.text()
    assert (result["outcome"], result["status"], result["error_code"]) == ("failed", 401, 11200)
    assert len(receiver.received) == 2
    assert operator.codes() == [11200]


@pytest.mark.parametrize(
    ("userinfo", "pair"),
    [
        ("u%40x:p%3A%2Fw", b"u@x:p:/w"),
        ("user:with:colons", b"user:with:colons"),
        ("user", b"user:"),
        (":only", b":only"),
        ("%C3%BC:%E2%82%AC", "ü:€".encode()),
        ("plus+stays:a+b", b"plus+stays:a+b"),
    ],
)
def test_decodes_percent_signs_before_base64(
    receiver: RecordingReceiver, operator: TwinOperator, userinfo: str, pair: bytes
) -> None:
    receiver.answers(CannedResponse(401, CHALLENGE), CannedResponse())
    operator.set_up(with_credentials(receiver, userinfo))
    operator.text()
    scheme, encoded = receiver.received[1].headers["authorization"].split(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded) == pair
