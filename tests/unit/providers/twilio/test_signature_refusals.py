"""`is_signed` says no to everything else, and never raises."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.fakes import FORM, SECOND_TOKEN, TOKEN, URL, twilio_signature
from tests.signing import signature_matches

FIELDS = {"From": "+12025550123", "To": "+12025550199", "Body": "hello", "FromCity": "", "MessageSid": "SM1"}
GOOD: dict[str, Any] = {
    "url": f"{URL}?b=2&a=1",
    "body": urlencode(FIELDS).encode(),
    "content_type": FORM,
    "signature": twilio_signature(f"{URL}?b=2&a=1", FIELDS.items(), TOKEN),
    "tokens": [TOKEN],
}

any_text = st.text(st.characters(exclude_categories=["Cs"]))


def test_the_request_that_the_refusals_below_start_from_is_accepted() -> None:
    assert signature_matches(**GOOD)


@pytest.mark.parametrize(
    "url",
    [
        f"{URL}?a=1&b=2",
        f"{URL}?b=2&a=1&c=3",
        f"{URL}?b=2",
        f"{URL}?b=%32&a=1",
        f"{URL}?b=2&a=1&",
        f"{URL}/?b=2&a=1",
        URL,
        URL.replace("sms-east", "SMS-East") + "?b=2&a=1",
        URL.replace("sms-east", "sms-south") + "?b=2&a=1",
        URL.replace("https://", "http://") + "?b=2&a=1",
        URL.replace("https://", "HTTPS://") + "?b=2&a=1",
        URL.replace("SmsRecv", "smsrecv") + "?b=2&a=1",
        URL.replace("https://", "ftp://") + "?b=2&a=1",
        URL.removeprefix("https:") + "?b=2&a=1",
        " " + GOOD["url"],
        GOOD["url"] + "\n",
        "",
        "https://",
        "nonsense",
    ],
)
def test_refuses_another_url(url: str) -> None:
    assert not signature_matches(**GOOD | {"url": url})


def test_refuses_a_signature_for_a_port_that_the_url_does_not_have() -> None:
    signature = twilio_signature("https://example.com:8443/", FIELDS.items(), TOKEN)
    assert not signature_matches(**GOOD | {"url": "https://example.com/", "signature": signature})


@pytest.mark.parametrize("signed", ["https://apikey:k@example.com/", "https://example.com/#rc=2"])
def test_refuses_a_signature_over_what_is_never_signed(signed: str) -> None:
    signature = twilio_signature(signed, FIELDS.items(), TOKEN)
    assert not signature_matches(**GOOD | {"url": signed, "signature": signature})


@pytest.mark.parametrize(
    "change",
    [{"Body": "hello "}, {"Body": "Hello"}, {"From": "+12025550124"}, {"FromCity": " "}, {"New": ""}, {"new": "x"}],
)
def test_refuses_a_form_with_a_field_changed_or_added(change: dict[str, str]) -> None:
    assert not signature_matches(**GOOD | {"body": urlencode(FIELDS | change).encode()})


@pytest.mark.parametrize("name", FIELDS)
def test_refuses_a_form_with_a_field_missing(name: str) -> None:
    fields = {other: value for other, value in FIELDS.items() if other != name}
    assert not signature_matches(**GOOD | {"body": urlencode(fields).encode()})


@pytest.mark.parametrize(
    "body", [b"", b"&", GOOD["body"] + b"&Body=again", GOOD["body"] + b"&x", GOOD["body"][:-1], b"\xff=\xfe", b"a=%ff"]
)
def test_refuses_another_body(body: bytes) -> None:
    assert not signature_matches(**GOOD | {"body": body})


def test_refuses_a_signature_over_what_a_lax_reader_would_make_of_the_body() -> None:
    signature = twilio_signature(URL, [("Body", "\ufffd")], TOKEN)
    assert not signature_matches(url=URL, body=b"Body=%ff", content_type=FORM, signature=signature, tokens=[TOKEN])


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff=b", b"&".join([b"a=b"] * 1001)])
def test_refuses_what_is_no_form_though_its_url_alone_was_signed(body: bytes) -> None:
    signature = twilio_signature(URL, [], TOKEN)
    assert not signature_matches(url=URL, body=body, content_type=FORM, signature=signature, tokens=[TOKEN])


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "text/plain", "multipart/form-data", f"{FORM}x", f"text/plain; {FORM}"]
)
def test_refuses_a_form_that_calls_itself_something_else(content_type: str) -> None:
    assert not signature_matches(**GOOD | {"content_type": content_type})


@pytest.mark.parametrize(
    "signature",
    [
        "",
        " ",
        GOOD["signature"] + " ",
        GOOD["signature"] + "\n",
        " " + GOOD["signature"],
        GOOD["signature"][:-1],
        GOOD["signature"].rstrip("="),
        GOOD["signature"] + "=",
        GOOD["signature"].lower(),
        GOOD["signature"] + "," + GOOD["signature"],
        base64.b64decode(GOOD["signature"]).hex(),
        "é" + GOOD["signature"][1:],
    ],
)
def test_refuses_a_signature_that_is_not_exactly_right(signature: str) -> None:
    assert not signature_matches(**GOOD | {"signature": signature})


@pytest.mark.parametrize("tokens", [[], [""], [SECOND_TOKEN], [TOKEN + " "], [TOKEN.upper()], [TOKEN[:-1]], ["", "x"]])
def test_refuses_every_token_but_the_one_that_signed(tokens: list[str]) -> None:
    assert not signature_matches(**GOOD | {"tokens": tokens})


def test_an_empty_token_never_matches_what_an_empty_key_signs() -> None:
    forged = twilio_signature(GOOD["url"], FIELDS.items(), "")
    assert not signature_matches(**GOOD | {"signature": forged, "tokens": [""]})
    assert not signature_matches(**GOOD | {"signature": forged, "tokens": ["", TOKEN]})


def test_refuses_hmacs_of_other_kinds() -> None:
    signed = (GOOD["url"] + "".join(name + FIELDS[name] for name in sorted(FIELDS))).encode()
    for digest in (hashlib.sha256, hashlib.md5):
        forged = base64.b64encode(hmac.new(TOKEN.encode(), signed, digest).digest()).decode()
        assert not signature_matches(**GOOD | {"signature": forged})


@given(st.dictionaries(any_text, any_text.filter(bool), min_size=1, max_size=6), st.data())
def test_refuses_any_one_character_changed(fields: dict[str, str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(fields)))
    value = fields[name]
    at = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"]))
    assume(other != value[at])
    body = urlencode(fields | {name: value[:at] + other + value[at + 1 :]}).encode()
    signature = twilio_signature(URL, fields.items(), TOKEN)
    assert not signature_matches(url=URL, body=body, content_type=FORM, signature=signature, tokens=[TOKEN])


garbage = st.text(st.characters()) | st.just("\ud800\udfff")
urls = garbage | garbage.map(lambda text: f"https://{text}") | garbage.map(lambda text: f"{URL}?bodySHA256={text}")


@given(
    url=urls,
    body=st.binary() | garbage.map(lambda text: urlencode({"Body": text.encode("utf-8", "surrogatepass")}).encode()),
    content_type=garbage | st.just(FORM),
    signature=garbage | st.just(GOOD["signature"]),
    tokens=st.lists(garbage),
)
@example(url="http\u017f://example.com/", body=b"", content_type="", signature="x", tokens=["x"])
@example(url=f"{URL}?bodySHA256=%C3%A9", body=b"{}", content_type="application/json", signature="x", tokens=["x"])
@example(url=URL, body=b"&".join([b"a=b"] * 200_000), content_type=FORM, signature="x", tokens=["x"])
@example(url=URL, body=b"a=%ed%a0%80", content_type=FORM, signature="x", tokens=["x"])
@example(url="https://\ud800/", body=b"", content_type="", signature="x", tokens=["x"])
@example(url="https://[::1", body=b"", content_type="", signature="x", tokens=["x"])
@example(url="https://example.com:99999999/", body=b"", content_type="", signature="x", tokens=["x"])
def test_never_raises_and_never_believes_garbage(
    url: str, body: bytes, content_type: str, signature: str, tokens: list[str]
) -> None:
    matched = signature_matches(url=url, body=body, content_type=content_type, signature=signature, tokens=tokens)
    assert matched is False
