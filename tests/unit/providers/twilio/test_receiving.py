"""What a receiver makes of Twilio's texts alone: its acknowledgement, and a signed form that may be another one."""

import pytest

from shared.errors import InvalidSignature
from shared.telemetry import LogEvent
from tests.fakes import OUR_NUMBER, PERSON, TOKEN, FakeQueue, FakeTenants, inbound, status, webhook
from tests.unit.receiving.test_receiver import KEY, OBSERVING, READER_KEY, receiver
from tests.unit.receiving.test_status_callbacks import URL, World

RE_CUT = f"hiFrom+12025550177MessageSidSM{'f' * 32}To{OUR_NUMBER}Z"
"""Signed, it could be cut into the fields of another message."""


def test_the_acknowledgement_is_twiml_that_answers_nothing() -> None:
    receipt = receiver(FakeQueue()).receive(KEY, webhook(inbound()))
    assert receipt.acknowledgement.content_type == "text/xml"
    assert receipt.acknowledgement.body == '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def test_refuses_a_text_that_could_be_cut_into_another_and_leaves_the_queue_alone() -> None:
    queue = FakeQueue()
    with pytest.raises(InvalidSignature) as refused:
        receiver(queue).receive(KEY, webhook(inbound(Body=RE_CUT)))
    assert refused.value.reason == "ambiguous_signature"
    assert queue.sent == []
    told = f"{refused.value} {refused.value!r} {refused.value.reason}"
    for secret in (KEY, READER_KEY, TOKEN, PERSON[1:], OUR_NUMBER[1:], RE_CUT):
        assert secret not in told


def test_a_tenant_that_observes_gets_such_a_text_and_the_reason() -> None:
    queue = FakeQueue()
    receipt = receiver(queue, FakeTenants(OBSERVING)).receive(KEY, webhook(inbound(Body=RE_CUT)))
    assert receipt.would_refuse == "ambiguous_signature"
    assert len(queue.sent) == 1


@pytest.mark.parametrize(
    ("word", "event"),
    [
        *((word, None) for word in ("accepted", "scheduled", "queued", "sending", "sent", "read")),
        ("wondrous", LogEvent.NEW_STATUS),
        ("delivered", LogEvent.DELIVERED),
        *((word, LogEvent.NOT_DELIVERED) for word in ("undelivered", "failed", "canceled")),
    ],
)
def test_only_the_last_statuses_and_unknown_ones_are_worth_a_line(word: str, event: LogEvent | None) -> None:
    world = World()
    assert world.receive(webhook(status(MessageStatus=word), url=URL)) is event
    assert world.record().status == word
