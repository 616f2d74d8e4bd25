"""The plan to connect a number: what changes, which key is used, and what is remembered from before."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from operations.numbers import connect
from operations.numbers.connect import Plan
from operations.numbers.drift import Key, kept_key
from operations.numbers.provider_number import ProviderNumber
from operations.numbers.state import NumberState
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, Conflict, NotFound
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.record import HeldNumber
from shared.tenants.tenant import Role
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER, SUBACCOUNT, credential, managed_tenant
from tests.numbers_fakes import (
    APPLICATION,
    BASES,
    ELSEWHERE,
    NUMBER_SID,
    SERVICE,
    agents_credential,
    east,
    fresh_key,
    number_at_twilio,
    ours,
    service,
    south,
)

MEMBER, KEY = credential()
OWN, OWN_KEY = agents_credential()
SECOND, SECOND_KEY = credential(name="second")
NEW, ANOTHER = fresh_key(), fresh_key("agent desk (2)")
SALES = replace(DESK, id="Sales001", name="sales")
CONNECTED = Connection(OUR_NUMBER, NUMBER_SID, ACCOUNT, OWN.id, former=ELSEWHERE)
HELD = HeldNumber(OUR_NUMBER, "acme", DESK.id)


def plan_to_connect(  # noqa: PLR0913 - what may differ
    of: ManagedTenant,
    at_provider: ProviderNumber | None = None,
    *,
    key: Key = NEW,
    agent: Agent = DESK,
    bases: Mapping[str, str] = BASES,
    held: HeldNumber | None = HELD,
    connection: Connection | None = None,
    service_needed: bool = False,
    keep: bool = True,
    take_over: bool = False,
) -> Plan:
    state = NumberState(OUR_NUMBER, held, connection, at_provider or number_at_twilio(), service_needed)
    return connect.connect(of, state, agent, bases, key, keep=keep, take_over=take_over)


def words(plan: Plan) -> dict[str, tuple[str, str]]:
    return {change.what: (change.current, change.desired) for change in plan.changes}


def stored(plan: Plan) -> Connection:
    assert plan.connection
    return plan.connection


def test_a_number_gets_its_stages_webhook_the_others_as_fallback_and_the_key_of_its_agent() -> None:
    plan = plan_to_connect(managed_tenant(MEMBER))
    assert plan.webhooks == Webhooks(east(NEW.text), "POST", south(NEW.text), "POST", "")
    assert stored(plan) == replace(CONNECTED, credential_id=NEW.credential.id)
    assert plan.agent == DESK
    assert words(plan).keys() == {
        "connection",
        "webhook",
        "method",
        "API key",
        "fallback webhook",
    }
    assert words(plan)["API key"] == ("none", "of a new credential, 'agent desk'")
    assert (plan.obstacles, plan.keeps, plan.service) == ((), (), "")
    assert NEW.text not in repr(plan)


def test_a_key_that_the_agents_numbers_have_already_is_said_to_be_that() -> None:
    plan = plan_to_connect(managed_tenant(OWN), key=Key(OWN, OWN_KEY))
    assert words(plan)["API key"] == ("none", "of 'agent desk'")
    assert stored(plan).credential_id == OWN.id


def test_assigns_the_number_to_the_agent_if_it_is_not_yet() -> None:
    far = replace(DESK, stage="south")
    plan = plan_to_connect(managed_tenant(MEMBER, agents=(far,)), agent=far, held=None)
    assert words(plan)["agent"] == ("none", "desk")
    assert plan.agent == far
    assert (plan.webhooks.url, plan.webhooks.fallback_url) == (south(NEW.text), east(NEW.text))


def test_there_is_nothing_to_do_for_a_number_that_is_connected() -> None:
    key = Key(OWN, OWN_KEY)
    plan = plan_to_connect(managed_tenant(MEMBER, OWN), number_at_twilio(ours(OWN_KEY)), key=key, connection=CONNECTED)
    assert plan.changes == ()
    assert plan.connection == CONNECTED


def test_a_webhook_that_was_pasted_by_hand_does_not_count_as_former() -> None:
    plan = plan_to_connect(managed_tenant(MEMBER), number_at_twilio(ours(KEY)), key=Key(MEMBER, KEY))
    assert words(plan).keys() == {"connection"}
    assert stored(plan).credential_id == MEMBER.id
    assert stored(plan).former == Webhooks()
    assert plan.webhooks == ours(KEY)


def test_another_tenants_webhook_is_removed_and_its_key_is_not_stored() -> None:
    strangers = credential(tenant_id="zeta")[1]
    plan = plan_to_connect(managed_tenant(MEMBER), number_at_twilio(ours(strangers)))
    assert plan.webhooks == ours(NEW.text)
    assert words(plan)["API key"] == ("another tenant's", "of a new credential, 'agent desk'")
    assert "tenant 'zeta'" in plan.keeps[0]
    assert stored(plan).former == Webhooks()


def test_a_key_that_works_only_in_the_fallback_goes_into_the_webhook_too() -> None:
    provider_number = number_at_twilio(replace(ours(KEY), url=""))
    key = kept_key(managed_tenant(MEMBER), provider_number, DESK)
    assert key == Key(MEMBER, KEY)
    plan = plan_to_connect(managed_tenant(MEMBER), provider_number, key=key)
    assert plan.webhooks == ours(KEY)
    assert words(plan)["API key"] == ("none", "of 'twilio'")


def test_another_key_that_works_in_the_fallback_stays_unless_a_key_is_given() -> None:
    acme = managed_tenant(MEMBER, SECOND)
    connection = replace(CONNECTED, credential_id=MEMBER.id)
    provider_number = number_at_twilio(Webhooks(east(KEY), fallback_url=south(SECOND_KEY)))
    key = Key(MEMBER, KEY)
    assert plan_to_connect(acme, provider_number, key=key, connection=connection).changes == ()
    plan = plan_to_connect(acme, provider_number, key=key, connection=connection, keep=False)
    assert words(plan) == {"fallback's API key": ("of 'second'", "of 'twilio'")}
    assert plan.webhooks == ours(KEY)


def test_the_key_of_another_agent_does_not_stay() -> None:
    theirs, their_key = agents_credential("agent sales", SALES)
    acme = managed_tenant(MEMBER, theirs, agents=(DESK, SALES))
    provider_number = number_at_twilio(ours(their_key))
    assert kept_key(acme, provider_number, DESK) is None
    assert kept_key(acme, provider_number, SALES) == Key(theirs, their_key)
    plan = plan_to_connect(acme, provider_number)
    assert plan.webhooks == ours(NEW.text)
    assert words(plan)["fallback's API key"] == ("of 'agent sales'", "of a new credential, 'agent desk'")


def test_a_key_that_is_given_takes_the_place_of_one_that_works() -> None:
    acme = managed_tenant(MEMBER, OWN)
    plan = plan_to_connect(
        acme, number_at_twilio(ours(OWN_KEY)), key=Key(MEMBER, KEY), connection=CONNECTED, keep=False
    )
    assert plan.webhooks == ours(KEY)
    assert stored(plan).credential_id == MEMBER.id


def test_an_interruption_before_twilio_was_changed_keeps_what_was_before() -> None:
    plan = plan_to_connect(managed_tenant(MEMBER, OWN), connection=CONNECTED, key=ANOTHER)
    assert stored(plan).credential_id == ANOTHER.credential.id
    assert stored(plan).former == ELSEWHERE


def test_a_number_that_somebody_changed_meanwhile_gets_back_its_webhook_and_its_first_former_one() -> None:
    provider_number = number_at_twilio(Webhooks("https://third.example.com/", fallback_url=south(OWN_KEY)))
    key = kept_key(managed_tenant(OWN), provider_number, DESK)
    assert key
    plan = plan_to_connect(managed_tenant(OWN), provider_number, key=key, connection=CONNECTED)
    assert plan.webhooks == ours(OWN_KEY)
    assert stored(plan) == CONNECTED


def test_a_number_that_moved_to_another_account_is_remembered_with_that_account() -> None:
    moved = replace(number_at_twilio(Webhooks("https://third.example.com/"), account=SUBACCOUNT), sid="PN" + "9" * 32)
    connection = stored(plan_to_connect(managed_tenant(OWN), moved, connection=CONNECTED, key=ANOTHER))
    assert (connection.account, connection.number_sid) == (SUBACCOUNT, moved.sid)
    assert connection.former == Webhooks("https://third.example.com/")


def test_an_application_is_an_obstacle_and_is_removed_on_demand() -> None:
    provider_number = number_at_twilio(replace(ELSEWHERE, application=APPLICATION))
    assert len(plan_to_connect(managed_tenant(MEMBER), provider_number).obstacles) == 1
    plan = plan_to_connect(managed_tenant(MEMBER), provider_number, take_over=True)
    assert plan.obstacles == ()
    assert plan.webhooks.application == ""
    assert words(plan)["TwiML application"] == (f"{APPLICATION} takes the texts", "none")
    assert stored(plan).former.application == APPLICATION


def test_a_messaging_service_is_an_obstacle_and_leaves_the_texts_to_its_numbers_on_demand() -> None:
    provider_number = number_at_twilio(service=service("https://other.example.com/"))
    assert len(plan_to_connect(managed_tenant(MEMBER), provider_number).obstacles) == 1
    plan = plan_to_connect(managed_tenant(MEMBER), provider_number, take_over=True)
    assert (plan.obstacles, plan.service) == ((), SERVICE)
    assert stored(plan).service == SERVICE


@pytest.mark.parametrize("on_number", [True, False])
def test_a_messaging_service_that_leaves_texts_to_its_numbers_or_has_our_webhook_is_no_obstacle(
    on_number: bool,  # noqa: FBT001
) -> None:
    provider_number = number_at_twilio(ours(KEY), service(east(KEY), on_number=on_number))
    plan = plan_to_connect(managed_tenant(MEMBER), provider_number, take_over=True)
    assert (plan.obstacles, plan.service) == ((), "")
    assert stored(plan).service == ""


def test_a_second_number_of_a_service_relies_on_what_the_first_one_changed() -> None:
    provider_number = number_at_twilio(service=service("https://other.example.com/", on_number=True))
    plan = plan_to_connect(managed_tenant(MEMBER), provider_number, service_needed=True)
    assert plan.service == ""
    assert stored(plan).service == SERVICE
    connection = replace(CONNECTED, service=SERVICE)
    assert stored(plan_to_connect(managed_tenant(MEMBER), provider_number, connection=connection)).service == SERVICE


VOICE = replace(DESK, kind=AgentKind.VOICE)


@pytest.mark.parametrize(
    ("changes", "kind", "why"),
    [
        ({"bases": {"south": BASES["south"]}}, CommandDeclined, "make deploy STAGE=east"),
        ({"agent": VOICE}, CommandDeclined, "takes no texts"),
        ({"agent": SALES}, Conflict, "agent 'desk' holds this number; release it there first"),
        ({"held": replace(HELD, agent_id="gone0000")}, Conflict, "agent gone0000, which does not exist any more,"),
        (
            {"held": replace(HELD, tenant_id="zeta")},
            Conflict,
            "tenant 'zeta' has this number; release it there first: sms --tenant zeta number release",
        ),
    ],
)
def test_declines_before_anything_is_changed(changes: dict[str, Any], kind: type[CommandDeclined], why: str) -> None:
    with pytest.raises(kind, match=why):
        plan_to_connect(managed_tenant(MEMBER, agents=(DESK, SALES)), **changes)


def test_declines_a_number_that_no_account_has_and_a_role_that_is_not_active() -> None:
    with pytest.raises(NotFound, match="no account of tenant 'acme' has this number"):
        connect.connect(managed_tenant(), NumberState(OUR_NUMBER), DESK, BASES, NEW, keep=True, take_over=False)
    with pytest.raises(CommandDeclined, match="active roles"):
        plan_to_connect(managed_tenant(roles_active=(Role.MANAGER,)))
