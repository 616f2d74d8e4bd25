"""Entries of journals: as they are published, and what they leave out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.journal import IDS, Entry, Happening, event_of, masked
from tests.descriptions import check_event, description
from tests.fakes import NOW

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ADDRESSES = st.sampled_from(["", "+12025550123", "whatsapp:+12025550147", "40404", "rcs:acme_agent", "messenger:12345"])


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("+12025550123", "…0123"),
        ("whatsapp:+12025550147", "whatsapp:…0147"),
        ("whatsapp:FI.13491208655302741918", "whatsapp:…1918"),
        ("messenger:123", "messenger:…123"),
        ("40404", "…0404"),
        ("SHOP", "…SHOP"),
        ("a:b:c", "a:…b:c"),
        ("", ""),
        ("\n\n\n\n\n", "…\n\n\n\n"),
    ],
)
def test_of_an_address_the_channel_and_four_characters_are_shown(address: str, shown: str) -> None:
    assert masked(address) == shown


@given(
    happening=st.sampled_from(Happening), text=st.none() | TEXTS, ours=ADDRESSES, person=ADDRESSES, conversation=TEXTS
)
def test_each_is_as_published(
    happening: Happening, text: str | None, ours: str, person: str, conversation: str
) -> None:
    ids = {name: "x" for name in IDS if name != "error_code"}
    entry = Entry(happening, "SM5.received", NOW, conversation, ours, person, ids, text, ("https://a.example/",))
    for with_text in (False, True):
        event = event_of(entry, tenant_id="acme", agent="desk", stage="east", with_text=with_text)
        check_event(json.loads(json.dumps(event)))
        assert (event["data"]["text"] == text) if with_text else (event["data"]["text"] is None)
        assert bool(event["data"]["media_urls"]) == with_text


def test_the_schema_knows_what_may_happen_and_every_id() -> None:
    properties = description("schemas/sms.journal.entry.v1.json")["properties"]["data"]["properties"]
    assert properties["event"]["enum"] == [happening.value for happening in Happening]
    assert properties.keys() > set(IDS)


def test_no_repr_shows_a_text_or_an_address() -> None:
    entry = Entry(Happening.RECEIVED, "SM5.received", NOW, "c", "+12025550199", "+12025550123", text="private")
    assert not [private for private in ("private", "0199", "0123") if private in repr(entry)]
