"""What operators ask of Twilio about messages, on our twin: a text, the texts of a person, failed webhooks."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from operations.tracing.window import Window
from operations.twilio.messages import TwilioMessages
from shared.errors import Unavailable, UpstreamRefused
from shared.providers.twilio import NAME
from shared.tenants.account import Account
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON, TOKEN
from tests.unit.twin.rest_client import until
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio

OTHER_PERSON = "+12025550199"
US = Account(ACCOUNT, NAME, (TOKEN,))


@dataclass(frozen=True)
class Rig:
    """Twilio as operators ask it, and its control API."""

    messages: TwilioMessages
    control: FlaskClient

    def text(self, sender: str = PERSON) -> str:
        answer = self.control.post("/texts", json={"from": sender, "to": OUR_NUMBER, "body": "hello"}).get_json()
        sid: str = answer["message_sid"]
        return sid


@contextmanager
def serving(twilio: OfflineTwilio) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(twilio), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def rig() -> Iterator[Rig]:
    twilio = OfflineTwilio(time_scale=0.01)
    control = create_app(twilio).test_client()
    assert control.put(f"/accounts/{ACCOUNT}", json={"auth_token": TOKEN}).status_code == 200
    number = {"account_sid": ACCOUNT, "sms_url": "http://apikey:secret@127.0.0.1:1/sms"}
    assert control.put(f"/numbers/{OUR_NUMBER}", json=number).status_code == 200
    with serving(twilio) as url:
        yield Rig(TwilioMessages(url, timeout_seconds=5), control)


def day() -> Window:
    return Window(datetime.now(UTC) - timedelta(days=1))


def test_finds_a_text_by_its_id_without_its_words(rig: Rig) -> None:
    sid = rig.text()
    found = rig.messages.find(US, sid)
    assert found is not None
    assert (found.id, found.sender, found.recipient, found.is_inbound) == (sid, PERSON, OUR_NUMBER, True)
    assert abs(found.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert PERSON not in repr(found)
    assert "hello" not in str(vars(found))


def test_a_text_that_twilio_does_not_have_is_none(rig: Rig) -> None:
    assert rig.messages.find(US, "SM" + "9" * 32) is None


def test_lists_the_latest_texts_of_a_person_or_to_a_number(rig: Rig) -> None:
    theirs = [rig.text() for _ in range(3)]
    others = rig.text(OTHER_PERSON)
    of_person = rig.messages.inbound(US, day(), sender=PERSON, recipient=None, limit=2)
    assert [message.id for message in of_person] == theirs[:0:-1]
    to_number = rig.messages.inbound(US, day(), sender=None, recipient=OUR_NUMBER, limit=20)
    assert {message.id for message in to_number} == {*theirs, others}


def test_lists_no_message_of_ours(rig: Rig) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    sent = {"From": OUR_NUMBER, "To": PERSON, "Body": "hello"}
    assert rig.control.post(path, data=sent, auth=(ACCOUNT, TOKEN)).status_code == 201
    assert until(lambda: rig.control.get("/idle").get_json()["idle"])
    assert rig.messages.inbound(US, day(), sender=None, recipient=None, limit=20) == []


def test_lists_no_text_of_another_time(rig: Rig) -> None:
    rig.text()
    tomorrow = Window(datetime.now(UTC) + timedelta(days=1))
    yesterday = Window(datetime.now(UTC) - timedelta(days=3), datetime.now(UTC) - timedelta(days=2))
    for window in (tomorrow, yesterday):
        assert rig.messages.inbound(US, window, sender=PERSON, recipient=None, limit=20) == []


def test_lists_the_webhooks_that_failed(rig: Rig) -> None:
    sid = rig.text()
    [alert] = rig.messages.alerts(US, day())
    assert (alert.message_id, alert.method, alert.status) == (sid, "POST", None)
    assert alert.code > 11000
    assert "127.0.0.1" not in repr(alert)


def test_says_that_twilio_does_not_accept_the_token(rig: Rig) -> None:
    stranger = Account(ACCOUNT, NAME, ("0" * 32,))
    for ask in (
        lambda: rig.messages.find(stranger, "SM" + "9" * 32),
        lambda: rig.messages.alerts(stranger, day()),
        lambda: rig.messages.inbound(stranger, day(), sender=PERSON, recipient=None, limit=1),
    ):
        with pytest.raises(UpstreamRefused, match="does not accept the auth tokens"):
            ask()


def test_a_twilio_that_is_away_is_unavailable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(Unavailable):
        TwilioMessages(url, timeout_seconds=2).alerts(US, day())
