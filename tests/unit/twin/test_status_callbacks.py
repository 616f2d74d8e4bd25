"""Status callbacks: their content, their signature, and their options."""

import base64
import hashlib
import hmac

import pytest

from tests.unit.twin.rest_client import Rest, until
from tests.unit.twin.webhook_receiver import (
    ACCOUNT,
    CHALLENGE,
    NUMBER,
    PERSON,
    TOKEN,
    CannedResponse,
    RecordingReceiver,
    TwinOperator,
)

WELL_BEHAVED = {"shuffle": False, "repeat": False}


@pytest.fixture(autouse=True)
def _set_up(operator: TwinOperator, receiver: RecordingReceiver) -> None:
    operator.set_up("http://127.0.0.1:1")
    receiver.answers(CannedResponse(204, {}, b""))


def set_options(operator: TwinOperator, **options: bool) -> None:
    assert operator.api.put("/callbacks", json=options).status_code == 200


def reported_statuses(receiver: RecordingReceiver, sid: str, count: int) -> list[str]:
    """The statuses that were reported to the receiver for a message, as soon as there are at least `count`."""

    def statuses() -> list[str]:
        return [request.value("MessageStatus") for request in receiver.received if request.value("MessageSid") == sid]

    until(lambda: len(statuses()) >= count)
    return statuses()


def test_reports_every_status_but_the_first(rest: Rest, operator: TwinOperator, receiver: RecordingReceiver) -> None:
    set_options(operator, **WELL_BEHAVED)
    sid = rest.send(status_callback=f"{receiver.url}/status?tenant=one").sid
    assert reported_statuses(receiver, sid, 3) == ["sending", "sent", "delivered"]
    last = receiver.received[-1]
    assert (last.method, last.target) == ("POST", "/status?tenant=one")
    assert dict(last.form) == {
        "MessageSid": sid,
        "SmsSid": sid,
        "MessageStatus": "delivered",
        "SmsStatus": "delivered",
        "AccountSid": ACCOUNT,
        "From": NUMBER,
        "To": PERSON,
        "ApiVersion": "2010-04-01",
    }


def test_signs_the_url_without_password_and_fragment(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    set_options(operator, **WELL_BEHAVED)
    receiver.answers(CannedResponse(401, CHALLENGE), CannedResponse(204, {}, b""))
    sid = rest.send(status_callback=f"http://user:password@127.0.0.1:{receiver.port}/status#rc=0").sid
    assert reported_statuses(receiver, sid, 4) == ["sending", "sending", "sent", "delivered"]
    for request in receiver.received:
        signed = f"{receiver.url}/status" + "".join(name + value for name, value in sorted(request.form))
        digest = hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
        assert request.headers["x-twilio-signature"] == base64.b64encode(digest).decode()
    assert ["authorization" in request.headers for request in receiver.received[:2]] == [False, True]


def test_follows_the_connections_table(rest: Rest, operator: TwinOperator, receiver: RecordingReceiver) -> None:
    operator.api.put("/connections", json={"sms.example.com": receiver.url})
    sid = rest.send(status_callback="https://sms.example.com/status").sid
    reported_statuses(receiver, sid, 3)
    assert receiver.received[0].headers["host"] == "sms.example.com"


def test_the_last_status_comes_twice_and_every_other_messages_sent_comes_late(
    rest: Rest, receiver: RecordingReceiver
) -> None:
    first = rest.send(status_callback=receiver.url).sid
    assert reported_statuses(receiver, first, 4) == ["sending", "delivered", "sent", "delivered"]
    second = rest.send(status_callback=receiver.url).sid
    assert reported_statuses(receiver, second, 4) == ["sending", "sent", "delivered", "delivered"]
    third = rest.send(status_callback=receiver.url).sid
    assert reported_statuses(receiver, third, 4) == ["sending", "delivered", "sent", "delivered"]


@pytest.mark.parametrize(
    ("options", "statuses"),
    [
        ({"repeat": False}, ["sending", "delivered", "sent"]),
        ({"shuffle": False}, ["sending", "sent", "delivered", "delivered"]),
    ],
)
def test_shuffling_and_repeating_can_be_turned_off_separately(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver, options: dict[str, bool], statuses: list[str]
) -> None:
    set_options(operator, **options)
    assert reported_statuses(receiver, rest.send(status_callback=receiver.url).sid, len(statuses)) == statuses


def test_callbacks_can_be_turned_off(rest: Rest, operator: TwinOperator, receiver: RecordingReceiver) -> None:
    set_options(operator, off=True)
    silent = rest.send(status_callback=receiver.url).sid
    until(lambda: operator.ended(silent))
    set_options(operator)
    reported_statuses(receiver, rest.send(status_callback=receiver.url).sid, 4)
    assert silent not in {request.value("MessageSid") for request in receiver.received}


def test_callbacks_are_recorded_with_their_responses(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    set_options(operator, **WELL_BEHAVED)
    receiver.answers(CannedResponse(500), CannedResponse(200, {}, b"thanks"))
    sid = rest.send(status_callback=receiver.url).sid
    until(lambda: len(operator.message(sid)["callbacks"]) == 3)
    callbacks = operator.message(sid)["callbacks"]
    assert [(callback["message_status"], callback["status"], callback["error"]) for callback in callbacks] == [
        ("sending", 500, "status"),
        ("sent", 200, None),
        ("delivered", 200, None),
    ]
    [alert] = operator.debugger()
    assert (alert["error_code"], alert["message_sid"], alert["url"]) == (11200, sid, receiver.url)


@pytest.mark.parametrize(("ends", "way"), [("failed", ["sending"]), ("undelivered", ["sending", "sent"])])
def test_reports_why_a_message_did_not_arrive(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver, ends: str, way: list[str]
) -> None:
    set_options(operator, **WELL_BEHAVED)
    operator.fail(kind="fails_later", ends=ends, error_code=30003)
    sid = rest.send(status_callback=receiver.url).sid
    assert reported_statuses(receiver, sid, len(way) + 1) == [*way, ends]
    assert receiver.received[-1].value("ErrorCode") == "30003"
    assert "ErrorCode" not in dict(receiver.received[0].form)
    message = rest.client().messages(sid).fetch()
    assert (message.status, message.error_code) == (ends, 30003)
    assert message.error_message == "Unreachable destination handset"
    assert operator.phone() == []


def test_the_twin_is_idle_after_the_last_callback(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    def idle() -> bool:
        answer: bool = operator.api.get("/idle").get_json()["idle"]
        return answer

    assert idle()
    sid = rest.send(status_callback=receiver.url).sid
    assert not idle()

    until(lambda: idle() or None)
    assert len(reported_statuses(receiver, sid, 0)) == 4
