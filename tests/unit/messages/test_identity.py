"""One person has one conversation, in whichever form their number is delivered or typed; two persons have two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.address import Address
from shared.messages import events
from shared.messages.identity import canonical, identity
from tests.fakes import OUR_NUMBER, PERSON, SALT

FORMS = [
    ("+525512345678", "+5215512345678"),
    ("+528112345678", "+5218112345678"),
    ("+541123456789", "+5491123456789"),
    ("+543511234567", "+5493511234567"),
    ("+554188887777", "+5541988887777"),
    ("+551169876543", "+5511969876543"),
]
CHANNELS = st.sampled_from(["", "whatsapp:", "WhatsApp:", "rcs:", "viber:"])
DIGITS = "0123456789"


def digits(count: int, first: str = DIGITS) -> st.SearchStrategy[str]:
    return st.builds(str.__add__, st.sampled_from(first), st.text(DIGITS, min_size=count - 1, max_size=count - 1))


def conversation(person: str, ours: str = OUR_NUMBER) -> str:
    return events.conversation_id(SALT, ours=ours, person=person)


@pytest.mark.parametrize(("one", "other"), FORMS)
@pytest.mark.parametrize("channel", ["", "whatsapp:", "rcs:"])
def test_both_forms_of_a_number_are_one_conversation(channel: str, one: str, other: str) -> None:
    assert conversation(channel + one) == conversation(channel + other)
    assert conversation(PERSON, channel + one) == conversation(PERSON, channel + other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+12025550123", "+112025550123"),
        ("+5511945678901", "+551145678901"),  # a mobile phone, and a landline
        ("+5541988887777", "+5542988887777"),
        ("+52551234567", "+521551234567"),  # too short to be Mexican
        ("+54112345678", "+549112345678"),
        ("+5215512345678", "+5215512345679"),
        ("+4915112345678", "+49915112345678"),
        (PERSON, f"whatsapp:{PERSON}"),
        (f"whatsapp:{PERSON}", f"rcs:{PERSON}"),
        ("68849", "+68849"),
        ("whatsapp:US.1", "whatsapp:US.l"),
        ("messenger:5215512345678", "messenger:525512345678"),  # an id, not a number
        ("ACME", "acme"),
    ],
)
def test_other_addresses_are_other_conversations(one: str, other: str) -> None:
    assert conversation(one) != conversation(other)


@pytest.mark.parametrize("address", [PERSON, "68849", "ACME", "", "whatsapp:US.1", "rcs:acme_agent", "messenger:12"])
def test_most_addresses_stand_for_themselves(address: str) -> None:
    assert identity(Address.parse(address)) == address


def test_the_case_of_the_channel_and_the_one_for_sms_make_no_difference() -> None:
    assert conversation(f"WhatsApp:{PERSON}") == conversation(f"whatsapp:{PERSON}")
    assert conversation(f"sms:{PERSON}") == conversation(PERSON)


@given(CHANNELS, digits(10))
def test_a_mexican_is_one_person_with_and_without_the_1(channel: str, national: str) -> None:
    assert conversation(f"{channel}+521{national}") == conversation(f"{channel}+52{national}")


@given(CHANNELS, digits(10))
def test_an_argentine_is_one_person_with_and_without_the_9(channel: str, national: str) -> None:
    assert conversation(f"{channel}+549{national}") == conversation(f"{channel}+54{national}")


@given(CHANNELS, digits(2, "123456789").filter(lambda area: area[1] != "0"), digits(8, "6789"))
def test_a_brazilian_mobile_phone_is_one_person_with_and_without_the_ninth_digit(
    channel: str, area: str, old: str
) -> None:
    assert conversation(f"{channel}+55{area}9{old}") == conversation(f"{channel}+55{area}{old}")


@given(digits(2, "123456789"), digits(8, "2345"))
def test_a_brazilian_landline_is_never_taken_for_a_mobile_phone(area: str, landline: str) -> None:
    assert conversation(f"+55{area}9{landline}") != conversation(f"+55{area}{landline}")


@given(st.from_regex(r"\+(?!5[245])[1-9][0-9]{6,14}", fullmatch=True))
def test_numbers_of_other_countries_have_one_form(number: str) -> None:
    assert canonical(number) == number


@given(st.from_regex(r"\+5[245][0-9]{5,13}", fullmatch=True))
def test_the_canonical_form_is_its_own(number: str) -> None:
    assert canonical(canonical(number)) == canonical(number)


@given(st.text())
def test_every_text_has_an_identity(text: str) -> None:
    assert identity(Address.parse(text)) == identity(Address.parse(Address.parse(text).text))
