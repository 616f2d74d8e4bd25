"""Opting out: what Twilio does by itself with a person's STOP."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.unit.twin.rest_client import Rest, until
from tests.unit.twin.webhook_receiver import ACCOUNT, NUMBER, PERSON, CannedResponse, RecordingReceiver, TwinOperator

STRANGER = "+15550004444"
OTHER_NUMBER = "+15550003333"


@pytest.fixture(autouse=True)
def _set_up(operator: TwinOperator, receiver: RecordingReceiver) -> None:
    operator.set_up(receiver.url)


def is_refused(rest: Rest, **changes: object) -> bool:
    try:
        rest.send(**changes)
    except TwilioRestException as error:
        return (error.status, error.code) == (400, 21610)
    return False


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop\n", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"]
)
def test_a_word_blocks_the_number_and_is_confirmed_and_still_posted(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver, word: str
) -> None:
    assert operator.text(body=word)["outcome"] == "delivered"
    assert [request.value("Body") for request in receiver.received] == [word]
    assert is_refused(rest)
    [confirmation] = until(operator.phone)
    assert (confirmation["by"], confirmation["from"]) == ("twilio", NUMBER)
    assert "unsubscribed" in confirmation["body"]


@pytest.mark.parametrize("body", ["STOP PLEASE", "stop.", "don't stop", ""])
def test_only_the_whole_text_counts(rest: Rest, operator: TwinOperator, body: str) -> None:
    operator.text(body=body)
    assert not is_refused(rest)


def test_the_block_is_between_two_numbers(rest: Rest, operator: TwinOperator) -> None:
    operator.api.put(f"/numbers/{OTHER_NUMBER}", json={"account_sid": ACCOUNT})
    operator.text(body="STOP")
    assert is_refused(rest)
    assert not is_refused(rest, to=STRANGER)
    assert not is_refused(rest, from_=OTHER_NUMBER)


@pytest.mark.parametrize("word", ["START", "unstop"])
def test_it_can_be_lifted(rest: Rest, operator: TwinOperator, word: str) -> None:
    operator.text(body="STOP")
    operator.text(body=word)
    assert not is_refused(rest, body="Welcome back")
    until(lambda: len(operator.phone()) == 3)
    _, confirmation, message = operator.phone()
    assert (confirmation["by"], "re-subscribed" in confirmation["body"]) == ("twilio", True)
    assert (message["by"], message["body"]) == ("api", "Welcome back")


@pytest.mark.parametrize("word", ["HELP", "info"])
def test_help_is_answered_and_changes_nothing(rest: Rest, operator: TwinOperator, word: str) -> None:
    operator.text(body=word)
    assert not is_refused(rest)
    answer = until(operator.phone)[0]
    assert (answer["by"], answer["body"]) == ("twilio", "Reply STOP to unsubscribe. Msg&Data Rates May Apply.")


def test_twilios_own_answers_are_in_no_list(rest: Rest, operator: TwinOperator) -> None:
    operator.text(body="STOP")
    sid = until(operator.phone)[0]["message_sid"]
    assert [message.direction for message in rest.client().messages.list()] == ["inbound"]
    with pytest.raises(TwilioRestException):
        rest.client().messages(sid).fetch()


def test_a_reply_to_stop_does_not_arrive(operator: TwinOperator, receiver: RecordingReceiver) -> None:
    receiver.answers(CannedResponse(body=b"<Response><Message>Sorry to see you go</Message></Response>"))
    operator.text(body="STOP")
    messages = operator.api.get("/messages").get_json()
    [reply] = [message for message in messages if message["by"] == "twiml"]
    ended = until(lambda: operator.ended(reply["message_sid"]))
    assert (ended["status"], ended["error_code"]) == ("failed", 21610)
    assert [message["by"] for message in operator.phone()] == ["twilio"]


@pytest.mark.parametrize(
    ("word", "kind"), [("Stop", "STOP"), ("cancel", "STOP"), ("unstop", "START"), ("info", "HELP"), ("hello", None)]
)
def test_advanced_opt_out_tells_the_webhook(
    operator: TwinOperator, receiver: RecordingReceiver, word: str, kind: str | None
) -> None:
    operator.text(body=word)
    number = {"account_sid": ACCOUNT, "sms_url": receiver.url, "advanced_opt_out": True}
    assert operator.api.put(f"/numbers/{NUMBER}", json=number).status_code == 200
    operator.text(body=word)
    assert [dict(request.form).get("OptOutType") for request in receiver.received] == [None, kind]


@pytest.mark.parametrize(("sender", "number"), [("whatsapp:" + PERSON, "whatsapp:" + NUMBER), (PERSON, "55555")])
def test_other_channels_and_short_codes_are_left_to_the_webhook(
    operator: TwinOperator, receiver: RecordingReceiver, sender: str, number: str
) -> None:
    operator.api.put("/numbers/55555", json={"account_sid": ACCOUNT, "sms_url": receiver.url})
    operator.text(**{"from": sender, "to": number, "body": "STOP"})
    assert {message["by"] for message in operator.api.get("/messages").get_json()} == {"person"}
