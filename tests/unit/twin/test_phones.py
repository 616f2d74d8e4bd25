"""What a person's phone shows besides messages of the REST API, and numbers that text each other."""

import pytest

from tests.unit.twin.rest_client import Rest, until
from tests.unit.twin.webhook_receiver import ACCOUNT, NUMBER, PERSON, CannedResponse, RecordingReceiver, TwinOperator

OTHER_NUMBER = "+15550003333"
CHATTY = CannedResponse(body=b"<Response><Message>Hi</Message><Message>there</Message></Response>")


def test_shows_nothing_at_first(operator: TwinOperator) -> None:
    assert operator.phone() == []


def test_shows_the_replies_of_a_webhook(rest: Rest, operator: TwinOperator, receiver: RecordingReceiver) -> None:
    receiver.answers(CHATTY)
    operator.set_up(receiver.url)
    operator.text()
    until(lambda: len(operator.phone()) == 2)
    assert [(message["by"], message["body"], message["from"]) for message in operator.phone()] == [
        ("twiml", "Hi", NUMBER),
        ("twiml", "there", NUMBER),
    ]
    replies = rest.client().messages.list(to=PERSON)
    assert {message.direction for message in replies} == {"outbound-reply"}


def test_each_person_has_a_phone_of_their_own(operator: TwinOperator, receiver: RecordingReceiver) -> None:
    receiver.answers(CHATTY)
    operator.set_up(receiver.url)
    operator.text(**{"from": "whatsapp:" + PERSON, "to": "whatsapp:" + NUMBER})
    until(lambda: len(operator.phone("whatsapp:" + PERSON)) == 2)
    assert operator.phone() == []
    assert {message["from"] for message in operator.phone("whatsapp:" + PERSON)} == {"whatsapp:" + NUMBER}


def test_a_text_that_failed_has_no_reply(operator: TwinOperator, receiver: RecordingReceiver) -> None:
    receiver.answers(CannedResponse(500, body=CHATTY.body))
    operator.set_up(receiver.url)
    sid = operator.text()["message_sid"]
    assert [message["message_sid"] for message in operator.api.get("/messages").get_json()] == [sid]


@pytest.mark.parametrize("body", [b"", b"x" * 1601])
def test_a_reply_that_twilio_does_not_send_is_in_the_debugger(
    operator: TwinOperator, receiver: RecordingReceiver, body: bytes
) -> None:
    receiver.answers(CannedResponse(body=b"<Response><Message>%b</Message><Message>Bye</Message></Response>" % body))
    operator.set_up(receiver.url)
    operator.text()
    assert [message["body"] for message in until(operator.phone)] == ["Bye"]
    assert [(alert["error_code"], alert["url"]) for alert in operator.debugger()] == [(14103, receiver.url)]


def test_a_reply_may_have_1600_characters(operator: TwinOperator, receiver: RecordingReceiver) -> None:
    receiver.answers(CannedResponse(body=b"<Response><Message>%b</Message></Response>" % (b"x" * 1600)))
    operator.set_up(receiver.url)
    operator.text()
    assert until(operator.phone)[0]["body"] == "x" * 1600
    assert operator.debugger() == []


@pytest.mark.parametrize("media", [[], ["https://h/a.png"]])
def test_a_message_to_another_number_arrives_as_a_text(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver, media: list[str]
) -> None:
    operator.set_up("http://127.0.0.1:1")
    other = {"account_sid": "AC2", "sms_url": receiver.url}
    operator.api.put("/accounts/AC2", json={"auth_token": "of-the-other"})
    operator.api.put(f"/numbers/{OTHER_NUMBER}", json=other)
    sent = rest.send(to=OTHER_NUMBER, body="From one to the other", media_url=media)
    until(lambda: receiver.received)
    [request] = receiver.received
    assert (request.value("From"), request.value("To")) == (NUMBER, OTHER_NUMBER)
    assert (request.value("Body"), request.value("AccountSid")) == ("From one to the other", "AC2")
    assert request.value("MessageSid") != sent.sid
    assert request.value("NumMedia") == str(len(media))
    texts = rest.client("AC2", "of-the-other", "AC2").messages.list()
    assert [(text.sid, text.direction) for text in texts] == [(request.value("MessageSid"), "inbound")]


def test_a_conversation_of_two_numbers_goes_back_and_forth(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    receiver.answers(CannedResponse(body=b"<Response><Message>pong</Message></Response>"), CannedResponse())
    operator.set_up(receiver.url)
    operator.api.put(f"/numbers/{OTHER_NUMBER}", json={"account_sid": ACCOUNT, "sms_url": receiver.url})
    rest.send(to=OTHER_NUMBER, body="ping")
    until(lambda: len(receiver.received) == 2)
    assert [(request.value("To"), request.value("Body")) for request in receiver.received] == [
        (OTHER_NUMBER, "ping"),
        (NUMBER, "pong"),
    ]


def test_opting_out_works_between_numbers_too(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up("http://127.0.0.1:1")
    operator.api.put(f"/numbers/{OTHER_NUMBER}", json={"account_sid": ACCOUNT})
    rest.send(to=OTHER_NUMBER, body="STOP")
    confirmation = until(lambda: operator.phone(NUMBER))[0]
    assert (confirmation["by"], confirmation["from"]) == ("twilio", OTHER_NUMBER)
