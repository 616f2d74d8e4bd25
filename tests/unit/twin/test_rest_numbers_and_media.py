"""Numbers and media in the REST API."""

import base64

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from tests.unit.twin.rest_client import Rest
from tests.unit.twin.webhook_receiver import ACCOUNT, NUMBER, PERSON, TOKEN, RecordingReceiver, TwinOperator

OTHER_NUMBER = "+15550003333"
PICTURE = b"\x89PNG of nothing"


def test_a_numbers_sid_never_changes(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up("https://user:password@h/texts#rc=2")
    operator.api.put(f"/numbers/{OTHER_NUMBER}", json={"account_sid": ACCOUNT})
    numbers = rest.client().incoming_phone_numbers
    [number] = numbers.list(phone_number=NUMBER)
    assert number.sid.startswith("PN")
    assert (number.phone_number, number.sms_url) == (NUMBER, "https://user:password@h/texts#rc=2")
    operator.set_up("https://h/changed")
    fetched = numbers(number.sid).fetch()
    assert (fetched.phone_number, fetched.sms_url, fetched.sms_method) == (NUMBER, "https://h/changed", "POST")
    assert {number.phone_number for number in numbers.list(page_size=1)} == {NUMBER, OTHER_NUMBER}


def test_a_numbers_webhooks_can_be_changed(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver, other_receiver: RecordingReceiver
) -> None:
    operator.set_up("http://127.0.0.1:1")
    numbers = rest.client().incoming_phone_numbers
    [number] = numbers.list(phone_number=NUMBER)
    number.update(
        sms_url=f"{receiver.url}/a#rp=all",
        sms_method="GET",
        sms_fallback_url=other_receiver.url,
        sms_fallback_method="POST",
    )
    operator.text()
    assert [request.method for request in receiver.received] == ["GET"]
    updated = numbers(number.sid).update(sms_method="POST")
    assert (updated.sms_url, updated.sms_method) == (f"{receiver.url}/a#rp=all", "POST")
    assert (updated.sms_fallback_url, updated.sms_fallback_method) == (other_receiver.url, "POST")
    assert numbers(number.sid).update(sms_url="").sms_url == ""
    assert operator.text()["outcome"] == "no_webhook"


def test_a_number_belongs_to_its_own_account_only(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up("https://h/texts")
    operator.api.put("/accounts/AC2", json={"auth_token": "of-the-other"})
    operator.api.put(f"/numbers/{OTHER_NUMBER}", json={"account_sid": "AC2"})
    [number] = rest.client("AC2", "of-the-other", "AC2").incoming_phone_numbers.list()
    assert number.phone_number == OTHER_NUMBER
    assert [listed.phone_number for listed in rest.client().incoming_phone_numbers.list()] == [NUMBER]
    with pytest.raises(TwilioRestException) as error:
        rest.client().incoming_phone_numbers(number.sid).update(sms_url="https://h/stolen")
    assert (error.value.status, error.value.code) == (404, 20404)


@pytest.mark.parametrize(
    ("sender", "receiver"),
    [
        ("55555", "+15550002222"),
        ("rcs:acme_agent", "rcs:+15550002222"),
        ("messenger:1234567890", "messenger:9876543210"),
        ("whatsapp:+15550007777", "whatsapp:FI.1349"),
    ],
)
def test_what_is_no_phone_number_is_listed_nowhere_and_sends(
    rest: Rest, operator: TwinOperator, sender: str, receiver: str
) -> None:
    operator.set_up("https://h/texts")
    operator.api.put(f"/numbers/{sender}", json={"account_sid": ACCOUNT, "sms_url": "https://h/texts"})
    assert [listed.phone_number for listed in rest.client().incoming_phone_numbers.list()] == [NUMBER]
    assert rest.send(from_=sender, to=receiver).from_ == sender


def test_a_short_code_is_none_of_another_channel(rest: Rest, operator: TwinOperator) -> None:
    operator.set_up("https://h/texts")
    operator.api.put("/numbers/55555", json={"account_sid": ACCOUNT, "sms_url": "https://h/texts"})
    with pytest.raises(TwilioRestException) as error:
        rest.send(from_="messenger:55555", to="messenger:12345")
    assert error.value.code == 21659


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"sms_url": "h"}, 21402), ({"sms_method": "PUT"}, 21403), ({"voice_url": "https://h/"}, 20001)],
)
def test_refuses_a_wrong_change_and_changes_nothing(
    rest: Rest, operator: TwinOperator, changes: dict[str, str], code: int
) -> None:
    operator.set_up("https://h/texts")
    [number] = rest.client().incoming_phone_numbers.list()
    with pytest.raises(TwilioRestException) as error:
        number.update(**changes)
    assert (error.value.status, error.value.code) == (400, code)
    assert number.fetch().sms_url == "https://h/texts"


def set_up_media(operator: TwinOperator, *, protected: bool) -> None:
    operator.set_up("http://127.0.0.1:1")
    operator.api.put(f"/accounts/{ACCOUNT}", json={"auth_token": TOKEN, "protected_media": protected})
    operator.api.put(f"/numbers/{NUMBER}", json={"account_sid": ACCOUNT})


def text_a_picture(twin_url: str) -> str:
    """Text a picture to our number; returns the message's SID."""
    picture = {"content_type": "image/png", "content": base64.b64encode(PICTURE).decode()}
    text = {"from": PERSON, "to": NUMBER, "media": [picture]}
    answer = httpx.post(f"{twin_url}/texts", json=text, trust_env=False)
    return str(answer.json()["message_sid"])


def test_a_file_is_served_after_a_redirect_that_needs_credentials(
    rest: Rest, twin_url: str, operator: TwinOperator
) -> None:
    set_up_media(operator, protected=True)
    sid = text_a_picture(twin_url)
    [media] = rest.client().messages(sid).media.list()
    assert (media.content_type, media.parent_sid) == ("image/png", sid)
    assert rest.client().messages(sid).media(media.sid).fetch().sid == media.sid
    address = twin_url + media.uri.removesuffix(".json")
    assert httpx.get(address, trust_env=False).status_code == 401
    assert httpx.get(address, auth=(ACCOUNT, "wrong"), trust_env=False).status_code == 401
    redirect = httpx.get(address, auth=(ACCOUNT, TOKEN), trust_env=False)
    assert redirect.status_code == 307
    content = httpx.get(redirect.headers["location"], trust_env=False)
    assert (content.content, content.headers["content-type"]) == (PICTURE, "image/png")


def test_an_account_may_leave_its_files_open(rest: Rest, twin_url: str, operator: TwinOperator) -> None:
    set_up_media(operator, protected=False)
    [media] = rest.client().messages(text_a_picture(twin_url)).media.list()
    address = twin_url + media.uri.removesuffix(".json")
    assert httpx.get(address, follow_redirects=True, trust_env=False).content == PICTURE
    assert httpx.get(f"{address}0", trust_env=False).status_code == 404


def test_the_webhook_gets_the_files_url(
    rest: Rest, twin_url: str, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    set_up_media(operator, protected=False)
    operator.set_up(receiver.url)
    [media] = rest.client().messages(text_a_picture(twin_url)).media.list()
    [request] = receiver.received
    assert request.value("MediaUrl0") == twin_url + media.uri.removesuffix(".json")
    assert request.value("MediaContentType0") == "image/png"


def test_a_file_that_the_twin_does_not_have_is_one_pixel(rest: Rest, twin_url: str, operator: TwinOperator) -> None:
    set_up_media(operator, protected=False)
    sent = rest.send(media_url=["https://h/a.gif", "https://h/b.jpg"])
    first, second = rest.client().messages(sent.sid).media.list()
    assert (first.content_type, second.content_type) == ("image/gif", "image/jpeg")
    content = httpx.get(twin_url + first.uri.removesuffix(".json"), follow_redirects=True, trust_env=False)
    assert content.content.startswith(b"GIF89a")


def test_answers_404_to_an_unknown_file(twin_url: str) -> None:
    assert httpx.get(f"{twin_url}/media/nothing", trust_env=False).status_code == 404
