"""Messages that nobody can mend: to a landline, a short code, a name. They are recorded, told, and never parked."""

from dataclasses import replace

import pytest

from shared.errors import UpstreamRefused
from shared.retry import Done
from shared.telemetry import LogEvent, Metric
from tests.fakes import DESK, OUR_NUMBER, FakeAgents
from tests.provider import ITS_RULES
from tests.unit.messages.outbound_events import outbound
from tests.unit.sending.fakes import FAILED, LANDLINE, OPTED_OUT, World, parked, record

NOT_SENT = Done(LogEvent.NOT_SENT, "unreachable")
NAME = "SUPPORT"
NAME_CODE = ITS_RULES.unreachable_code(NAME)


@pytest.fixture
def world() -> World:
    return World()


def test_a_landline_is_recorded_and_told_and_not_parked(world: World) -> None:
    world.api.behaviours = [LANDLINE]
    assert world.deliver(outbound()) == NOT_SENT
    assert parked(world) == {}
    assert (record(world).status, record(world).error_code, record(world).message_id) == (FAILED, LANDLINE.code, None)
    (told,) = world.inbound.sent
    assert (told.event["data"]["status"], told.event["data"]["error_code"]) == (FAILED, LANDLINE.code)
    assert world.measurements.take() == {Metric.REPLY_UNREACHABLE: 1}


def test_an_address_that_nobody_can_text_is_not_even_tried_and_has_its_record(world: World) -> None:
    assert world.deliver(outbound(to=NAME)) == NOT_SENT
    assert world.api.accounts == []
    assert world.claims.kept == {}
    assert (record(world).status, record(world).error_code, record(world).agent) == (FAILED, NAME_CODE, "desk")
    assert [told.event["data"]["error_code"] for told in world.inbound.sent] == [NAME_CODE]
    assert parked(world) == {}


@pytest.mark.parametrize("to", ["ACME\u00a0Inc", "\u202eACME", "\u200bACME"])
def test_a_name_with_odd_characters_is_a_name(to: str, world: World) -> None:
    assert world.deliver(outbound(to=to)) == NOT_SENT
    assert parked(world) == {}


def test_delivered_again_it_is_told_once_and_never_sent(world: World) -> None:
    for receives in (1, 2, 3):
        assert world.deliver(outbound(to=NAME), receives=receives) == NOT_SENT
    assert len({told.deduplication for told in world.inbound.sent}) == 1
    assert world.api.accounts == []


@pytest.mark.parametrize("refusal", [LANDLINE, OPTED_OUT])
def test_the_parts_behind_it_are_not_sent_either_and_have_records_of_their_own(
    refusal: UpstreamRefused, world: World
) -> None:
    world.api.behaviours = [refusal]
    parts = [world.deliver(outbound(part=part, parts=3)) for part in (1, 2, 3)]
    assert parts == [Done(LogEvent.NOT_SENT, refusal.reason)] * 3
    assert len(world.api.accounts) == 1, "the provider is asked about the first one only"
    assert parked(world) == {}
    records = [record(world, f"SM42-{part}") for part in (1, 2, 3)]
    assert [(one.status, one.error_code) for one in records] == [(FAILED, refusal.code)] * 3
    assert len(world.inbound.sent) == 3


def test_the_parts_behind_one_that_failed_later_are_sent(world: World) -> None:
    world.deliver(outbound(part=1, parts=2))
    world.replies.advance("acme", "SM42-1", ITS_RULES.failed_status, message_id="SM1", error_code=30006)
    assert world.deliver(outbound(part=2, parts=2)) == Done(LogEvent.SENT)


def test_a_backend_that_wants_no_statuses_hears_nothing(world: World) -> None:
    world.agents = FakeAgents({OUR_NUMBER: replace(DESK)})
    assert world.deliver(outbound(to=NAME)) == NOT_SENT
    assert world.inbound.sent == []
    assert record(world).status == FAILED


def test_whenever_the_lambda_ends_it_is_recorded_and_told(world: World) -> None:
    world.deliver(outbound(to=NAME))
    for crash_at in range(1, world.steps + 1):
        crashing = World(crash_at)
        assert crashing.run(outbound(to=NAME)) == NOT_SENT, f"crashed at step {crash_at}"
        assert record(crashing).status == FAILED
        assert len({told.deduplication for told in crashing.inbound.sent}) == 1
        assert parked(crashing) == {}
