"""Which conversations may be a person's, by how the person was named."""

import pytest

from operations.tracing.conversations import conversations
from shared.messages import events
from shared.telemetry import CONVERSATION_DIGITS
from tests.fakes import OUR_NUMBER, PERSON, SALT


def conversation(ours: str, person: str) -> str:
    """The conversation of a text as it arrived."""
    return events.conversation_id(SALT, ours=ours, person=person)[:CONVERSATION_DIGITS]


@pytest.mark.parametrize(
    ("ours", "sender", "held", "typed"),
    [
        (OUR_NUMBER, PERSON, OUR_NUMBER, PERSON),
        (f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}", OUR_NUMBER, PERSON),
        (f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}", f"whatsapp:{OUR_NUMBER}", PERSON),
        (f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}", OUR_NUMBER, f"whatsapp:{PERSON}"),
        (f"whatsapp:{OUR_NUMBER}", "whatsapp:FI.1349", OUR_NUMBER, "whatsapp:FI.1349"),
        (f"whatsapp:{OUR_NUMBER}", "whatsapp:+5215512345678", OUR_NUMBER, "+525512345678"),
        (OUR_NUMBER, "+525512345678", OUR_NUMBER, "+5215512345678"),
        ("rcs:acme_agent", f"rcs:{PERSON}", "rcs:acme_agent", PERSON),
        ("messenger:123", "messenger:456", "messenger:123", "messenger:456"),
        ("68849", PERSON, "68849", PERSON),
        (OUR_NUMBER, "68849", OUR_NUMBER, "68849"),
        (OUR_NUMBER, "SUPPORT", OUR_NUMBER, "SUPPORT"),
        (f"viber:{OUR_NUMBER}", f"viber:{PERSON}", OUR_NUMBER, f"viber:{PERSON}"),
    ],
)
def test_finds_the_conversation_of_a_text(ours: str, sender: str, held: str, typed: str) -> None:
    assert conversation(ours, sender) in conversations(SALT, ["+12025550100", held], typed)


@pytest.mark.parametrize(
    ("ours", "sender", "held", "typed"),
    [
        (OUR_NUMBER, PERSON, OUR_NUMBER, f"whatsapp:{PERSON}"),
        (OUR_NUMBER, PERSON, f"whatsapp:{OUR_NUMBER}", PERSON),
        (OUR_NUMBER, PERSON, OUR_NUMBER, "+12025550124"),
        ("rcs:acme_agent", f"rcs:{PERSON}", "rcs:acme_agent", f"whatsapp:{PERSON}"),
    ],
)
def test_finds_no_other(ours: str, sender: str, held: str, typed: str) -> None:
    assert conversation(ours, sender) not in conversations(SALT, [held], typed)


def test_a_number_costs_three_ids_for_each_of_ours_and_an_address_of_a_channel_one() -> None:
    assert len(conversations(SALT, [OUR_NUMBER], PERSON)) == 3
    assert len(conversations(SALT, [OUR_NUMBER, "rcs:acme"], f"whatsapp:{PERSON}")) == 1
