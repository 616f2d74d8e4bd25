"""Following redirects."""

import pytest

from tests.unit.twin.webhook_receiver import CHALLENGE, TOKEN, CannedResponse, RecordingReceiver, TwinOperator
from twin.signing import signature


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_becomes_a_get_and_loses_the_form(
    receiver: RecordingReceiver, operator: TwinOperator, status: int
) -> None:
    receiver.answers(CannedResponse(status, {"Location": "/elsewhere?y=1"}), CannedResponse())
    operator.set_up(f"{receiver.url}/texts?x=1")
    assert operator.text()["outcome"] == "delivered"
    second = receiver.received[1]
    assert (second.method, second.target, second.body) == ("GET", "/elsewhere?y=1", b"")
    assert "content-type" not in second.headers
    assert second.headers["x-twilio-signature"] == signature(f"{receiver.url}/elsewhere?y=1", [], TOKEN)


def test_a_307_keeps_method_and_form(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(307, {"Location": f"{other_receiver.url}/moved"}))
    operator.set_up(receiver.url)
    assert operator.text()["outcome"] == "delivered"
    [first], [second] = receiver.received, other_receiver.received
    assert (second.method, second.body) == ("POST", first.body)
    assert second.headers["x-twilio-signature"] == signature(f"{other_receiver.url}/moved", second.form, TOKEN)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (302, {}),
        (300, {"Location": "/x"}),
        (304, {"Location": "/x"}),
        (308, {"Location": "/x"}),
        (302, {"Location": "ftp://127.0.0.1/x"}),
        (302, {"Location": "http://[::1"}),
        (307, {"Location": "http://127.0.0.1:99999/"}),
        (302, {"Location": "/a b"}),
    ],
)
def test_any_other_3xx_is_an_invalid_redirect(
    receiver: RecordingReceiver, operator: TwinOperator, status: int, headers: dict[str, str]
) -> None:
    receiver.answers(CannedResponse(status, headers))
    operator.set_up(receiver.url)
    result = operator.text()
    assert (result["outcome"], result["error_code"], result["status"]) == ("failed", 11216, status)
    assert result["attempts"][-1]["error"] == "invalid_redirect"
    assert len(receiver.received) == 1


def test_ten_redirects_in_a_row_are_followed(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(*[CannedResponse(302, {"Location": "/again"})] * 10, CannedResponse())
    operator.set_up(receiver.url)
    assert operator.text()["outcome"] == "delivered"


def test_eleven_are_too_many(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    receiver.answers(CannedResponse(302, {"Location": "/again"}))
    operator.set_up(f"{receiver.url}#rp=all")
    result = operator.text()
    assert (result["outcome"], result["error_code"]) == ("failed", 11215)
    assert len(receiver.received) == 11


def test_credentials_follow_to_the_same_host_after_a_challenge(
    receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(307, {"Location": "/moved"}), CannedResponse(401, CHALLENGE), CannedResponse())
    operator.set_up(f"http://user:password@127.0.0.1:{receiver.port}/")
    assert operator.text()["outcome"] == "delivered"
    assert "authorization" not in receiver.received[1].headers
    assert "authorization" in receiver.received[2].headers


def test_credentials_never_follow_to_another_host(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    receiver.answers(CannedResponse(401, CHALLENGE), CannedResponse(307, {"Location": other_receiver.url}))
    other_receiver.answers(CannedResponse(401, CHALLENGE))
    operator.set_up(f"http://user:password@127.0.0.1:{receiver.port}/")
    assert operator.text()["status"] == 401
    [request] = other_receiver.received
    assert "authorization" not in request.headers
