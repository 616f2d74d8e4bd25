"""Sending through the REST API with Twilio's own library, and what the phone shows."""

import re

import httpx
import pytest

from tests.unit.twin.rest_client import Rest, until
from tests.unit.twin.webhook_receiver import ACCOUNT, NUMBER, PERSON, TOKEN, TwinOperator

RFC_2822 = r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"


@pytest.fixture(autouse=True)
def _set_up(operator: TwinOperator) -> None:
    operator.set_up("http://127.0.0.1:1")


def test_a_message_is_queued_at_first_and_on_the_phone_in_the_end(rest: Rest, operator: TwinOperator) -> None:
    sent = rest.send(body="Good morning")
    assert (sent.status, sent.direction, sent.date_sent) == ("queued", "outbound-api", None)
    message = until(lambda: operator.ended(sent.sid))
    assert [entry["status"] for entry in message["history"]] == ["queued", "sending", "sent", "delivered"]
    assert operator.phone() == [
        {
            "from": NUMBER,
            "body": "Good morning",
            "media": [],
            "message_sid": sent.sid,
            "by": "api",
            "status": "delivered",
            "error_code": None,
        }
    ]
    fetched = rest.client().messages(sent.sid).fetch()
    assert (fetched.status, fetched.body, fetched.error_code) == ("delivered", "Good morning", None)
    assert fetched.date_sent >= fetched.date_created


def test_answers_in_the_shape_that_twilio_answers_in(twin_url: str) -> None:
    form = {"From": NUMBER, "To": PERSON, "Body": "x" * 161, "MediaUrl": ["https://h/a.png", "https://h/b.jpg"]}
    answer = httpx.post(f"{twin_url}{MESSAGES}.json", data=form, auth=(ACCOUNT, TOKEN), trust_env=False)
    assert answer.status_code == 201
    message = answer.json()
    assert re.fullmatch("MM[0-9a-f]{32}", message["sid"])
    for name in ("date_created", "date_updated"):
        assert re.fullmatch(RFC_2822, message.pop(name))
    assert message == {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": "x" * 161,
        "date_sent": None,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": NUMBER,
        "messaging_service_sid": None,
        "num_media": "2",
        "num_segments": "2",
        "price": None,
        "price_unit": "USD",
        "sid": message["sid"],
        "status": "queued",
        "subresource_uris": {"media": f"{MESSAGES}/{message['sid']}/Media.json"},
        "to": PERSON,
        "uri": f"{MESSAGES}/{message['sid']}.json",
    }


def test_messages_between_two_numbers_arrive_in_the_order_of_creation(rest: Rest, operator: TwinOperator) -> None:
    bodies = [str(number) for number in range(12)]
    for body in bodies:
        rest.send(body=body)
    until(lambda: len(operator.phone()) == len(bodies))
    assert [message["body"] for message in operator.phone()] == bodies


def test_the_phone_shows_the_media(rest: Rest, operator: TwinOperator) -> None:
    sent = rest.send(body=None, media_url=["https://h/a.png"])
    until(lambda: operator.ended(sent.sid))
    assert operator.phone()[0]["media"] == [{"url": "https://h/a.png", "content_type": "image/png"}]
