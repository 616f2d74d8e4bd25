"""From the outbound queue to the provider: once, later, never or set aside."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.errors import Configuration, InProgress, Malformed, SmsReceiverError, Unavailable, UpstreamRefused
from shared.messages.outbound import PARKED, Reply
from shared.reasons import Reason
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from shared.tenants.account import Account, ProviderSecrets
from tests.fakes import (
    ACCOUNT,
    ACCOUNTS,
    DESK,
    LISTENING,
    NOW,
    OUR_NUMBER,
    PERSON,
    PROVIDER,
    SALT,
    SUBACCOUNT,
    FakeAccounts,
    FakeAgents,
    schema,
)
from tests.unit.messages.outbound_events import CONVERSATION, outbound
from tests.unit.sending.fakes import CODE, DELIVERED, FAILED, LATER, OPTED_OUT, REFUSED, World, parked, record

T = TypeVar("T")

UNAUTHORIZED = UpstreamRefused(Reason.PROVIDER_UNAUTHORIZED, "Twilio does not accept the keys", code=20003)


@pytest.fixture
def world() -> World:
    return World()


def test_sends_the_message_and_keeps_what_became_of_it(world: World) -> None:
    event = outbound(text="größer 文字 😀", media_urls=["https://example.com/a.png"])
    assert world.deliver(event) == Done(LogEvent.SENT)
    (phone,) = world.api.got
    assert (phone.message.sender, phone.message.recipient) == (OUR_NUMBER, PERSON)
    assert (phone.message.text, phone.message.media_urls) == ("größer 文字 😀", ("https://example.com/a.png",))
    assert world.api.status_urls == ["https://sms-east.example.com/sms.receiver/SmsStatus/acme/SM42-1"]
    assert record(world) == Reply(
        "acme",
        "SM42-1",
        "desk",
        CONVERSATION,
        "SM42",
        attempted_at=NOW,
        message_id="SM1",
        status="queued",
        rank=2,
        agent_id=LISTENING.id,
    )


def test_claims_the_reply_at_the_agents_stage(world: World) -> None:
    world.agents = FakeAgents({OUR_NUMBER: replace(DESK, stage="south")})
    world.deliver(outbound())
    assert list(world.claims.kept) == [("send", "acme.SM42-1")]
    assert world.claims.stages == ["south"]


@pytest.mark.parametrize("times", [2, 5])
def test_however_often_it_is_delivered_it_is_sent_once(times: int, world: World) -> None:
    assert [world.deliver(outbound(), receives=n) for n in range(1, times + 1)] == [Done(LogEvent.SENT)] * times
    assert world.texts() == ["part 1"]


def test_sends_from_an_agent_that_got_its_number_a_moment_ago(world: World) -> None:
    world.agents = FakeAgents({OUR_NUMBER: replace(DESK, name="other")})
    assert world.deliver(outbound()) == Done(LogEvent.SENT)
    assert record(world).agent == "other"


@pytest.mark.parametrize(("receives", "seconds"), [(1, 6.25), (2, 25), (3, 100), (4, 150)])
def test_what_the_provider_does_not_take_now_is_sent_later(receives: int, seconds: float, world: World) -> None:
    world.api.behaviours = [LATER]
    assert world.deliver(outbound(), receives=receives) == Again(seconds, "unavailable")
    assert record(world).attempted_at is None
    assert world.deliver(outbound(), receives=receives + 1) == Done(LogEvent.SENT)
    assert world.texts() == ["part 1"]


def test_is_parked_when_the_tries_are_used_up(world: World) -> None:
    world.api.behaviours = [LATER] * 5
    assert world.run(outbound()) == Done(LogEvent.PARKED, "provider_unavailable")
    (kept,) = world.parking.parked("acme")
    assert (kept.queue, kept.group, kept.number) == ("outbound", f"acme.{CONVERSATION}", OUR_NUMBER)
    assert (kept.event, kept.parked_at) == (outbound(), world.now())
    assert kept.detail == str(LATER)
    assert record(world).status == PARKED
    assert world.inbound.sent == []


@pytest.mark.parametrize("receives", [1, 5, 50])
def test_what_somebody_else_is_at_is_never_parked(receives: int, world: World) -> None:
    world.claims.failing = InProgress("somebody else")
    said = world.deliver(outbound(), receives=receives)
    assert isinstance(said, Again)
    assert said.reason == "in_progress"
    assert parked(world) == {}


@pytest.mark.parametrize("broken", ["accounts", "agents"])
def test_what_cannot_be_read_is_tried_again_and_then_parked(broken: str, world: World) -> None:
    getattr(world, broken).failing = Configuration("not readable")
    assert world.deliver(outbound()) == Again(6.25, "configuration")
    assert world.run(outbound()) == Done(LogEvent.PARKED, "configuration")


def test_a_provider_that_cannot_even_be_asked_leaves_nothing_in_doubt(world: World) -> None:
    world.api.behaviours = [Configuration("TWILIO_URL cannot be asked")]
    assert world.deliver(outbound()) == Again(6.25, "configuration")
    assert record(world).attempted_at is None


def test_an_opted_out_person_is_not_asked_for_again_and_the_backend_hears_of_it(world: World) -> None:
    world.api.behaviours = [OPTED_OUT]
    assert world.deliver(outbound()) == Done(LogEvent.NOT_SENT, "opted_out")
    assert parked(world) == {}
    known = record(world)
    assert (known.status, known.error_code, known.attempted_at) == (FAILED, CODE, None)
    (told,) = world.inbound.sent
    assert (told.group, told.deduplication) == ("acme.SM42-1", f"SM42-1.{FAILED}.{CODE}")
    assert (told.event["data"]["status"], told.event["data"]["error_code"]) == (FAILED, CODE)
    assert told.event["data"]["message_id"] is None


@pytest.mark.parametrize("refusal", [REFUSED, UNAUTHORIZED])
def test_any_other_refusal_is_parked_and_the_backend_hears_of_it(refusal: UpstreamRefused, world: World) -> None:
    world.api.behaviours = [refusal]
    assert world.deliver(outbound()) == Done(LogEvent.PARKED, refusal.reason)
    assert parked(world) == {"SM42-1": refusal.reason}
    assert (record(world).status, record(world).error_code) == (PARKED, refusal.code)
    (told,) = world.inbound.sent
    assert (told.event["data"]["status"], told.event["data"]["error_code"]) == (FAILED, refusal.code)


def test_what_a_backend_hears_fits_the_published_schema(world: World) -> None:
    world.api.behaviours = [REFUSED]
    world.deliver(outbound())
    assert world.inbound.sent[0].event["type"] == "sms.message.status.v1"
    try:
        published = schema("sms.message.status.v1")
    except FileNotFoundError:
        return
    Draft202012Validator(published, format_checker=FormatChecker()).validate(dict(world.inbound.sent[0].event))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"from_": "+12025550111"}, "not_our_number"),
        ({"from_": PERSON}, "not_our_number"),
        ({"account": "AC" + "9" * 32}, "unknown_account"),
    ],
)
def test_sends_for_nobody_else(changes: dict[str, Any], reason: str, world: World) -> None:
    assert world.deliver(outbound(**changes)) == Done(LogEvent.PARKED, reason)
    assert parked(world) == {"SM42-1": reason}
    assert record(world).status == PARKED
    assert world.api.got == []


def test_sends_for_no_tenant_that_there_is_not(world: World) -> None:
    assert world.deliver(outbound() | {"tenant": "nobody"}) == Done(LogEvent.PARKED, "unknown_tenant")
    assert [one.reason for one in world.parking.parked("nobody")] == ["unknown_tenant"]
    assert world.api.got == []


def test_tells_a_tenant_without_accounts_from_no_tenant(world: World) -> None:
    world.accounts = FakeAccounts()
    assert world.deliver(outbound()) == Done(LogEvent.PARKED, "unknown_account")


def test_sends_through_no_provider_that_it_does_not_know(world: World) -> None:
    world.accounts = FakeAccounts(Account(ACCOUNT, "pigeon", ("t",)))
    assert world.deliver(outbound()) == Done(LogEvent.PARKED, "unknown_account")


class Renewed(FakeAccounts):
    """The accounts in the store have newer keys than those in the cache."""

    def find(self, tenant_id: str, select: Callable[[ProviderSecrets], T | None]) -> T | None:
        fresh = (Account(ACCOUNT, PROVIDER, ("new",)), Account(SUBACCOUNT, PROVIDER, ("other",)))
        cached = super().find(tenant_id, select)
        return select(ProviderSecrets(SALT, fresh)) if cached is None else cached


def test_looks_for_new_keys_before_it_believes_that_the_old_ones_are_refused(world: World) -> None:
    world.accounts = Renewed(*ACCOUNTS)
    world.api.behaviours = [UNAUTHORIZED]
    assert world.deliver(outbound()) == Done(LogEvent.SENT)
    assert [account.auth_tokens for account in world.api.accounts][1:] == [("new",)]


def test_believes_any_other_refusal_without_looking_for_new_keys(world: World) -> None:
    world.accounts = Renewed(*ACCOUNTS)
    world.api.behaviours = [REFUSED]
    assert world.deliver(outbound()) == Done(LogEvent.PARKED, "provider_refused")
    assert len(world.api.accounts) == 1


def test_what_was_sent_is_not_parked_when_nothing_else_answers(world: World) -> None:
    world.deliver(outbound())
    world.claims.failing = Unavailable("DynamoDB is away")
    assert world.deliver(outbound(), receives=5) == Done(LogEvent.SENT)
    assert parked(world) == {}


def test_a_malformed_order_is_parked_in_a_group_of_its_own(world: World) -> None:
    assert world.deliver(outbound() | {"type": "something.else"}) == Done(LogEvent.PARKED, "malformed")
    (kept,) = world.parking.parked("acme")
    assert kept.group == "acme.SM42-1"


@pytest.mark.parametrize("broken", ["replies", "parking"])
def test_what_cannot_even_be_parked_stays_on_the_queue(broken: str, world: World) -> None:
    world.api.behaviours = [LATER] * 9
    getattr(world, broken).failing = Unavailable("DynamoDB is away")
    with pytest.raises(Unavailable):
        world.deliver(outbound(), receives=9)


@pytest.mark.parametrize("value", [None, "", 7, [], "Not An Id", "ümlaut", "x" * 200, "a/b"])
def test_what_is_nobodys_is_not_parked(value: object, world: World) -> None:
    with pytest.raises(Malformed):
        world.deliver(outbound() | {"tenant": value})
    assert world.parking.kept == {}


def test_a_status_that_came_before_the_answer_is_not_undone(world: World) -> None:
    world.deliver(outbound())
    world.replies.advance("acme", "SM42-1", DELIVERED, message_id="SM1", error_code=None)
    assert world.deliver(outbound(), receives=2) == Done(LogEvent.SENT)
    assert record(world).status == "delivered"


def test_nothing_personal_is_in_what_it_says(world: World) -> None:
    wrong: list[dict[str, Any]] = [{"from_": "+12025550111"}, {"text": "secret" * 400}, {"to": ""}]
    for changes in wrong:
        world.deliver(outbound(**changes))
    said = repr([replace(one, event={}) for one in world.parking.kept.values()])
    assert all(word not in said for word in ("2025550", "secret"))


@pytest.mark.parametrize("failing", [None, LATER, REFUSED, OPTED_OUT], ids=str)
def test_the_line_gets_the_agents_id_however_it_ends(failing: SmsReceiverError | None, world: World) -> None:
    world.api.behaviours = [failing] if failing else []
    world.deliver(outbound())
    assert world.measurements.agent_id == LISTENING.id


def test_a_number_without_an_agent_gives_the_line_none(world: World) -> None:
    world.agents = FakeAgents({})
    world.deliver(outbound())
    assert world.measurements.agent_id is None
