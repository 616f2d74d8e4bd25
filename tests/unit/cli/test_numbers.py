import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.commands.number import LENGTH_MAX, normalise
from shared.errors import InvalidValue
from shared.tenants.agent import Agent, AgentKind
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.unit.cli.command import Command

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
        ("", "US", "no phone number"),
        ("+", "US", "no phone number"),
        ("12", "US", "too few digits"),
        ("555-0188", "US", "area code is missing"),
        ("+1202555", "US", "too few digits"),
        ("+12025550188999", "US", "too many digits"),
        ("+999 202 555 0188", "US", "no country has this code"),
        ("+1 555 123 4567", "US", "not in use"),
        ("+44 7700 900123", "US", "not in use"),
        ("2025550188", "GB", "no phone number"),
        ("202-555-0188 ext 5", "US", "more than digits"),
        ("202-555-0188x5", "US", "more than digits"),
        ("1-800-FLOWERS", "US", "more than digits"),
        ("whatsapp:+12025550188", "US", "more than digits"),
        ("+1202+5550188", "US", "more than digits"),
        ("+12025550188;ext=5", "US", "more than digits"),
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


@given(
    typed=st.text(max_size=LENGTH_MAX + 5) | st.from_regex(r"\+?[0-9 ().-]{0,30}", fullmatch=True), country=COUNTRIES
)
def test_whatever_is_typed_is_refused_or_becomes_e164(typed: str, country: str) -> None:
    try:
        number = normalise(typed, country)
    except InvalidValue:
        return
    assert E164.fullmatch(number)
    assert len(typed) <= LENGTH_MAX


@given(country=COUNTRIES, kind=st.sampled_from(["INTERNATIONAL", "NATIONAL", "E164"]))
def test_every_countrys_own_way_of_writing_a_number_means_the_same(country: str, kind: str) -> None:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None or not phonenumbers.is_valid_number_for_region(example, country):
        return
    written = phonenumbers.format_number(example, getattr(phonenumbers.PhoneNumberFormat, kind))
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert normalise(written, country) == e164
    assert normalise(e164, "US") == e164, "what is normal stays as it is, whatever the country"


def test_assigns_a_number_and_lists_it() -> None:
    command = Command.on(fakes.tenant())
    assert command.json("number", "assign", "(202) 555-0188", "--agent", "desk") == {"number": NUMBER, "agent": "desk"}
    assert command.json("number", "list") == [
        {"number": OUR_NUMBER, "agent": "desk", "region": "east"},
        {"number": NUMBER, "agent": "desk", "region": "east"},
    ]


def test_releases_a_number_however_it_is_typed() -> None:
    command = Command.on(fakes.tenant())
    assert command.json("number", "release", "202 555 0199") == {"released": OUR_NUMBER}
    assert command.store.stored().agents[0].numbers == ()


def test_refuses_a_number_that_another_agent_holds() -> None:
    tenant = fakes.tenant(agents=(*fakes.tenant().agents, Agent("second", AgentKind.SMS, "east")))
    refusal = Command.on(tenant).declined("number", "assign", OUR_NUMBER, "--agent", "second")
    assert "agent 'desk' holds this number" in refusal


def test_refuses_a_number_for_a_voice_agent_and_for_nobody() -> None:
    command = Command.on(fakes.tenant(agents=(Agent("phone", AgentKind.VOICE, "east"),)))
    assert "takes no texts" in command.declined("number", "assign", NUMBER, "--agent", "phone")
    assert "no agent 'nobody'" in command.declined("number", "assign", NUMBER, "--agent", "nobody")


def test_refuses_what_is_no_number_before_it_asks_aws() -> None:
    command = Command.on(fakes.tenant())
    assert "too few digits" in command.declined("number", "assign", "12345", "--agent", "desk")
    assert "too few digits" in command.declined("number", "release", "12345")
    assert command.opened == []


def test_refuses_to_release_a_number_that_nobody_holds() -> None:
    refusal = Command.on(fakes.tenant()).declined("number", "release", NUMBER)
    assert "no agent of tenant 'acme' holds this number" in refusal
