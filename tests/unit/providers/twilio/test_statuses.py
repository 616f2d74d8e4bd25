"""Twilio's statuses, written out once more from its documentation, and what comes of a word that is not there."""

import json
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.outbound import Reply
from shared.messages.status import DeliveryOutcome, StatusOrder
from shared.providers.twilio import statuses
from shared.providers.twilio.errors import REMEDIES, Remedy
from shared.providers.twilio.rules import TwilioRules
from tests.fakes import NOW
from tests.replies_fake import FakeReplies

TEXT, PICTURE = "SM" + "5" * 32, "MM" + "5" * 32
OPENAPI = Path(__file__).parents[4] / ".openapi" / "twilio_api_v2010.json"
FINAL = ("delivered", "undelivered", "failed", "canceled")
words = st.from_regex(r"[a-z_-]{1,32}", fullmatch=True)
unknown_words = words.filter(lambda word: word not in statuses.RANKS)


def test_every_status_of_an_outbound_message_in_twilios_own_description_has_a_rank() -> None:
    described = json.loads(OPENAPI.read_text(encoding="utf-8"))["components"]["schemas"]["message_enum_status"]["enum"]
    assert set(described) - {"receiving", "received"} == set(statuses.RANKS)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("accepted", "queued"),
        ("queued", "sending"),
        ("sending", "sent"),
        ("sent", "partially_delivered"),
        *(("partially_delivered", final) for final in FINAL),
        ("delivered", "read"),
    ],
)
def test_statuses_rise_in_the_order_of_a_messages_life(earlier: str, later: str) -> None:
    assert statuses.status(earlier, None, TEXT).rank < statuses.status(later, None, TEXT).rank


@given(unknown_words)
def test_a_word_that_is_not_known_comes_after_sent_and_before_the_last_ones(word: str) -> None:
    status = statuses.status(word, None, TEXT)
    assert status.word == word
    assert not status.is_final
    assert statuses.RANKS["sent"] < status.rank < min(statuses.RANKS[final] for final in FINAL)
    assert statuses.outcome(word, None, TEXT) is None


def kept(*arrivals: str) -> tuple[str, list[StatusOrder]]:
    """The status that a record has in the end, and how each word was taken."""
    replies = FakeReplies()
    replies.attempt(Reply("acme", "SM42-1", "desk", "c0ffee", "SM42"), at=NOW)
    orders = [
        replies.advance("acme", "SM42-1", statuses.status(word, None, TEXT), message_id=TEXT, error_code=None)[1]
        for word in arrivals
    ]
    record = replies.find("acme", "SM42-1")
    assert record
    return record.status, orders


@given(st.permutations(["queued", "sending", "sent", "delivered"]), unknown_words, st.integers(0, 4))
def test_in_whatever_order_they_come_the_last_word_stays_and_an_unknown_one_is_kept_before_it(
    known: list[str], unknown: str, place: int
) -> None:
    arrivals = [*known[:place], unknown, *known[place:]]
    status, orders = kept(*arrivals)
    assert status == "delivered"
    comes_first = arrivals.index(unknown) < arrivals.index("delivered")
    assert orders[arrivals.index(unknown)] is (StatusOrder.NEW if comes_first else StatusOrder.STALE)


@given(st.lists(unknown_words, min_size=1, max_size=5, unique=True))
def test_no_unknown_word_is_lost_to_another_one(unknown: list[str]) -> None:
    status, orders = kept("sent", *unknown)
    assert status == unknown[-1]
    assert set(orders) == {StatusOrder.NEW}


@pytest.mark.parametrize("order", list(permutations(["sent", "partially_delivered", "delivered"])), ids="-".join)
def test_partly_delivered_is_no_last_word(order: tuple[str, ...]) -> None:
    assert kept(*order)[0] == "delivered"


@pytest.mark.parametrize("word", ["failed", "undelivered"])
@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (None, DeliveryOutcome.FAILED),
        (1, DeliveryOutcome.FAILED),
        (30007, DeliveryOutcome.FAILED),
        (30008, DeliveryOutcome.FAILED),
        (30017, DeliveryOutcome.FAILED),
        (30034, DeliveryOutcome.FAILED),
        (21610, DeliveryOutcome.UNREACHABLE),
        (30003, DeliveryOutcome.UNREACHABLE),
        (30005, DeliveryOutcome.UNREACHABLE),
        (30006, DeliveryOutcome.UNREACHABLE),
        (63003, DeliveryOutcome.UNREACHABLE),
        (30001, DeliveryOutcome.RETRYABLE),
        (30022, DeliveryOutcome.RETRYABLE),
    ],
)
def test_who_can_mend_a_failure_depends_on_its_code(word: str, code: int | None, outcome: DeliveryOutcome) -> None:
    assert statuses.outcome(word, code, TEXT) is outcome
    assert statuses.status(word, code, TEXT).is_final == (outcome is not DeliveryOutcome.RETRYABLE)


@pytest.mark.parametrize("word", ["sent", "delivered", "read", "wondrous"])
def test_what_did_not_fail_is_not_sent_again_whatever_code_it_has(word: str) -> None:
    assert statuses.outcome(word, 30001, TEXT) is not DeliveryOutcome.RETRYABLE


def test_a_message_with_media_is_not_sent_again() -> None:
    assert statuses.outcome("failed", 30001, PICTURE) is DeliveryOutcome.FAILED
    assert statuses.status("failed", 30001, PICTURE) == statuses.status("failed", 30008, TEXT)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("68849", 21265),
        ("242", 21265),
        ("SUPPORT", 21211),
        ("My Bank", 21211),
        ("+12025550123", None),
        ("12025550123", None),
        ("whatsapp:+12025550123", None),
        ("whatsapp:FI.1a2B", None),
        ("rcs:+12025550123", None),
        ("messenger:12345", None),
        ("", None),
    ],
)
def test_short_codes_and_names_cannot_be_texted(address: str, code: int | None) -> None:
    assert TwilioRules().unreachable_code(address) == code


def test_what_twilio_would_answer_to_such_an_address_is_nobodys_to_mend() -> None:
    codes = {TwilioRules().unreachable_code("68849"), TwilioRules().unreachable_code("SUPPORT")}
    assert {REMEDIES[code or 0] for code in codes} == {Remedy.NOBODY}
    assert REMEDIES[TwilioRules.opted_out_code] is Remedy.NOBODY
