"""An address is taken apart into its channel and what it is there, whatever somebody wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.address import Address, AddressKind
from tests.fakes import OUR_NUMBER, PERSON

CHANNELS = st.from_regex(r"[a-z]{1,12}", fullmatch=True)
DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("text", "channel", "kind"),
    [
        (PERSON, "sms", AddressKind.NUMBER),
        ("+4915112345678", "sms", AddressKind.NUMBER),
        ("+29012345", "sms", AddressKind.NUMBER),
        ("911", "sms", AddressKind.SHORT_CODE),
        ("68849", "sms", AddressKind.SHORT_CODE),
        ("12345678", "sms", AddressKind.SHORT_CODE),
        ("ACME", "sms", AddressKind.NAME),
        (f"whatsapp:{PERSON}", "whatsapp", AddressKind.NUMBER),
        (f"WhatsApp:{PERSON}", "whatsapp", AddressKind.NUMBER),
        ("whatsapp:US.13491208655302741918", "whatsapp", AddressKind.ID),
        ("whatsapp:US.ENT.11815799212886844830", "whatsapp", AddressKind.ID),
        ("whatsapp:68849", "whatsapp", AddressKind.NAME),
        ("whatsapp:ACME", "whatsapp", AddressKind.NAME),
        (f"rcs:{PERSON}", "rcs", AddressKind.NUMBER),
        ("rcs:acme_agent", "rcs", AddressKind.NAME),
        ("rcs:US.13491208655302741918", "rcs", AddressKind.NAME),
        ("messenger:1234567890123456", "messenger", AddressKind.ID),
        ("messenger:acme", "messenger", AddressKind.NAME),
        (f"viber:{PERSON}", "viber", AddressKind.NUMBER),
        ("viber:68849", "viber", AddressKind.NAME),
    ],
)
def test_finds_the_channel_and_the_kind(text: str, channel: str, kind: AddressKind) -> None:
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
        "whatsapp:US.ENT.",
        "whatsapp:US.BIZ.1349",
        "messenger:-1",
    ],
)
def test_anything_else_is_a_name(text: str) -> None:
    assert Address.parse(text).kind is AddressKind.NAME
    assert not Address.parse(text).may_be_person


@pytest.mark.parametrize(("text", "yes"), [(PERSON, True), ("68849", False), ("ACME", False), ("", False)])
def test_only_a_number_without_a_channel_is_an_sms_number(text: str, yes: bool) -> None:  # noqa: FBT001 - a case
    assert Address.parse(text).is_sms_number is yes
    for channel in ("whatsapp", "rcs", "messenger", ""):
        assert not Address.parse(f"{channel}:{text}").is_sms_number


@given(st.text())
def test_any_text_has_a_kind_and_keeps_its_value(text: str) -> None:
    address = Address.parse(text)
    assert address.kind in AddressKind
    assert text.endswith(address.value)
    assert text == address.value or text.lower().startswith(f"{address.channel}:")


@given(CHANNELS, st.integers(10**6, 10**15 - 1))
def test_a_number_is_a_number_in_every_channel(channel: str, digits: int) -> None:
    plain, channelled = Address.parse(f"+{digits}"), Address.parse(f"{channel}:+{digits}")
    assert plain.kind is channelled.kind is AddressKind.NUMBER
    assert plain.value == channelled.value
    assert plain.may_be_person
    assert channelled.may_be_person


@given(st.text(DIGITS, min_size=1, max_size=20))
def test_few_digits_are_a_short_code_and_never_a_person(digits: str) -> None:
    address = Address.parse(digits)
    assert (address.kind is AddressKind.SHORT_CODE) == (3 <= len(digits) <= 8)
    assert not address.may_be_person


@given(st.text())
def test_the_repr_shows_no_address(value: str) -> None:
    assert repr(Address.parse(f"whatsapp:{value}")).startswith("Address(channel='whatsapp', kind=<AddressKind.")
    assert repr(Address.parse(f"whatsapp:{PERSON}")) == repr(Address.parse("whatsapp:+4915112345678"))


@pytest.mark.parametrize(
    ("ours", "person", "sender"),
    [
        (OUR_NUMBER, PERSON, OUR_NUMBER),
        (OUR_NUMBER, f"whatsapp:{PERSON}", f"whatsapp:{OUR_NUMBER}"),
        (OUR_NUMBER, "whatsapp:FI.1349", f"whatsapp:{OUR_NUMBER}"),
        (OUR_NUMBER, "messenger:123", OUR_NUMBER),
        ("68849", f"whatsapp:{PERSON}", "68849"),
        ("rcs:acme", f"whatsapp:{PERSON}", "rcs:acme"),
    ],
)
def test_our_number_stands_for_itself_on_the_persons_channel(ours: str, person: str, sender: str) -> None:
    assert Address.parse(ours).towards(Address.parse(person)).text == sender


@pytest.mark.parametrize(
    ("text", "held_as"),
    [
        (OUR_NUMBER, (OUR_NUMBER,)),
        (f"sms:{OUR_NUMBER}", (OUR_NUMBER,)),
        (f"WhatsApp:{OUR_NUMBER}", (f"whatsapp:{OUR_NUMBER}", OUR_NUMBER)),
        ("68849", ("68849",)),
        ("messenger:68849", ("messenger:68849",)),
        ("rcs:Acme", ("rcs:Acme",)),
    ],
)
def test_an_address_is_held_as_itself_or_as_the_number_behind_it(text: str, held_as: tuple[str, ...]) -> None:
    assert Address.parse(text).held_as == held_as


@given(st.text())
def test_the_text_of_an_address_is_parsed_into_the_same_address(text: str) -> None:
    address = Address.parse(text)
    if address.channel != "sms" or ":" not in address.value:
        assert Address.parse(address.text) == address
