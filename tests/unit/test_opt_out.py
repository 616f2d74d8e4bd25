"""Who looks like a person, and may hear of a failure."""

import pytest

from shared.opt_out import is_person
from tests.fakes import DESK, OUR_NUMBER, PERSON, FakeAgents

AGENTS = FakeAgents({OUR_NUMBER: DESK})

PEOPLE = [PERSON, f"whatsapp:{PERSON}", f"rcs:{PERSON}", "+4915112345678", "+29012345"]
PEOPLE += ["whatsapp:US.13491208655302741918", "messenger:1234567890123456"]


@pytest.mark.parametrize("address", PEOPLE)
def test_a_phone_or_an_id_of_a_channel_is_a_persons(address: str) -> None:
    assert is_person(AGENTS, "acme", address)


@pytest.mark.parametrize(
    "address",
    [
        "72345",
        "+72345",
        "ACME",
        "whatsapp:ACME",
        "rcs:acme_agent",
        "2025550123",
        "+0025550123",
        "+1202555012301234",
        "+1202555012x",
        "+1202555012\n",
        "+１２０２５５５０１２３",  # noqa: RUF001 - digits of another script are no phone number
        "",
        OUR_NUMBER,
        f"whatsapp:{OUR_NUMBER}",
    ],
)
def test_nothing_else_is(address: str) -> None:
    assert not is_person(AGENTS, "acme", address)
