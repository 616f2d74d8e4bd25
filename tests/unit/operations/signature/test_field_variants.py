"""What is wrong with the fields is named, for each mistake that is made with them."""

import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest

from tests.fakes import TOKEN, Fields, inbound, twilio_signature
from tests.unit.operations.signature.rig import TEXT, URL, causes, fields_signed, joined, seen, signed, written

CAFE = inbound(Body="Café & crème <b> 100%")


def without(fields: Fields, *names: str) -> Fields:
    return [(name, value) for name, value in fields if name not in names]


def changed(fields: Fields, **values: str) -> Fields:
    return [(name, values.get(name, value)) for name, value in fields]


def test_names_blank_fields_that_were_dropped_on_the_way() -> None:
    arrived = [(name, value) for name, value in TEXT if value]
    diagnosis = seen(twilio_signature(URL, TEXT, TOKEN), body=arrived)
    assert [(mistake.cause, mistake.about) for mistake in diagnosis.causes] == [
        ("blanks_dropped", "ToCity, ToZip, OptOutType")
    ]


@pytest.mark.parametrize("names", [("FromCity",), ("ToZip", "FromState"), ("Body",), ("ToCity", "ToState", "ToZip")])
def test_names_some_blank_fields_that_were_dropped(names: tuple[str, ...]) -> None:
    signed_fields = changed(TEXT, **dict.fromkeys(names, ""))
    assert fields_signed(signed_fields, body=without(signed_fields, *names)) == ["blanks_dropped"]


def test_names_blank_fields_that_were_not_signed() -> None:
    assert fields_signed([(name, value) for name, value in TEXT if value]) == ["blanks_not_signed"]


@pytest.mark.parametrize("text", ["hello ", " hello", "hello\n", "hello  ", "hello\r\n", "hello\u00a0"])
def test_names_a_text_that_was_trimmed_on_the_way(text: str) -> None:
    assert fields_signed(inbound(Body=text), body=inbound(Body="hello")) == ["body_trimmed"]


def test_names_a_text_that_was_signed_trimmed() -> None:
    assert fields_signed(inbound(Body="hello"), body=inbound(Body=" hello ")) == ["trimmed_signed"]


@pytest.mark.parametrize(("sent", "came"), [("a\r\nb", "a\nb"), ("a\nb", "a\r\nb"), ("a b", "a\nb"), ("ab", "a\nb")])
def test_names_line_ends_that_were_changed(sent: str, came: str) -> None:
    assert fields_signed(inbound(Body=sent), body=inbound(Body=came)) == ["newlines_changed"]


def test_names_repetitions_of_which_only_one_was_signed() -> None:
    came = [*TEXT, ("Tag", "b"), ("Tag", "a")]
    assert fields_signed([*TEXT, ("Tag", "a")], body=came) == ["repetitions_lost"]
    assert fields_signed([*TEXT, ("Tag", "b")], body=came) == ["repetitions_lost"]


def test_names_repetitions_that_were_all_signed() -> None:
    came = [*TEXT, ("Tag", "b"), ("Tag", "a"), ("Tag", "b")]
    whole = joined(sorted(came, key=lambda field: field[0]))
    assert causes(written(signed(URL, whole)), body=came) == ["repetitions_lost"]


def test_names_a_plus_that_was_sent_as_it_is() -> None:
    """`From=+1…` without %2B is read as a blank."""
    body = urlencode(TEXT).replace("%2B1", "+1").encode()
    assert fields_signed(TEXT, body=body) == ["plus_and_space"]


def test_names_blanks_that_were_signed_as_plus() -> None:
    came = inbound(Body="one two")
    assert fields_signed(inbound(Body="one+two"), body=came) == ["plus_and_space"]


@pytest.mark.parametrize(("out", "back"), [("utf-8", "latin-1"), ("utf-8", "cp1252")])
def test_names_a_text_that_was_taken_for_another_charset(out: str, back: str) -> None:
    spoilt = [(name, value.encode(out).decode(back)) for name, value in CAFE]
    assert fields_signed(spoilt, body=CAFE) == ["charset"]
    assert fields_signed(CAFE, body=spoilt) == ["charset"]


def test_names_a_form_in_another_charset() -> None:
    body = urlencode(CAFE, encoding="latin-1").encode()
    assert fields_signed(CAFE, body=body) == ["charset"]


def test_names_letters_that_were_lost() -> None:
    assert fields_signed(inbound(Body="Caf? &"), body=inbound(Body="Café &")) == ["charset"]


def test_names_accents_that_were_composed_anew() -> None:
    assert fields_signed(inbound(Body="Cafe\u0301"), body=inbound(Body="Caf\u00e9")) == ["unicode_form"]
    assert fields_signed(inbound(Body="Caf\u00e9"), body=inbound(Body="Cafe\u0301")) == ["unicode_form"]


def test_names_what_was_escaped_for_html() -> None:
    assert fields_signed(CAFE, body=inbound(Body="Café &amp; crème &lt;b&gt; 100%")) == ["html_escaped"]


@pytest.mark.parametrize("encode", [quote_plus, lambda text: quote(text, safe="")])
def test_names_values_that_were_signed_encoded(encode: Callable[[str], str]) -> None:
    assert fields_signed([(encode(name), encode(value)) for name, value in CAFE], body=CAFE) == ["encoded_signed"]


@pytest.mark.parametrize("name", ["ApiVersion", "NumSegments", "NumMedia", "SmsStatus", "SmsSid", "SmsMessageSid"])
def test_names_a_field_that_was_removed(name: str) -> None:
    diagnosis = seen(twilio_signature(URL, TEXT, TOKEN), body=without(TEXT, name))
    assert [(mistake.cause, mistake.about) for mistake in diagnosis.causes] == [("field_removed", name)]


@pytest.mark.parametrize("name", ["X-Request-Id", "a", "zzz"])
def test_names_a_field_that_was_added(name: str) -> None:
    diagnosis = seen(twilio_signature(URL, TEXT, TOKEN), body=[*TEXT, (name, "added on the way")])
    assert [(mistake.cause, mistake.about) for mistake in diagnosis.causes] == [("field_added", name)]


def test_names_fields_that_were_sorted_ignoring_case() -> None:
    came = [*TEXT, ("body", "x"), ("apiKey", "y")]
    folded = joined(sorted(came, key=lambda field: field[0].lower()))
    assert causes(written(signed(URL, folded)), body=came) == ["sorted_ignoring_case"]


def test_names_fields_that_were_not_sorted() -> None:
    assert causes(written(signed(URL, joined(TEXT)))) == ["not_sorted"]


def test_names_fields_that_were_not_signed() -> None:
    assert causes(written(signed(URL))) == ["fields_not_signed"]


def test_names_a_raw_body_that_was_signed() -> None:
    assert causes(written(signed(URL, urlencode(TEXT)))) == ["raw_body_signed"]


@pytest.mark.parametrize("query", [urlencode(TEXT), urlencode(TEXT, quote_via=quote)])
def test_names_a_get_that_was_signed(query: str) -> None:
    assert causes(written(signed(f"{URL}?{query}"))) == ["get_signed"]


@pytest.mark.parametrize("separators", [None, (",", ":")])
def test_names_fields_that_were_signed_as_json(separators: tuple[str, str] | None) -> None:
    assert causes(written(signed(URL, json.dumps(dict(TEXT), separators=separators)))) == ["json_signed"]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/json"])
def test_names_a_form_that_became_json(content_type: str) -> None:
    body = json.dumps(dict(TEXT)).encode()
    names = causes(twilio_signature(URL, TEXT, TOKEN), body=body, content_type=content_type)
    assert names[-1] == "form_became_json"


def test_names_a_content_type_that_was_changed() -> None:
    assert fields_signed(TEXT, content_type="text/plain") == ["content_type_changed"]


def test_names_a_body_that_is_not_the_one_that_the_url_announces() -> None:
    url = f"{URL}?bodySHA256={'0' * 64}"
    names = causes(written(signed(url)), url=url, body=b'{"a": 1}', content_type="application/json")
    assert names == ["body_changed"]


def test_names_a_body_that_is_no_form_though_its_signature_holds() -> None:
    assert causes(written(signed(URL)), body=b'{"a": 1}', content_type="application/json") == ["no_form"]


def test_names_two_mistakes_with_the_fields_at_once() -> None:
    came = inbound(Body="hello", FromCity="")
    signed_fields = [(name, value) for name, value in inbound(Body="hello ", FromCity="") if value]
    assert set(fields_signed(signed_fields, body=came)) == {"blanks_not_signed", "body_trimmed"}


def test_names_a_mistake_with_the_url_and_one_with_the_fields() -> None:
    http = URL.replace("https", "http")
    names = causes(twilio_signature(http, inbound(Body="hello "), TOKEN), body=inbound(Body="hello"))
    assert names == ["http_for_https", "body_trimmed"]


def test_names_an_account_that_is_missing() -> None:
    came = without(TEXT, "AccountSid")
    assert fields_signed(came, body=came) == ["no_account"]


def test_reads_the_account_as_the_receiver_does_which_takes_the_first_field() -> None:
    came = [("AccountSid", ""), *TEXT]
    assert fields_signed(came, body=came) == ["no_account"]
