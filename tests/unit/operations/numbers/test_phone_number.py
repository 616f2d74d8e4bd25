import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.numbers.phone_number import LENGTH_MAX, is_known, normalise, with_country_code
from shared.errors import InvalidValue

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
NUMBER = "+12025550188"
COUNTRIES = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("+12025550188", "US"),
        ("+1 (202) 555-0188", "DE"),
        ("2025550188", "US"),
        ("(202) 555-0188", "us"),
        ("202.555.0188", "US"),
        (" 1-202-555-0188 ", "US"),
        ("202/555 0188", "CA"),
        ("001 202 555 0188", "DE"),
        ("+1\u2011202\u2011555\u20110188", "US"),  # hyphens that do not break, as web pages have them
        ("+\uff11\uff12\uff10\uff12 555 0188", "JP"),  # full-width digits
    ],
)
def test_understands_a_number_as_people_type_it(typed: str, country: str) -> None:
    assert normalise(typed, country) == NUMBER


@pytest.mark.parametrize(
    ("typed", "country", "why"),
    [
        ("", "US", "not a phone number"),
        ("+", "US", "not a phone number"),
        ("12", "US", "too few digits"),
        ("555-0188", "US", "area code is missing"),
        ("+1202555", "US", "too few digits"),
        ("+12025550188999", "US", "too many digits"),
        ("+999 202 555 0188", "US", "no country has this code"),
        ("5551234567", "US", "not in use; if it is right, write it with \\+ and its country code"),
        ("07700 900123", "GB", "not in use"),
        ("2025550188", "GB", "not a phone number"),
        ("202-555-0188 ext 5", "US", "may contain only digits"),
        ("202-555-0188x5", "US", "may contain only digits"),
        ("1-800-FLOWERS", "US", "may contain only digits"),
        ("whatsapp:+12025550188", "US", "may contain only digits"),
        ("+1202+5550188", "US", "may contain only digits"),
        ("+12025550188;ext=5", "US", "may contain only digits"),
        ("+1 2 0 2 5 5 5 0 1 8 8        .", "US", "longer than 30"),
        ("2025550188", "USA", "two letters"),
        ("2025550188", "", "two letters"),
        ("2025550188", "ZZ", "two letters"),
    ],
)
def test_says_why_a_number_is_refused_without_repeating_it(typed: str, country: str, why: str) -> None:
    with pytest.raises(InvalidValue, match=why) as caught:
        normalise(typed, country)
    assert "0188" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("typed", ["+1 621 555 0188", "+1 679-555-0188", "+1 (565) 555 0188"])
def test_takes_a_number_whose_range_the_library_does_not_know_yet(typed: str) -> None:
    number = normalise(typed, "DE")
    assert E164.fullmatch(number)
    assert not is_known(number)


@pytest.mark.parametrize(
    "form", ["+525512345678", "+5215512345678", "+554188887777", "+5541988887777", "+5491123456789"]
)
def test_knows_a_number_in_each_form_in_which_it_is_delivered(form: str) -> None:
    assert normalise(form) == form
    assert is_known(form)


@given(
    typed=st.text(max_size=LENGTH_MAX + 5) | st.from_regex(r"\+?[0-9 ().-]{0,30}", fullmatch=True), country=COUNTRIES
)
def test_refuses_whatever_is_typed_or_makes_it_e164(typed: str, country: str) -> None:
    try:
        number = normalise(typed, country)
    except InvalidValue:
        return
    assert E164.fullmatch(number)
    assert len(typed) <= LENGTH_MAX
    assert is_known(number) or typed.strip().startswith("+")


@given(country=COUNTRIES, kind=st.sampled_from(["INTERNATIONAL", "NATIONAL", "E164"]))
def test_gives_the_same_for_every_way_in_which_a_country_writes_a_number(country: str, kind: str) -> None:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None or not phonenumbers.is_valid_number_for_region(example, country):
        return
    written = phonenumbers.format_number(example, getattr(phonenumbers.PhoneNumberFormat, kind))
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert normalise(written, country) == e164
    assert normalise(e164, "US") == e164, "what is normal stays as it is, whatever the country"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("18883334444", "+18883334444"),
        ("442071838750", "+442071838750"),
        ("44 20 7183 8750", "+442071838750"),
        ("2025550188", None),
        ("00000000000", None),
        ("99999999999999999999", None),
        ("442071838750x", None),
        ("", None),
    ],
)
def test_digits_that_begin_with_a_country_code_are_a_number_only_if_it_is_in_use(
    typed: str, number: str | None
) -> None:
    assert with_country_code(typed) == number
