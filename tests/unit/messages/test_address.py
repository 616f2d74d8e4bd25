"""An address is taken apart into its channel and what it is there, whatever somebody wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.address import Address, Kind
from tests.fakes import PERSON

CHANNELS = st.from_regex(r"[a-z]{1,12}", fullmatch=True)
DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("text", "channel", "kind"),
    [
        (PERSON, "sms", Kind.NUMBER),
        ("+4915112345678", "sms", Kind.NUMBER),
        ("+29012345", "sms", Kind.NUMBER),
        ("911", "sms", Kind.SHORT_CODE),
        ("68849", "sms", Kind.SHORT_CODE),
        ("12345678", "sms", Kind.SHORT_CODE),
        ("ACME", "sms", Kind.NAME),
        (f"whatsapp:{PERSON}", "whatsapp", Kind.NUMBER),
        (f"WhatsApp:{PERSON}", "whatsapp", Kind.NUMBER),
        ("whatsapp:US.13491208655302741918", "whatsapp", Kind.ID),
        ("whatsapp:68849", "whatsapp", Kind.NAME),
        ("whatsapp:ACME", "whatsapp", Kind.NAME),
        (f"rcs:{PERSON}", "rcs", Kind.NUMBER),
        ("rcs:acme_agent", "rcs", Kind.NAME),
        ("rcs:US.13491208655302741918", "rcs", Kind.NAME),
        ("messenger:1234567890123456", "messenger", Kind.ID),
        ("messenger:acme", "messenger", Kind.NAME),
        (f"viber:{PERSON}", "viber", Kind.NUMBER),
        ("viber:68849", "viber", Kind.NAME),
    ],
)
def test_knows_the_channel_and_what_it_is_there(text: str, channel: str, kind: Kind) -> None:
    address = Address.parse(text)
    assert (address.channel, address.kind) == (channel, kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "2025550123",
        "+72345",
        "+0025550123",
        "+1202555012301234",
        "+1202555012x",
        "+1202555012\n",
        " +12025550123",
        "+１２０２５５５０１２３",  # noqa: RUF001 - digits of another script are no phone number
        "６８８４９",  # noqa: RUF001
        "68",
        "whatsapp:",
        f"whatsapp:whatsapp:{PERSON}",
        "whatsapp:us.1349",
        "whatsapp:US.",
        "whatsapp:US.é",
        "messenger:-1",
    ],
)
def test_what_looks_like_nothing_else_is_a_name(text: str) -> None:
    assert Address.parse(text).kind is Kind.NAME
    assert not Address.parse(text).may_be_person


@pytest.mark.parametrize(("text", "yes"), [(PERSON, True), ("68849", False), ("ACME", False), ("", False)])
def test_only_a_number_without_a_channel_is_one_of_sms(text: str, yes: bool) -> None:  # noqa: FBT001 - a case
    assert Address.parse(text).is_sms_number is yes
    for channel in ("whatsapp", "rcs", "messenger", ""):
        assert not Address.parse(f"{channel}:{text}").is_sms_number


@given(st.text())
def test_any_text_has_a_kind_and_keeps_its_value(text: str) -> None:
    address = Address.parse(text)
    assert address.kind in Kind
    assert text.endswith(address.value)
    assert text == address.value or text.lower().startswith(f"{address.channel}:")


@given(CHANNELS, st.integers(10**6, 10**15 - 1))
def test_a_number_is_one_in_every_channel(channel: str, digits: int) -> None:
    plain, channelled = Address.parse(f"+{digits}"), Address.parse(f"{channel}:+{digits}")
    assert plain.kind is channelled.kind is Kind.NUMBER
    assert plain.value == channelled.value
    assert plain.may_be_person
    assert channelled.may_be_person


@given(st.text(DIGITS, min_size=1, max_size=20))
def test_digits_alone_are_a_short_code_where_they_are_few_and_no_persons_in_any_case(digits: str) -> None:
    address = Address.parse(digits)
    assert (address.kind is Kind.SHORT_CODE) == (3 <= len(digits) <= 8)
    assert not address.may_be_person


@given(st.text())
def test_shows_nobody_in_its_repr(value: str) -> None:
    assert repr(Address.parse(f"whatsapp:{value}")).startswith("Address(channel='whatsapp', kind=<Kind.")
    assert repr(Address.parse(f"whatsapp:{PERSON}")) == repr(Address.parse("whatsapp:+4915112345678"))
