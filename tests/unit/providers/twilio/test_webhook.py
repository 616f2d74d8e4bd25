"""Twilio's fields: what becomes of them, and what cannot be understood."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed, RequestRefused, TooLarge, WrongContentType
from shared.messages.inbound import Media, WebhookRequest
from shared.providers.twilio.webhook import Twilio
from tests.fakes import (
    ACCOUNT,
    FORM,
    OUR_NUMBER,
    PERSON,
    SECOND_TOKEN,
    STRANGER,
    SUBACCOUNT,
    TOKEN,
    URL,
    inbound,
    twilio_signature,
    webhook,
)

TWILIO = Twilio()
any_text = st.text(st.characters(exclude_categories=["Cs"]))


def raw(body: bytes, content_type: str = FORM) -> WebhookRequest:
    """An unsigned request."""
    return WebhookRequest(urls=(URL,), headers={"content-type": content_type}, body=body)


def test_keeps_every_field_with_all_its_values_in_order() -> None:
    fields = [*inbound(), ("Digits", "2"), ("Digits", "1"), ("Digits", "2"), ("Brand_New", "é"), ("Blank", "")]
    message = TWILIO.parse(webhook(fields))
    assert message.fields["Digits"] == ("2", "1", "2")
    assert message.fields["Brand_New"] == ("é",)
    assert message.fields["Blank"] == ("",)
    assert set(message.fields) == {name for name, _ in fields}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://apikey:smsr_key@east.example.com/a@b?c=d@e", "https://east.example.com/a@b?c=d@e"),
        ("https://apikey:p@ss@east.example.com/", "https://east.example.com/"),
        ("https://east.example.com/", "https://east.example.com/"),
        ("", ""),
    ],
)
def test_the_url_that_failed_arrives_without_its_credentials(sent: str, kept: str) -> None:
    written = "see https://user:name@example.com"
    message = TWILIO.parse(webhook([*inbound(Body=written), ("ErrorUrl", sent)]))
    assert message.fields["ErrorUrl"] == (kept,)
    assert message.text == written


@given(st.dictionaries(any_text, any_text, max_size=8))
def test_loses_no_field_whatever_it_is_called(extra: dict[str, str]) -> None:
    fields = extra | dict(inbound())
    message = TWILIO.parse(webhook(fields.items()))
    assert dict(message.fields) == {name: (value,) for name, value in fields.items()}


@pytest.mark.parametrize("text", ["", " ", "hello", "größer 文字 😀", "a&b=c+d%20", "line\r\nline\x00", "x" * 1600])
def test_leaves_the_text_as_it_was_written(text: str) -> None:
    assert TWILIO.parse(webhook(inbound(Body=text))).text == text


def test_a_text_without_a_body_field_is_empty() -> None:
    fields = [(name, value) for name, value in inbound() if name != "Body"]
    assert TWILIO.parse(webhook(fields)).text == ""


@pytest.mark.parametrize("sender", ["whatsapp:" + PERSON, "rcs:acme_agent", "12345", "ACME", "rcs:" + PERSON])
def test_takes_senders_that_are_no_phone_numbers(sender: str) -> None:
    assert TWILIO.parse(webhook(inbound(From=sender))).sender == sender


def test_media_are_links_in_their_order() -> None:
    fields = inbound(MediaUrl0="https://a/0", MediaContentType0="image/png", MediaUrl1="https://a/1", NumMedia="2")
    assert TWILIO.parse(webhook(fields)).media == (Media("https://a/0", "image/png"), Media("https://a/1", ""))


@pytest.mark.parametrize("num_media", ["0", "-1", "1000000000000", "many", ""])
def test_believes_the_links_and_not_their_count(num_media: str) -> None:
    assert TWILIO.parse(webhook(inbound(NumMedia=num_media))).media == ()
    assert len(TWILIO.parse(webhook(inbound(NumMedia=num_media, MediaUrl0="https://a/0"))).media) == 1


@pytest.mark.parametrize("name", ["MessageSid", "AccountSid", "From", "To"])
@pytest.mark.parametrize("how", ["missing", "blank"])
def test_names_the_field_that_is_missing_and_no_value(name: str, how: str) -> None:
    fields = [(field, value) for field, value in inbound() if field != name] + ([(name, "")] if how == "blank" else [])
    with pytest.raises(Malformed, match=f"^the field {name} is missing$"):
        TWILIO.parse(webhook(fields))


@pytest.mark.parametrize("sid", ["SM 1", "SM1\n", "é", "S" * 65, "SM1/../x", "SM1.2"])
def test_refuses_a_message_id_that_could_not_be_a_deduplication_id(sid: str) -> None:
    with pytest.raises(Malformed, match="MessageSid") as refused:
        TWILIO.parse(webhook(inbound(MessageSid=sid)))
    assert sid not in str(refused.value)


@pytest.mark.parametrize(
    ("body", "content_type", "error", "sentence"),
    [
        (b"MessageSid=SM1", "application/json", WrongContentType, f"the Content-Type must be {FORM}"),
        (b"MessageSid=SM1", "", WrongContentType, f"the Content-Type must be {FORM}"),
        (b'{"MessageSid": "SM1"}', FORM, Malformed, "the field MessageSid is missing"),
        (b"", FORM, Malformed, "the field MessageSid is missing"),
        (b"\xff\xfe", FORM, Malformed, "the body is not a form in UTF-8"),
        (b"Body=%ff", FORM, Malformed, "the body is not a form in UTF-8"),
        (b"&".join([b"a=b"] * 1001), FORM, TooLarge, "the form has more than 1000 fields"),
        (b"&".join([b"a=%ff"] * 1001), FORM, TooLarge, "the form has more than 1000 fields"),
    ],
)
def test_refuses_what_it_cannot_understand(
    body: bytes, content_type: str, error: type[RequestRefused], sentence: str
) -> None:
    for parse in (TWILIO.parse, TWILIO.parse_status):
        with pytest.raises(error, match=f"^{sentence}$"):
            parse(raw(body, content_type))


@pytest.mark.parametrize("odd", [b"&x=%ff", b"&x=\xff", b"&%ff=x", b"&x=%ed%a0%80"])
def test_refuses_a_text_that_is_not_utf_8_rather_than_change_it(odd: bytes) -> None:
    with pytest.raises(Malformed, match="not a form in UTF-8"):
        TWILIO.parse(raw(webhook(inbound()).body + odd))


@pytest.mark.parametrize("body", [b"", b"From=x", b"\xff", b"a=%ff", b"&".join([b"a=b"] * 1001)])
def test_finds_no_account_where_none_is_named(body: bytes) -> None:
    assert TWILIO.account(raw(body)) is None


def test_tells_the_id_of_a_text_that_nobody_verified() -> None:
    assert TWILIO.message_id(webhook(inbound(MessageSid="MM" + "0" * 32))) == "MM" + "0" * 32


@pytest.mark.parametrize("claimed", ["", PERSON, "SM" + "0" * 31, "SM" + "0" * 33, "SM" + "G" * 32, "CA" + "0" * 32])
def test_takes_for_an_id_only_what_looks_like_one(claimed: str) -> None:
    assert TWILIO.message_id(webhook(inbound(MessageSid=claimed))) is None
    assert TWILIO.message_id(raw(b"MessageSid=%ff")) is None


def test_the_account_it_verifies_is_the_account_it_reports() -> None:
    fields = [("AccountSid", SUBACCOUNT), *inbound(), ("AccountSid", STRANGER)]
    request = webhook(fields)
    assert TWILIO.account(request) == TWILIO.parse(request).account == SUBACCOUNT


def test_any_of_the_urls_may_have_been_signed() -> None:
    fields = inbound()
    headers = {"content-type": FORM, "x-twilio-signature": twilio_signature("https://other.example/x", fields, TOKEN)}
    body = urlencode(fields).encode()
    assert TWILIO.verify(WebhookRequest((URL, "https://other.example/x"), headers, body), [SECOND_TOKEN, TOKEN])
    assert not TWILIO.verify(WebhookRequest((URL,), headers, body), [SECOND_TOKEN, TOKEN])
    assert not TWILIO.verify(WebhookRequest((), headers, body), [SECOND_TOKEN, TOKEN])


def test_refuses_a_request_without_signature_or_content_type() -> None:
    request = webhook(inbound())
    for header in ("x-twilio-signature", "content-type"):
        headers = {name: value for name, value in request.headers.items() if name != header}
        assert not TWILIO.verify(WebhookRequest(request.urls, headers, request.body), [TOKEN])


def test_a_repr_shows_nothing_personal_and_nothing_secret() -> None:
    request = webhook(inbound(Body="my secret", MediaUrl0="https://media.example/me"), authorization="Basic c2VjcmV0")
    shown = repr(request) + repr(TWILIO.parse(request)) + repr(TWILIO.parse(request).media)
    for hidden in (
        "my secret",
        PERSON[1:],
        OUR_NUMBER[1:],
        "media.example",
        "c2VjcmV0",
        request.headers[TWILIO.signature_header],
    ):
        assert hidden not in shown
    assert ACCOUNT in shown
