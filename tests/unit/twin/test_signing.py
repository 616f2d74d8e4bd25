"""The signature, against values that other people computed and against its own definition."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.twin.webhook_receiver import TOKEN, RecordingReceiver, TwinOperator
from twin.signing import Fields, signature

CALL = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
CAPTURED_TEXT = [
    ("ToState", "CA"),
    ("FromState", "CA"),
    ("AccountSid", "ACba8bc05eacf94afdae398e642c9cc32d"),
    ("SmsMessageSid", "SM2003cbd5e6a3701999aa3e5f20ff2787"),
    ("Body", "Orly"),
    ("From", "+14159354345"),
    ("FromCity", "SAN FRANCISCO"),
    ("SmsStatus", "received"),
    ("FromZip", "94107"),
    ("FromCountry", "US"),
    ("To", "+14158141819"),
    ("ToCity", "SAN FRANCISCO"),
    ("ToZip", "94105"),
    ("ToCountry", "US"),
    ("ApiVersion", "2010-04-01"),
    ("SmsSid", "SM2003cbd5e6a3701999aa3e5f20ff2787"),
]
DOCUMENTED = [(name, "+14158675310" if value == "+14158675309" else value) for name, value in CALL]
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
forms = st.lists(st.tuples(texts.filter(bool), texts), max_size=8)


@pytest.mark.parametrize(
    ("url", "fields", "expected"),
    [
        ("https://example.com/myapp.php?foo=1&bar=2", DOCUMENTED, "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        (URL, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:1234/myapp.php?foo=1&bar=2", CALL, "CYn1h0gLBdNxDGkKJg6hYohgeD8="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    ],
)
def test_agrees_with_published_signatures(url: str, fields: Fields, expected: str) -> None:
    assert signature(url, fields, "12345") == expected


def test_agrees_with_a_signature_that_twilio_made_for_a_text() -> None:
    url, token = "http://twiliotests.heroku.com/validate/sms", "2bd9e9638872de601313dc77410d3b23"
    assert signature(url, CAPTURED_TEXT, token) == "mxeiv65lEe0b8L6LdVw2jgJi8yw="
    assert signature(url, CAPTURED_TEXT[1:], token) != "mxeiv65lEe0b8L6LdVw2jgJi8yw="


@given(forms)
def test_is_the_same_in_whatever_order_the_fields_come(fields: list[tuple[str, str]]) -> None:
    assert signature(URL, fields, "12345") == signature(URL, fields[::-1], "12345")


@given(forms.filter(bool))
def test_counts_a_repeated_pair_once(fields: list[tuple[str, str]]) -> None:
    assert signature(URL, [*fields, fields[0]], "12345") == signature(URL, fields, "12345")


@given(st.dictionaries(texts.filter(bool), texts, max_size=8), texts)
def test_is_an_hmac_over_url_and_sorted_fields(fields: dict[str, str], token: str) -> None:
    signed = URL
    for name in sorted(fields):
        signed += name + fields[name]
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    assert signature(URL, list(fields.items()), token) == base64.b64encode(digest).decode()


def test_sorts_by_name_alone_and_not_by_name_and_value() -> None:
    fields = [("Reason", "z"), ("ReasonConferenceEnded", "a")]
    signed = f"{URL}ReasonzReasonConferenceEndeda"
    digest = hmac.new(b"12345", signed.encode(), hashlib.sha1).digest()
    assert signature(URL, fields[::-1], "12345") == base64.b64encode(digest).decode()


def test_a_blank_field_counts() -> None:
    assert signature(URL, [("FromCity", "")], "12345") != signature(URL, [], "12345")


def test_signs_the_url_as_configured_but_for_userinfo_and_fragment(
    receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    path = "/a%20b/~c;d=1?x=%7e&y=&x=2"
    operator.set_up(f"http://user:password@127.0.0.1:{receiver.port}{path}#rc=2&rp=ct,rt")
    operator.text()
    [request] = receiver.received
    assert request.target == path
    assert request.headers["x-twilio-signature"] == signature(f"{receiver.url}{path}", request.form, TOKEN)


def test_signs_a_get_webhook_over_its_url_alone(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(f"{receiver.url}/texts?tenant=one", sms_method="GET")
    assert operator.text(body="a b&c")["outcome"] == "delivered"
    [request] = receiver.received
    assert request.method == "GET"
    assert request.body == b""
    assert request.target.startswith("/texts?tenant=one&ToCountry=US&")
    assert "Body=a+b%26c" in request.target
    assert request.headers["x-twilio-signature"] == signature(f"{receiver.url}{request.target}", [], TOKEN)


def test_signs_with_the_requested_token(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    operator.text(sign_with="another")
    [request] = receiver.received
    assert request.headers["x-twilio-signature"] == signature(receiver.url, request.form, "another")


@pytest.mark.parametrize("forged", ["", "forged", "AAAA=="])
def test_sends_a_forged_signature_verbatim(receiver: RecordingReceiver, operator: TwinOperator, forged: str) -> None:
    operator.set_up(receiver.url)
    operator.text(signature=forged)
    assert receiver.received[0].headers["x-twilio-signature"] == forged
