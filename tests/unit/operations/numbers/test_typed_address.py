"""Addresses as people type them: read into the form in which they are stored, or refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.numbers.typed_address import LENGTH_MAX, doubt, read, read_ours
from shared.address import Address
from shared.errors import InvalidValue

NUMBER = "+12025550188"

OURS = [
    ("(202) 555-0188", NUMBER),
    ("sms:+1 202 555 0188", NUMBER),
    ("68849", "68849"),
    (" 911 ", "911"),
    ("sms:19901234", "19901234"),
    ("whatsapp:+12025550188", "whatsapp:+12025550188"),
    ("WhatsApp: +1 (202) 555-0188", "whatsapp:+12025550188"),
    ("whatsapp:2025550188", "whatsapp:+12025550188"),
    ("whatsapp:+5215512345678", "whatsapp:+5215512345678"),
    ("RCS:Acme_Agent-1", "rcs:Acme_Agent-1"),
    ("messenger:1234567890123456", "messenger:1234567890123456"),
    ("viber:acme", "viber:acme"),
]
OTHERS = [
    ("SUPPORT", "SUPPORT"),
    ("My Shop 24", "My Shop 24"),
    ("whatsapp:FI.13491208655302741918", "whatsapp:FI.13491208655302741918"),
    ("rcs:+12025550188", "rcs:+12025550188"),
]


@pytest.mark.parametrize(("typed", "address"), OURS + OTHERS)
def test_reads_an_address_as_people_type_it(typed: str, address: str) -> None:
    assert read(typed) == address


@pytest.mark.parametrize(("typed", "address"), OURS)
def test_an_agent_can_have_what_people_can_text(typed: str, address: str) -> None:
    assert read_ours(typed) == address


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("SUPPORT", "nobody can text a name"),
        ("whatsapp:FI.13491208655302741918", "a WhatsApp sender is whatsapp: and a phone number"),
        ("whatsapp:acme", "a WhatsApp sender is"),
        ("messenger:acme", "has only digits"),
    ],
)
def test_an_agent_cannot_have_what_nobody_can_text(typed: str, why: str) -> None:
    with pytest.raises(InvalidValue, match=why):
        read_ours(typed)


@pytest.mark.parametrize("function", [read, read_ours])
@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "too few digits"),
        ("12", "too few digits"),
        ("555-0188", "area code is missing"),
        ("5550188", "area code is missing; if it is a short code, write sms: before it"),
        ("55550188", "too few digits; if it is a short code|no numbers of this length; if it is a short code"),
        ("+1202555", "too few digits"),
        ("+1202555018899", "too many digits"),
        ("+999 202 555 0188", "no country has this code"),
        ("1-800-FLOWERS", "this is no address; write a phone number"),
        ("a very long name", "this is no address"),
        ("SÜPPORT", "this is no address"),
        ("SUP\x1bPORT", "this is no address"),
        (":", "this is no address"),
        (":+12025550188", "this is no address"),
        ("whats app:+12025550188", "this is no address"),
        ("whatsapp:", "too few digits"),
        ("whatsapp:+1202", "too few digits"),
        ("rcs:", "too few digits"),
        ("rcs:acme#agent", "may contain only letters"),
        ("rcs:acme agent", "may contain only letters"),
        ("rcs:a:b", "may contain only letters"),
        ("rcs:ácme", "may contain only letters"),
        ("messenger:", "may contain only letters"),
        ("x" * (LENGTH_MAX + 1), "longer than"),
    ],
)
def test_says_why_an_address_is_refused(function: object, typed: str, why: str) -> None:
    assert callable(function)
    with pytest.raises(InvalidValue, match=why) as caught:
        function(typed)
    assert "0188" not in str(caught.value).replace("whatsapp:+12025550188", "")


@pytest.mark.parametrize(("typed", "address"), OURS[:-1] + OTHERS)
def test_an_address_of_a_known_kind_is_not_doubted(typed: str, address: str) -> None:
    assert doubt(read(typed)) is None, address


@pytest.mark.parametrize("typed", ["+1 621 555 0188", "whatsapp:+16795550188", "+44 7700 900188"])
def test_a_number_in_a_range_that_is_not_known_is_taken_and_doubted(typed: str) -> None:
    sentence = doubt(read_ours(typed))
    assert sentence
    assert "…0188" in sentence
    assert "555" not in sentence


def test_a_channel_that_is_not_known_is_taken_and_doubted() -> None:
    assert "viber is not one of whatsapp, rcs, messenger" in (doubt(read_ours("viber:acme")) or "")


@given(st.text(max_size=LENGTH_MAX + 5) | st.from_regex(r"[a-zA-Z]{0,9}:?\+?[0-9A-Za-z ._#-]{0,20}", fullmatch=True))
def test_what_is_read_is_stored_as_one_word_and_read_again_unchanged(typed: str) -> None:
    try:
        address = read_ours(typed)
    except InvalidValue:
        return
    assert address == Address.parse(address).text
    assert "#" not in address, "it is a part of the directory's keys"
    assert address.isascii()
    assert " " not in address
    assert read_ours(address if address.isdigit() is False or len(address) < 7 else f"sms:{address}") == address
