"""Group and deduplication id: what keeps a conversation in order, and a repeated delivery single."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.receiving.receiver import Receiver
from shared.tenants.account import ProviderSecrets
from tests.fakes import (
    ACCOUNTS,
    NOW,
    OUR_NUMBER,
    PERSON,
    FakeAccounts,
    FakeQueue,
    FakeTenants,
    Sent,
    credential,
    inbound,
    tenant,
)
from tests.provider import PROVIDERS, webhook

WRITER, KEY = credential()
OTHER_WRITER, OTHER_KEY = credential(tenant_id="other")


def sent(key: str = KEY, *, salt: str = "5a17" * 16, **changes: str) -> Sent:
    """What stands on the queue after one text."""
    queue = FakeQueue()
    tenants = FakeTenants(tenant(WRITER, salt=salt), tenant(OTHER_WRITER, id="other", salt=salt))
    accounts = FakeAccounts(*ACCOUNTS)
    accounts.stored["other"] = ProviderSecrets(salt, ACCOUNTS)
    Receiver(tenants, accounts, PROVIDERS, queue, "east", lambda: NOW).receive(key, webhook(inbound(**changes)))
    return queue.sent[0]


def test_the_same_message_delivered_twice_looks_the_same_to_the_queue() -> None:
    sid = "SM" + "7" * 32
    first = sent(MessageSid=sid, Body="hello")
    again = sent(MessageSid=sid, Body="hello", ErrorCode="11200", ErrorUrl="https://sms-east.example.com/")
    assert (first.deduplication, first.group) == (again.deduplication, again.group) == (sid, first.group)


def test_two_texts_of_a_conversation_share_a_group_and_no_deduplication_id() -> None:
    first, second = sent(MessageSid="SM" + "1" * 32), sent(MessageSid="SM" + "2" * 32)
    assert first.group == second.group
    assert first.deduplication != second.deduplication


@pytest.mark.parametrize(
    "change",
    [
        {"From": "+12025550124"},
        {"To": "+12025550198"},
        {"From": OUR_NUMBER, "To": PERSON},
        {"From": "whatsapp:" + PERSON, "To": "whatsapp:" + OUR_NUMBER},
        {"To": OUR_NUMBER + PERSON[1], "From": PERSON[2:]},
    ],
)
def test_another_conversation_is_another_group(change: dict[str, str]) -> None:
    assert sent(**change).group != sent().group


def test_the_same_people_are_another_conversation_for_another_tenant() -> None:
    assert sent(key=OTHER_KEY).group != sent().group


def test_a_conversation_cannot_be_guessed_without_the_salt() -> None:
    assert sent(salt="00" * 32).event["subject"] != sent().event["subject"]


@given(st.integers(2_000_000_000, 9_999_999_999), st.integers(2_000_000_000, 9_999_999_999))
def test_a_group_names_no_number_and_fits_the_queue(person: int, ours: int) -> None:
    queued = sent(From=f"+1{person}", To=f"+1{ours}")
    assert re.fullmatch(r"acme\.[0-9a-f]{64}", queued.group)
    assert len(queued.group) <= 128
    assert str(person) not in queued.group
    assert str(ours) not in queued.group
    assert len(queued.deduplication) <= 128


def test_the_longest_tenant_id_still_fits_the_queue() -> None:
    queue = FakeQueue()
    writer, key = credential(tenant_id="a" * 32)
    tenants = FakeTenants(tenant(writer, id="a" * 32))
    accounts = FakeAccounts(*ACCOUNTS, tenant_id="a" * 32)
    Receiver(tenants, accounts, PROVIDERS, queue, "east", lambda: NOW).receive(key, webhook(inbound()))
    assert len(queue.sent[0].group) <= 128
