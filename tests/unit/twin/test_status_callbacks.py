"""Status callbacks: what they say, how they are signed, and how rude they are."""

import base64
import hashlib
import hmac

import pytest

from tests.unit.twin.rest_client import Rest, until
from tests.unit.twin.webhook_receiver import ACCOUNT, CHALLENGE, NUMBER, PERSON, TOKEN, Canned, Operator, Receiver

POLITE = {"shuffle": False, "repeat": False}


@pytest.fixture(autouse=True)
def _set_up(operator: Operator, receiver: Receiver) -> None:
    operator.set_up("http://127.0.0.1:1")
    receiver.answers(Canned(204, {}, b""))


def behave(operator: Operator, **manners: bool) -> None:
    assert operator.api.put("/callbacks", json=manners).status_code == 200


def told(receiver: Receiver, sid: str, count: int) -> list[str]:
    """The statuses that the receiver was told of a message, once there are so many."""

    def statuses() -> list[str]:
        return [request.value("MessageStatus") for request in receiver.received if request.value("MessageSid") == sid]

    until(lambda: len(statuses()) >= count)
    return statuses()


def test_tells_every_status_but_the_first(rest: Rest, operator: Operator, receiver: Receiver) -> None:
    behave(operator, **POLITE)
    sid = rest.send(status_callback=f"{receiver.url}/status?tenant=one").sid
    assert told(receiver, sid, 3) == ["sending", "sent", "delivered"]
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


def test_signs_the_url_without_password_and_fragment(rest: Rest, operator: Operator, receiver: Receiver) -> None:
    behave(operator, **POLITE)
    receiver.answers(Canned(401, CHALLENGE), Canned(204, {}, b""))
    sid = rest.send(status_callback=f"http://user:password@127.0.0.1:{receiver.port}/status#rc=0").sid
    assert told(receiver, sid, 4) == ["sending", "sending", "sent", "delivered"]
    for request in receiver.received:
        signed = f"{receiver.url}/status" + "".join(name + value for name, value in sorted(request.form))
        digest = hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
        assert request.headers["x-twilio-signature"] == base64.b64encode(digest).decode()
    assert ["authorization" in request.headers for request in receiver.received[:2]] == [False, True]


def test_follows_the_connections_table(rest: Rest, operator: Operator, receiver: Receiver) -> None:
    operator.api.put("/connections", json={"sms.example.com": receiver.url})
    sid = rest.send(status_callback="https://sms.example.com/status").sid
    told(receiver, sid, 3)
    assert receiver.received[0].headers["host"] == "sms.example.com"


def test_the_last_status_comes_twice_and_every_other_messages_sent_comes_late(rest: Rest, receiver: Receiver) -> None:
    first = rest.send(status_callback=receiver.url).sid
    assert told(receiver, first, 4) == ["sending", "delivered", "sent", "delivered"]
    second = rest.send(status_callback=receiver.url).sid
    assert told(receiver, second, 4) == ["sending", "sent", "delivered", "delivered"]
    third = rest.send(status_callback=receiver.url).sid
    assert told(receiver, third, 4) == ["sending", "delivered", "sent", "delivered"]


@pytest.mark.parametrize(
    ("manners", "statuses"),
    [
        ({"repeat": False}, ["sending", "delivered", "sent"]),
        ({"shuffle": False}, ["sending", "sent", "delivered", "delivered"]),
    ],
)
def test_can_be_rude_in_one_way_only(
    rest: Rest, operator: Operator, receiver: Receiver, manners: dict[str, bool], statuses: list[str]
) -> None:
    behave(operator, **manners)
    assert told(receiver, rest.send(status_callback=receiver.url).sid, len(statuses)) == statuses


def test_can_be_off(rest: Rest, operator: Operator, receiver: Receiver) -> None:
    behave(operator, off=True)
    silent = rest.send(status_callback=receiver.url).sid
    until(lambda: operator.ended(silent))
    behave(operator)
    told(receiver, rest.send(status_callback=receiver.url).sid, 4)
    assert silent not in {request.value("MessageSid") for request in receiver.received}


def test_are_written_down_with_what_was_answered(rest: Rest, operator: Operator, receiver: Receiver) -> None:
    behave(operator, **POLITE)
    receiver.answers(Canned(500), Canned(200, {}, b"thanks"))
    sid = rest.send(status_callback=receiver.url).sid
    until(lambda: len(operator.message(sid)["callbacks"]) == 3)
    made = operator.message(sid)["callbacks"]
    assert [(one["message_status"], one["status"], one["error"]) for one in made] == [
        ("sending", 500, "status"),
        ("sent", 200, None),
        ("delivered", 200, None),
    ]
    [alert] = operator.debugger()
    assert (alert["error_code"], alert["message_sid"], alert["url"]) == (11200, sid, receiver.url)


@pytest.mark.parametrize(("ends", "way"), [("failed", ["sending"]), ("undelivered", ["sending", "sent"])])
def test_tell_why_a_message_did_not_arrive(
    rest: Rest, operator: Operator, receiver: Receiver, ends: str, way: list[str]
) -> None:
    behave(operator, **POLITE)
    operator.fail(kind="fails_later", ends=ends, error_code=30003)
    sid = rest.send(status_callback=receiver.url).sid
    assert told(receiver, sid, len(way) + 1) == [*way, ends]
    assert receiver.received[-1].value("ErrorCode") == "30003"
    assert "ErrorCode" not in dict(receiver.received[0].form)
    message = rest.client().messages(sid).fetch()
    assert (message.status, message.error_code) == (ends, 30003)
    assert message.error_message == "Unreachable destination handset"
    assert operator.phone() == []


def test_the_twin_is_idle_when_all_is_told(rest: Rest, operator: Operator, receiver: Receiver) -> None:
    def idle() -> bool:
        found: bool = operator.api.get("/idle").get_json()["idle"]
        return found

    assert idle()
    sid = rest.send(status_callback=receiver.url).sid
    assert not idle()

    until(lambda: idle() or None)
    assert len(told(receiver, sid, 0)) == 4
