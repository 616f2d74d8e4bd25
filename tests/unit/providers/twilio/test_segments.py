"""How many segments Twilio bills, by what it reports and by 3GPP TS 23.038; the twin counts by code of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.outbound import OutboundMessage
from shared.providers.twilio import segments
from shared.providers.twilio.rules import TwilioRules
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON
from twin.segments import count_segments

RULES = TwilioRules()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" * 5, 2),
        ("文" * 70, 1),
        ("文" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),
    ],
)
def test_a_text_takes_as_many_segments_as_its_alphabet_says(text: str, count: int) -> None:
    assert segments.of_text(text) == count


@given(st.text(st.sampled_from("aé€^ \n文😀ñ"), max_size=500) | st.text(max_size=200))
def test_a_text_takes_as_many_segments_as_the_twin_counts(text: str) -> None:
    assert segments.of_text(text) == count_segments(text)


@pytest.mark.parametrize(("reported", "count"), [("1", 1), ("12", 12), (3, 3), ("9999", 9999)])
def test_what_twilio_reports_counts(reported: object, count: int) -> None:
    assert segments.reported(reported) == count


@pytest.mark.parametrize("nonsense", [None, "", "0", "-1", "1.5", "many", "10000", "\uff11", " 1", "1\n", [], True])
def test_what_is_no_number_of_segments_is_none(nonsense: object) -> None:
    assert segments.reported(nonsense) is None
    assert RULES.received_segments({"NumSegments": [str(nonsense)]}) == 1


def test_a_received_text_has_the_segments_that_twilio_tells_or_one() -> None:
    assert RULES.received_segments({"NumSegments": ["4"]}) == 4
    assert RULES.received_segments({"NumSegments": []}) == RULES.received_segments({}) == 1


@pytest.mark.parametrize(
    ("recipient", "links", "count"),
    [
        (PERSON, (), 2),
        (PERSON, ("https://example.com/a.png",), 1),
        (f"whatsapp:{PERSON}", (), 1),
        ("rcs:acme", (), 1),
    ],
)
def test_a_message_with_media_or_that_is_no_sms_is_one(recipient: str, links: tuple[str, ...], count: int) -> None:
    message = OutboundMessage("SM1-1", ACCOUNT, OUR_NUMBER, recipient, "a" * 161, links)
    assert RULES.expected_segments(message) == count
