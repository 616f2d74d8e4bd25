"""A message that the provider took and could not deliver for now: it is sent again, some times, and once for each."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed, Unavailable, UpstreamRefused
from shared.messages.outbound import PARKED, Reply
from shared.messages.status import DeliveryOutcome, StatusOrder
from shared.reasons import Reason
from shared.retry import Again, Done
from shared.sending import resend_command
from shared.telemetry import LogEvent, Metric
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER, PERSON, PROVIDER, FakeAgents
from tests.unit.messages.outbound_events import CONVERSATION, outbound
from tests.unit.sending.fakes import DELIVERED, FAILED, LATER, LOST, SENT, TAKEN_BUT_LOST, World, parked, record

OVERFLOW = (DeliveryOutcome.RETRYABLE, 30001)


def resend(message_id: str = "SM1", *, reply_id: str = "SM42-1", **changes: object) -> dict[str, Any]:
    """The event that the receiver queues."""
    data = {
        "reply_id": reply_id,
        "in_reply_to": "SM42",
        "agent": "desk",
        "provider": PROVIDER,
        "account": ACCOUNT,
        "conversation": CONVERSATION,
        "message_id": message_id,
        "from": OUR_NUMBER,
        "to": PERSON,
        "error_code": 30001,
    }
    return {
        "specversion": "1.0",
        "type": "sms.message.resend.v1",
        "source": f"/sms-receiver/east/{PROVIDER}",
        "id": reply_id,
        "time": "2026-11-23T12:00:00.000+00:00",
        "subject": CONVERSATION,
        "datacontenttype": "application/json",
        "tenant": "acme",
        "data": data | changes,
    }


def overflowing(*message_ids: str, crash_at: int | None = None) -> World:
    """A sender whose messages of these ids fail for now; the first one has been sent."""
    world = World()
    world.api.fates = dict.fromkeys(message_ids, OVERFLOW)
    assert world.deliver(outbound()) == Done(LogEvent.SENT)
    world.crash_at = None if crash_at is None else world.steps + crash_at
    return world


def test_it_waits_first_and_then_is_a_new_message_of_the_same_reply() -> None:
    world = overflowing("SM1")
    assert world.deliver(resend()) == Again(60, "provider_unavailable")
    assert world.texts() == ["part 1"], "nothing is sent before the time"
    assert world.deliver(resend(), receives=2) == Done(LogEvent.SENT)
    assert [phone.message_id for phone in world.api.got] == ["SM1", "SM2"]
    assert world.api.got[0].message == world.api.got[1].message
    assert (record(world).message_id, record(world).status) == ("SM2", "queued")
    assert record(world).superseded == {"SM1"}
    assert world.inbound.sent == [], "no backend hears of what failed for now"
    assert parked(world) == {}


@pytest.mark.parametrize("times", [2, 5])
def test_however_often_it_is_asked_for_it_is_sent_again_once(times: int) -> None:
    world = overflowing("SM1")
    assert {world.deliver(resend(), receives=2).outcome for _ in range(times)} == {LogEvent.SENT}  # type: ignore[union-attr] # all are Done
    assert len(world.api.got) == 2
    assert world.run(resend()) == Done(LogEvent.SENT), "a second word of Twilio's, much later"
    assert len(world.api.got) == 2


def test_what_is_told_of_the_first_message_afterwards_counts_for_nothing() -> None:
    world = overflowing("SM1")
    world.run(resend())
    for status in (SENT, DELIVERED):
        before = record(world)
        assert world.replies.advance("acme", "SM42-1", status, message_id="SM1", error_code=None) == (
            before,
            StatusOrder.OTHER,
        )
    assert world.replies.advance("acme", "SM42-1", DELIVERED, message_id="SM2", error_code=None)[1] is StatusOrder.NEW


def test_when_the_tries_are_used_up_it_is_parked_and_the_backend_hears_of_it() -> None:
    world = overflowing("SM1", "SM2", "SM3")
    assert world.run(resend("SM1")) == Done(LogEvent.SENT)
    assert world.deliver(resend("SM2")) == Again(300, "provider_unavailable")
    assert world.run(resend("SM2")) == Done(LogEvent.SENT)
    assert world.measurements.take() != {}
    assert world.run(resend("SM3")) == Done(LogEvent.PARKED, "provider_unavailable")
    assert len(world.api.got) == 3
    (kept,) = world.parking.parked("acme")
    assert (kept.id, kept.event, kept.group) == ("SM42-1", resend("SM3"), f"acme.{CONVERSATION}")
    assert "SM3" in kept.detail
    assert (record(world).status, record(world).error_code) == (PARKED, 30001)
    (told,) = world.inbound.sent
    assert (told.event["data"]["status"], told.event["data"]["error_code"]) == (FAILED, 30001)
    assert world.measurements.take() == {Metric.REPLY_FAILED: 1}


def test_a_replay_sends_it_once_more_without_waiting() -> None:
    world = overflowing("SM1", "SM2", "SM3")
    for message_id in ("SM1", "SM2", "SM3"):
        world.run(resend(message_id))
    replayed = resend("SM3") | {"replay": 1}
    assert world.deliver(replayed) == Done(LogEvent.SENT)
    assert world.deliver(replayed) == Done(LogEvent.SENT)
    assert len(world.api.got) == 4
    assert record(world).message_id == "SM4"


@pytest.mark.parametrize("outcome", [None, DeliveryOutcome.ARRIVED])
def test_what_the_provider_does_not_confirm_is_not_sent_again(outcome: DeliveryOutcome | None) -> None:
    world = overflowing()
    world.api.fates = {"SM1": (outcome, None)}
    assert world.run(resend()) == Done(LogEvent.SENT)
    assert len(world.api.got) == 1
    assert record(world).message_id == "SM1"


@pytest.mark.parametrize("outcome", [DeliveryOutcome.FAILED, DeliveryOutcome.UNREACHABLE])
def test_what_the_provider_cannot_give_back_is_parked(outcome: DeliveryOutcome) -> None:
    world = overflowing()
    world.api.fates = {"SM1": (outcome, 30001)}
    assert world.run(resend()) == Done(LogEvent.PARKED, "provider_refused")
    assert len(world.api.got) == 1
    assert len(world.inbound.sent) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        UpstreamRefused(Reason.PROVIDER_REFUSED, "Twilio answered 404, error 20404", code=20404),
        UpstreamRefused(Reason.PROVIDER_UNAUTHORIZED, "Twilio does not accept the auth tokens", code=20003),
    ],
)
def test_what_the_provider_refuses_to_show_is_parked_and_a_replay_asks_again(refusal: UpstreamRefused) -> None:
    world = overflowing("SM1")
    world.api.finding = refusal
    assert world.run(resend()) == Done(LogEvent.PARKED, refusal.reason)
    (kept,) = world.parking.parked("acme")
    assert (kept.error_code, kept.detail) == (refusal.code, str(refusal))
    world.api.finding = None
    assert world.run(resend() | {"replay": 1}) == Done(LogEvent.SENT)
    assert len(world.api.got) == 2


def test_a_person_who_has_said_stop_meanwhile_is_not_texted() -> None:
    world = overflowing("SM1")
    world.api.behaviours = [UpstreamRefused(Reason.OPTED_OUT, "the person has opted out", code=21610)]
    assert world.run(resend()) == Done(LogEvent.NOT_SENT, "opted_out")
    assert len(world.api.got) == 1


def test_a_provider_that_cannot_be_asked_is_asked_later_and_then_it_is_parked() -> None:
    world = overflowing("SM1")
    world.api.finding = LATER
    assert world.run(resend()) == Done(LogEvent.PARKED, "provider_unavailable")
    assert world.inbound.sent == []
    world.api.finding = None
    assert world.run(resend() | {"replay": 1}) == Done(LogEvent.SENT)
    assert len(world.api.got) == 2


@pytest.mark.parametrize(("behaviour", "sends"), [(TAKEN_BUT_LOST, 2), (LOST, 2)])
def test_a_second_send_in_doubt_is_looked_for_and_never_taken_for_the_first(behaviour: str, sends: int) -> None:
    world = overflowing("SM1")
    world.api.behaviours = [behaviour]
    assert isinstance(world.deliver(resend(), receives=2), Again), "so soon that the first one looks like the second"
    assert world.deliver(resend(), receives=3) == Done(LogEvent.SENT)
    assert len(world.api.got) == sends
    assert record(world).message_id == "SM2"


def test_nothing_is_known_of_a_reply_that_never_was() -> None:
    world = World()
    assert world.deliver(resend()) == Done(LogEvent.PARKED, "malformed")
    world = overflowing("SM1")
    world.replies.kept["acme", "SM42-1"] = Reply("acme", "SM42-1", "desk", CONVERSATION, "SM42")
    assert world.deliver(resend("SM9")) == Done(LogEvent.PARKED, "malformed")
    assert len(world.api.got) == 1


def test_another_message_than_the_replys_is_not_sent_again() -> None:
    world = overflowing("SM1", "SM9")
    assert world.deliver(resend("SM9"), receives=2) == Done(LogEvent.SENT)
    assert len(world.api.got) == 1
    assert record(world).superseded == frozenset()


@pytest.mark.parametrize(
    ("changes", "reason"), [({"account": "AC" + "9" * 32}, "unknown_account"), ({"account": ""}, "unknown_account")]
)
def test_sends_again_for_no_account_that_is_not_the_tenants(changes: dict[str, str], reason: str) -> None:
    world = overflowing("SM1")
    assert world.run(resend(**changes)) == Done(LogEvent.PARKED, reason)
    assert len(world.api.got) == 1


def test_a_number_that_was_taken_away_meanwhile_parks_it() -> None:
    world = overflowing("SM1")
    world.agents = FakeAgents({"+12025550111": DESK})
    assert world.run(resend()) == Done(LogEvent.PARKED, "not_our_number")


def test_whenever_the_lambda_ends_the_person_gets_it_once_more_and_no_oftener() -> None:
    whole = overflowing("SM1")
    begun = whole.steps
    whole.run(resend())
    for crash_at in range(1, whole.steps - begun + 1):
        world = overflowing("SM1", crash_at=crash_at)
        assert world.run(resend()) == Done(LogEvent.SENT), f"crashed at step {crash_at}"
        assert len(world.api.got) == 2, f"crashed at step {crash_at}"
        assert record(world).message_id == "SM2"
        assert parked(world) == {}


def test_an_outage_of_the_tables_leaves_it_on_the_queue() -> None:
    world = overflowing("SM1")
    world.replies.failing = Unavailable("DynamoDB is away")
    with pytest.raises(Unavailable):
        world.deliver(resend(), receives=9)


WRONG: list[tuple[str, object]] = [
    ("message_id", None),
    ("message_id", ""),
    ("message_id", 7),
    ("message_id", "a/b"),
    ("message_id", "x" * 41),
    ("account", None),
    ("reply_id", "SM42-2"),
    ("conversation", "c0ffee"),
    ("in_reply_to", 7),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_malformed_order_is_parked_and_names_the_field(field: str, value: object) -> None:
    world = overflowing("SM1")
    wrong = resend()
    wrong["data"] |= {field: value}
    assert world.deliver(wrong, receives=2) == Done(LogEvent.PARKED, "malformed")
    (kept,) = world.parking.parked("acme")
    assert f"data.{field}" in kept.detail or "subject" in kept.detail
    assert len(world.api.got) == 1


@given(st.dictionaries(st.sampled_from(sorted(resend()["data"])), st.none() | st.integers() | st.text()))
def test_nothing_but_malformed_comes_of_a_wild_order(changes: dict[str, object]) -> None:
    wild = resend()
    wild["data"] |= changes
    try:
        command = resend_command.read(wild)
    except Malformed:
        return
    assert command.message_id == wild["data"]["message_id"]
