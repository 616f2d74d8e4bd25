"""What a request to SmsSend may say; each refusal names the field, and never quotes a value."""

import json
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed, RequestRefused, TooLarge, WrongContentType
from shared.messages.limits import LINK_MAX
from shared.submission.body import BODY_BYTES_MAX, KEY_HEADER, TEXT_MAX, RawRequest
from shared.submission.request import SendRequest, read
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON

JSON = "application/json"
LINK = "https://files.example.com/cat.jpg"
GOOD: dict[str, object] = {"from": OUR_NUMBER, "to": PERSON, "text": "Your table is ready."}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def raw(body: bytes | str, content_type: str = JSON, key: str | None = None) -> RawRequest:
    return RawRequest(content_type, body.encode() if isinstance(body, str) else body, key)


def raw_request(changes: Mapping[str, object] | None = None, *, key: str | None = None) -> RawRequest:
    """A good request, some of it changed; None takes a field away."""
    changed = GOOD | dict(changes or {})
    return raw(json.dumps({name: value for name, value in changed.items() if value is not None}), key=key)


def refuse(changes: Mapping[str, object], field: str) -> None:
    """Checks that a request is refused for a field, and that the refusal quotes no value."""
    with pytest.raises(Malformed) as refused:
        read(raw_request(changes))
    assert refused.value.field == field
    assert str(refused.value).startswith(f"{field}: it ")
    value = changes[field]
    if isinstance(value, str) and len(value) > 9:
        assert value not in str(refused.value)


def test_reads_every_field() -> None:
    request = read(raw_request({"media_urls": [LINK], "account": ACCOUNT}, key="order 7"))
    text = str(GOOD["text"])
    assert request == SendRequest(OUR_NUMBER, PERSON, text, (LINK,), ACCOUNT, "order 7")


def test_needs_no_more_than_the_two_numbers_and_a_text() -> None:
    assert read(raw_request()) == SendRequest(OUR_NUMBER, PERSON, str(GOOD["text"]), (), None, None)


def test_reads_which_text_it_answers() -> None:
    request = read(raw_request({"in_reply_to": "SM" + "5" * 32, "end_session": True}))
    assert (request.in_reply_to, request.end_session) == ("SM" + "5" * 32, True)
    assert not read(raw_request({"end_session": False})).end_session


@pytest.mark.parametrize(
    "text_id",
    ["", " SM1", "SM1\n", "SM 1", "SM1#2", "SM1-1", "x" * 65, PERSON, 7, True, ["SM1"], {"id": "SM1"}, "\ud800", "é"],
)
def test_refuses_what_is_no_id_of_a_text(text_id: object) -> None:
    refuse({"in_reply_to": text_id}, "in_reply_to")


@pytest.mark.parametrize("value", [1, 0, "true", "", [], {}])
def test_refuses_an_end_of_the_session_that_is_neither_true_nor_false(value: object) -> None:
    refuse({"in_reply_to": "SM1", "end_session": value}, "end_session")


def test_a_session_ends_with_the_answer_to_one_of_its_texts_only() -> None:
    refuse({"end_session": True}, "end_session")


def test_a_picture_needs_no_text() -> None:
    for text in (None, "", "  "):
        assert read(raw_request({"text": text, "media_urls": [LINK]})).media_urls == (LINK,)


@pytest.mark.parametrize("to", ["+12025550123", "+29012345", "+123456789012345"])
def test_texts_numbers(to: str) -> None:
    request = read(raw_request({"to": to}))
    assert (request.sender, request.recipient) == (OUR_NUMBER, to)


@pytest.mark.parametrize("from_", [OUR_NUMBER, f"whatsapp:{OUR_NUMBER}"])
def test_our_side_of_a_channel_may_leave_the_channel_out(from_: str) -> None:
    request = read(raw_request({"from": from_, "to": f"whatsapp:{PERSON}"}))
    assert request.sender == f"whatsapp:{OUR_NUMBER}"


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        ("68849", PERSON),
        ("rcs:acme_agent", f"rcs:{PERSON}"),
        ("messenger:1234567890", "messenger:9876543210"),
        (f"whatsapp:{OUR_NUMBER}", "whatsapp:FI.13491208655302741918"),
        (f"whatsapp:{OUR_NUMBER}", "whatsapp:US.ENT.11815799212886844830"),
        (f"whatsapp:{OUR_NUMBER}", f"whatsapp:US.{'7' * 128}"),
        ("viber:acme", "viber:somebody"),
    ],
)
def test_takes_any_address_that_an_agent_can_have_and_any_that_can_be_sent_to(from_: str, to: str) -> None:
    request = read(raw_request({"from": from_, "to": to}))
    assert (request.sender, request.recipient) == (from_, to)


@pytest.mark.parametrize(
    ("from_", "to", "why"),
    [
        (OUR_NUMBER, "68849", "to: it is a short code, and nothing can be sent to one"),
        (OUR_NUMBER, "whatsapp:ACME", "to: it is a name, and nothing can be sent to one"),
        ("rcs:acme_agent", "rcs:acme_agent", "to: it is a name"),
        (OUR_NUMBER, "SUPPORT", "to: it must be a number in E.164 form"),
        ("SUPPORT", PERSON, "from: it must be an address of an agent"),
        ("68849", f"whatsapp:{PERSON}", "from: it must name the same channel"),
        ("rcs:acme_agent", PERSON, "from: it must name the same channel"),
        (OUR_NUMBER, "messenger:123", "from: it must name the same channel"),
        ("+525512345678", "+5215512345678", "to: it must not be the same address"),
        ("viber:acme", "viber:acme", "to: it must not be the same address"),
    ],
)
def test_says_why_nothing_can_be_sent_between_two_addresses(from_: str, to: str, why: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(raw_request({"from": from_, "to": to}))
    assert str(caught.value).startswith(why)
    assert caught.value.field == why.partition(":")[0]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200).filter(str.strip))
def test_any_text_arrives_as_it_was_written(text: str) -> None:
    assert read(raw_request({"text": text})).text == text
    assert read(raw(json.dumps(GOOD | {"text": text}, ensure_ascii=False))).text == text


@pytest.mark.parametrize("content_type", [JSON, "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"'])
def test_reads_json_however_it_is_announced(content_type: str) -> None:
    assert read(raw(json.dumps(GOOD), content_type)).recipient == PERSON


@pytest.mark.parametrize("length", [TEXT_MAX, TEXT_MAX - 1])
def test_the_longest_text_fits_even_when_every_character_is_escaped(length: int) -> None:
    assert len(read(raw_request({"text": "😀" * length})).text) == length


BAD_FROM: list[object] = [
    None,
    "",
    12025550199,
    ["+12025550199"],
    "12025550199",
    "+0123",
    "+1",
    "+1202555019x",
    "+" + "1" * 16,
]
BAD_FROM += [f"{OUR_NUMBER}\n", f" {OUR_NUMBER}", f"{OUR_NUMBER}\r\nX-Evil: 1", "+١٢٣٤٥٦٧", "+123456", "rcs:agent"]
BAD_FROM += [f"whatsapp:{OUR_NUMBER}", f"whatsapp:whatsapp:{OUR_NUMBER}", True, {}, "\ud800"]
BAD_TO: list[object] = [
    None,
    "",
    5,
    {},
    [],
    "12",
    "12345",
    "123456789",
    "+123456",
    "mom",
    "+0123",
    "+12025550123 ",
    "+1 202 555 0123",
    "whatsapp:",
]
BAD_TO += [f"{PERSON}\r\nTo: {PERSON}", f"whatsapp:{PERSON}\n", "WhatsApp:+12025550123", "whatsapp:é", "a b:c"]
BAD_TO += [
    OUR_NUMBER,
    f"whatsapp:{OUR_NUMBER}",
    "+12025550123\x00",
    "\udfff",
    "x" * 33 + ":y",
    "whatsapp:" + "1" * 92,
    "١٢٣٤٥",
]
BAD_TEXT: list[object] = [None, "", " \n\t", 7, ["a"], {"a": 1}, "x" * (TEXT_MAX + 1), "half \ud83d", "\udc00", False]
BAD_MEDIA: list[object] = [LINK, {}, 0, False, [None], [[LINK]], [LINK] * 11, [""], ["http://files.example.com/"]]
BAD_MEDIA += [
    ["https://"],
    ["https:///a"],
    ["https://[::1"],
    ["https://h:99999/"],
    ["ftp://h/"],
    ["javascript:alert()"],
]
BAD_MEDIA += [
    ["https://user:pass@h/"],
    ["https://user@h/"],
    ["https://h/a b"],
    ["https://h/\n"],
    ["https://é.example/"],
]
BAD_MEDIA += [["https://h/" + "x" * LINK_MAX], [LINK, "file:///etc/passwd"], ["https://h/\ud800"]]
BAD_ACCOUNT: list[object] = [5, [], {}, True, "AC\ud800"]
REFUSED: list[tuple[str, object]] = [("from", value) for value in BAD_FROM] + [("to", value) for value in BAD_TO]
REFUSED += [("text", value) for value in BAD_TEXT] + [("media_urls", value) for value in BAD_MEDIA]
REFUSED += [("account", value) for value in BAD_ACCOUNT]


@pytest.mark.parametrize(("field", "value"), REFUSED, ids=lambda value: ascii(value)[:40])
def test_refuses_a_bad_value_and_names_its_field(field: str, value: object) -> None:
    refuse({field: value}, field)


@pytest.mark.parametrize("name", ["From", "body", "text ", "", "media_url", "x" * 500, "\ud800", "__class__"])
def test_refuses_an_unknown_field_by_its_name(name: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(raw_request({name: 1}))
    assert refused.value.field == name[:64]
    assert "is unknown" in str(refused.value)


@pytest.mark.parametrize("name", ["to", "text", "invented"])
def test_refuses_a_duplicate_name(name: str) -> None:
    twice = json.dumps(GOOD)[:-1] + f', "{name}": "1", "{name}": "2"}}'
    with pytest.raises(Malformed, match="occurs twice") as refused:
        read(raw(twice))
    assert refused.value.field == name


NO_OBJECT: list[bytes | str] = ["", "{", "nonsense", "[", "null", "[]", '"text"', "7", "NaN", "[" * 100_000, "{}x"]
NO_OBJECT += ["\ufeff{}", b"\xff\xfe{\x00}\x00", "9" * 5000, '{"to": ' + "9" * 5000 + "}", '{"text": NaN}', b"\x00"]
NO_OBJECT += [
    '{"text": -Infinity}',
    b'{"text": "\xff"}',
    '{"text": "a\nb"}',
    "{'text': 'a'}",
    "from=%2B1&to=%2B2&text=x",
]


@pytest.mark.parametrize("body", NO_OBJECT, ids=lambda body: ascii(body)[:20])
def test_refuses_what_is_not_a_json_object(body: bytes | str) -> None:
    with pytest.raises(Malformed) as refused:
        read(raw(body))
    assert refused.value.field is None


@pytest.mark.parametrize("value", [10**4000, 1e308, -1, 1.5])
def test_a_huge_number_is_not_a_text(value: object) -> None:
    with pytest.raises(Malformed) as refused:
        read(raw_request({"text": value}))
    assert refused.value.field == "text"


OTHER_TYPES = ["", "json", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
OTHER_TYPES += [
    "application/jsonp",
    "application/cloudevents+json",
    "application/json, text/html",
    f"{JSON}; boundary=x",
]


@pytest.mark.parametrize("content_type", OTHER_TYPES)
def test_refuses_another_content_type(content_type: str) -> None:
    with pytest.raises(WrongContentType) as refused:
        read(raw(json.dumps(GOOD), content_type))
    assert refused.value.field == "Content-Type"


def test_refuses_a_body_with_a_byte_too_many_before_reading_it() -> None:
    read(raw(json.dumps(GOOD).ljust(BODY_BYTES_MAX)))
    with pytest.raises(TooLarge):
        read(raw("x" * (BODY_BYTES_MAX + 1)))


@pytest.mark.parametrize("key", ["a", "~" * 255, "7f1c2b4e-9d1a", '"quoted"', "a b"])
def test_takes_an_idempotency_key_of_printable_ascii(key: str) -> None:
    assert read(raw_request(key=key)).idempotency_key == key


@pytest.mark.parametrize("key", ["", "a" * 256, "a\n", "a\r\nX-Evil: 1", "\x00", "\x7f", "é", "a\tb", "😀", "\ud800"])
def test_refuses_another_idempotency_key(key: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(raw_request(key=key))
    assert refused.value.field == KEY_HEADER


@given(ANYTHING)
def test_whatever_json_is_sent_is_read_or_refused(value: object) -> None:
    for body in (value, GOOD | {"media_urls": value}, GOOD | {"to": value}, GOOD | {"text": value, "account": value}):
        with suppress(RequestRefused):
            assert read(raw(json.dumps(body))).text.strip()


@given(st.binary(max_size=50))
def test_bytes_that_are_not_json_are_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw(body))


def test_the_repr_of_a_request_tells_nothing_personal() -> None:
    request = raw_request(key="order 7")
    for text in (repr(request), repr(read(request))):
        for personal in (PERSON[1:], OUR_NUMBER[1:], "table", "order 7"):
            assert personal not in text
