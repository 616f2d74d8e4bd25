"""What became of a message that Twilio could not send for now: the lines before that do not count any more."""

import pytest

from operations.tracing.hop import Hop
from operations.tracing.outcomes import TraceState
from operations.tracing.verdicts import verdict
from tests.unit.operations.tracing.hops_of_texts import (
    accepted,
    answered,
    delivered,
    hop,
    reply_parked,
    sent,
    undelivered,
)

TEXT = "SM" + "5" * 32
BEGIN = (accepted(), answered(), sent(at=2))
FAILED_FOR_NOW = hop("statuses", "Postponed", "1", at=4, reason="provider_unavailable", error_code="30001")
WAITS = hop("sender", "Postponed", "1", at=5, reason="provider_unavailable")


@pytest.mark.parametrize(
    ("hops", "state"),
    [
        ((FAILED_FOR_NOW,), TraceState.RETRYING),
        ((FAILED_FOR_NOW, WAITS), TraceState.RETRYING),
        ((FAILED_FOR_NOW, WAITS, sent(at=65)), TraceState.SENT),
        ((FAILED_FOR_NOW, WAITS, sent(at=65), delivered(at=67)), TraceState.ARRIVED),
        ((FAILED_FOR_NOW, WAITS, sent(at=65), undelivered(at=67)), TraceState.FAILED),
        ((FAILED_FOR_NOW, WAITS, reply_parked(at=65, reason="provider_unavailable")), TraceState.PARKED),
        ((hop("statuses", "NewStatus", "1", at=4, status="teleported"),), TraceState.SENT),
    ],
)
def test_the_state_is_that_of_the_latest_attempt(hops: tuple[Hop, ...], state: TraceState) -> None:
    assert verdict(TEXT, [*hops, *BEGIN]).state is state


def test_the_verdict_says_why_it_is_sent_again() -> None:
    assert "error 30001: Twilio's queue for the number was full" in str(verdict(TEXT, [*BEGIN, FAILED_FOR_NOW]))
