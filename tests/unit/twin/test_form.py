"""The form that a webhook gets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.twin.webhook_receiver import ACCOUNT, NUMBER, PERSON, RecordingReceiver, TwinOperator
from twin.segments import count_segments


def test_has_twilios_fields_including_blank_ones(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    result = operator.text(body="Hello & welcome, ü+€")
    [request] = receiver.received
    sid = result["message_sid"]
    assert re.fullmatch(r"SM[0-9a-f]{32}", sid)
    assert dict(request.form) == {
        "ToCountry": "US",
        "ToState": "CA",
        "ToCity": "",
        "ToZip": "94105",
        "FromCountry": "US",
        "FromState": "CA",
        "FromCity": "",
        "FromZip": "94105",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "SmsSid": sid,
        "SmsStatus": "received",
        "Body": "Hello & welcome, ü+€",
        "To": NUMBER,
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": PERSON,
        "ApiVersion": "2010-04-01",
    }
    assert len(request.form) == 19


def test_is_a_form_from_twilios_proxy(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    operator.text()
    [request] = receiver.received
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert request.headers["user-agent"] == "TwilioProxy/1.1"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-length"] == str(len(request.body))


def test_two_texts_have_different_sids_and_idempotency_tokens(
    receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    operator.set_up(receiver.url)
    operator.text()
    operator.text()
    first, second = receiver.received
    assert first.value("MessageSid") != second.value("MessageSid")
    assert first.headers["i-twilio-idempotency-token"] != second.headers["i-twilio-idempotency-token"]


def test_media_make_it_a_picture_message(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    media = [{"url": f"https://media.example/{n}", "content_type": "image/png"} for n in range(2)]
    assert operator.text(media=media, body="")["message_sid"].startswith("MM")
    [request] = receiver.received
    assert request.value("NumMedia") == "2"
    assert request.value("MediaUrl1") == "https://media.example/1"
    assert request.value("MediaContentType0") == "image/png"
    assert request.value("Body") == ""


def test_a_whatsapp_sender_comes_with_profile_and_without_places(
    receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    operator.set_up(receiver.url)
    operator.text(body="a" * 200, **{"from": f"whatsapp:{PERSON}", "to": f"whatsapp:{NUMBER}"})
    [request] = receiver.received
    assert request.value("From") == f"whatsapp:{PERSON}"
    assert request.value("To") == f"whatsapp:{NUMBER}"
    assert request.value("WaId") == PERSON[1:]
    assert request.value("ProfileName")
    assert request.value("NumSegments") == "1"
    assert not any(name.startswith("FromC") for name, _ in request.form)


@pytest.mark.parametrize("sender", ["12345", "ACME", "rcs:brand_agent", "+442071234567"])
def test_passes_any_sender_through(receiver: RecordingReceiver, operator: TwinOperator, sender: str) -> None:
    operator.set_up(receiver.url)
    operator.text(**{"from": sender})
    [request] = receiver.received
    assert request.value("From") == sender
    assert "ProfileName" not in dict(request.form)
    assert dict(request.form).get("FromState", "") == ""


def test_the_caller_adds_changes_repeats_and_removes_fields(
    receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    operator.set_up(receiver.url)
    operator.text(fields={"OptOutType": "STOP", "AccountSid": "AC9", "Twice": ["b", "a"], "FromCity": None})
    [request] = receiver.received
    assert request.value("OptOutType") == "STOP"
    assert request.value("AccountSid") == "AC9"
    assert [value for name, value in request.form if name == "Twice"] == ["b", "a"]
    assert "FromCity" not in dict(request.form)


def test_has_no_opt_out_field_by_default(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    operator.text(body="STOP")
    assert "OptOutType" not in dict(receiver.received[0].form)


def test_delivers_the_same_again(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    sid = operator.text(message_sid="SM123", body="once")["message_sid"]
    answer = operator.api.post(f"/texts/{sid}/again")
    assert answer.get_json()["outcome"] == "delivered"
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers == second.headers
    assert first.value("MessageSid") == "SM123"


def test_a_repeat_can_be_forged(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    sid = operator.text()["message_sid"]
    operator.api.post(f"/texts/{sid}/again", json={"signature": "forged"})
    first, second = receiver.received
    assert second.headers["x-twilio-signature"] == "forged"
    assert first.body == second.body


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("€" * 153, 3),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),
        ("`", 1),
        ("`" * 71, 2),
    ],
)
def test_counts_segments(text: str, segments: int) -> None:
    assert count_segments(text) == segments


@given(st.text())
def test_every_text_has_a_segment_and_no_more_than_its_units(text: str) -> None:
    assert 1 <= count_segments(text) <= max(1, len(text.encode("utf-16-le", "surrogatepass")) // 2)
