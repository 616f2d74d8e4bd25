"""`is_signed` says yes to what Twilio signs: published vectors first, then what its docs promise."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FORM, SECOND_TOKEN, TOKEN, URL, Fields, sample, twilio_signature
from tests.signing import signature_matches

VECTORS: list[dict[str, Any]] = sample("twilio_signatures.json")
FIELDS = [("From", "+12025550123"), ("To", "+12025550199"), ("Body", "hello"), ("MessageSid", "SM1")]

# Every character that UTF-8 can carry.
any_text = st.text(st.characters(exclude_categories=["Cs"]))
any_fields = st.dictionaries(any_text, any_text, max_size=8)


def matches(url: str, *, fields: Fields = FIELDS, signed: str, token: str = TOKEN, content_type: str = FORM) -> bool:
    """Whether `url` is accepted when the form was signed for the URL `signed`."""
    return signature_matches(
        url=url,
        body=urlencode(list(fields)).encode(),
        content_type=content_type,
        signature=twilio_signature(signed, fields, token),
        tokens=[TOKEN],
    )


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_agrees_with_every_published_vector(vector: dict[str, Any]) -> None:
    if "body" in vector:
        body, content_type = vector["body"].encode(), "application/json"
    else:
        body, content_type = urlencode(vector["params"], doseq=True).encode(), FORM
    matched = signature_matches(
        url=vector["url"],
        body=body,
        content_type=content_type,
        signature=vector["signature"] or "",
        tokens=[vector["auth_token"]],
    )
    assert matched is vector["valid"]


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if vector["valid"]], ids=lambda v: v["name"])
def test_no_published_vector_holds_for_another_token(vector: dict[str, Any]) -> None:
    body = vector["body"] if "body" in vector else urlencode(vector["params"], doseq=True)
    assert not signature_matches(
        url=vector["url"],
        body=body.encode(),
        content_type="application/json" if "body" in vector else FORM,
        signature=vector["signature"],
        tokens=[vector["auth_token"] + "6", "", vector["auth_token"][:-1]],
    )


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://apikey:smsr_key@example.com/SmsRecv", "https://example.com/SmsRecv"),
        ("https://apikey:a@b@example.com/SmsRecv", "https://example.com/SmsRecv"),
        ("https://example.com/SmsRecv#ct=2000&rc=2", "https://example.com/SmsRecv"),
        ("https://apikey:k@example.com/SmsRecv?a=1#rp=ct,5xx", "https://example.com/SmsRecv?a=1"),
        ("https://apikey:k@example.com:8443/SmsRecv", "https://example.com:8443/SmsRecv"),
        ("https://apikey:k@example.com:8443/SmsRecv", "https://example.com/SmsRecv"),
        ("https://example.com:443/SmsRecv", "https://example.com/SmsRecv"),
        ("https://example.com:443/SmsRecv", "https://example.com:443/SmsRecv"),
        ("https://example.com/SmsRecv", "https://example.com:443/SmsRecv"),
        ("https://example.com:8443/SmsRecv", "https://example.com/SmsRecv"),
        ("https://example.com:8443/SmsRecv", "https://example.com:443/SmsRecv"),
        ("http://example.com/SmsRecv", "http://example.com/SmsRecv"),
        ("http://example.com/SmsRecv", "http://example.com:80/SmsRecv"),
        ("http://example.com:80/SmsRecv", "http://example.com/SmsRecv"),
        ("https://[2001:db8::1]/SmsRecv", "https://[2001:db8::1]/SmsRecv"),
        ("https://[2001:db8::1]:8443/SmsRecv", "https://[2001:db8::1]/SmsRecv"),
        ("https://apikey:k@[2001:db8::1]/SmsRecv", "https://[2001:db8::1]:443/SmsRecv"),
        ("https://example.com", "https://example.com"),
        ("https://example.com?a=1", "https://example.com?a=1"),
        ("https://example.com/a@b?c=d@e", "https://example.com/a@b?c=d@e"),
        ("https://example.com/SmsRecv?q=%C3%A9&r=a+b", "https://example.com/SmsRecv?q=%C3%A9&r=a+b"),
    ],
)
def test_accepts_a_url_in_every_form_that_may_have_been_signed(url: str, signed: str) -> None:
    assert matches(url, signed=signed)


@pytest.mark.parametrize(
    "content_type",
    [FORM, f"{FORM}; charset=utf-8", f"{FORM};charset=UTF-8", "Application/X-WWW-Form-URLEncoded", f" {FORM} "],
)
def test_accepts_a_form_however_its_content_type_is_written(content_type: str) -> None:
    assert matches(URL, signed=URL, content_type=content_type)


@pytest.mark.parametrize(
    "fields",
    [
        [("FromCity", ""), ("Body", ""), ("From", "+12025550123")],
        [("", ""), ("Body", " two  spaces \r\n")],
        [("TwilioAddedThisYesterday", "yes"), ("Body", "hello")],
        [("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")],
        [("Body", "größer 文字 😀 & = + %"), ("ProfileName", "Zoë")],
        [("b", "1"), ("B", "2"), ("a", "3")],
        [("OptOut", "1"), ("OptOutType", "STOP"), ("OptOutTyp", "x")],
        [("Body", "\x00\x01\x7f")],
        [],
    ],
)
def test_accepts_every_shape_of_form(fields: Fields) -> None:
    assert matches(URL, fields=fields, signed=URL)


@given(any_fields)
def test_accepts_any_fields_that_were_signed(fields: dict[str, str]) -> None:
    assert matches(URL, fields=fields.items(), signed=URL)


@given(st.lists(st.tuples(any_text, any_text), max_size=12))
def test_accepts_any_fields_that_were_signed_repeated_ones_too(fields: list[tuple[str, str]]) -> None:
    assert matches(URL, fields=fields, signed=URL)


@given(any_text.filter(bool))
def test_accepts_whatever_a_token_looks_like(token: str) -> None:
    signature = twilio_signature(URL, FIELDS, token)
    body = urlencode(FIELDS).encode()
    assert signature_matches(url=URL, body=body, content_type=FORM, signature=signature, tokens=[token])


@pytest.mark.parametrize("position", [0, 1, 2])
def test_accepts_each_of_several_tokens(position: int) -> None:
    tokens = ["one", "two", ""]
    tokens[position] = SECOND_TOKEN
    assert signature_matches(
        url=URL,
        body=urlencode(FIELDS).encode(),
        content_type=FORM,
        signature=twilio_signature(URL, FIELDS, SECOND_TOKEN),
        tokens=tokens,
    )


def test_a_token_that_cannot_be_one_does_not_spoil_the_others() -> None:
    assert signature_matches(
        url=URL,
        body=urlencode(FIELDS).encode(),
        content_type=FORM,
        signature=twilio_signature(URL, FIELDS, TOKEN),
        tokens=["\udcff", TOKEN],
    )
