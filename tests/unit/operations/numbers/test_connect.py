"""The plan to connect a number: what changes, which key is used, and what is remembered from before."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from operations.numbers import connect
from operations.numbers.connect import Plan
from operations.numbers.drift import Key
from operations.numbers.provider_number import ProviderNumber
from shared.errors import CommandDeclined, Conflict, NotFound
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Credential, Role, Tenant
from tests.fakes import ACCOUNT, OUR_NUMBER, SUBACCOUNT, credential, tenant
from tests.numbers_fakes import (
    APPLICATION,
    BASES,
    ELSEWHERE,
    NUMBER_SID,
    SERVICE,
    east,
    fresh_key,
    number_at_twilio,
    ours,
    service,
    south,
)

MEMBER, KEY = credential()
OWN, OWN_KEY = credential(name="number …0199")
SECOND, SECOND_KEY = credential(name="second")
NEW = fresh_key()
OTHER_NUMBER = "+12025550198"
CONNECTED = Connection(OUR_NUMBER, NUMBER_SID, ACCOUNT, OWN.id, owns_credential=True, former=ELSEWHERE)


def plan_to_connect(  # noqa: PLR0913 - what may differ
    of: Tenant,
    provider_number: ProviderNumber | None = None,
    *,
    key: Key = NEW,
    agent: str = "desk",
    bases: Mapping[str, str] = BASES,
    take_over: bool = False,
) -> Plan:
    return connect.connect(of, provider_number or number_at_twilio(), agent, bases, key, take_over=take_over)


def words(plan: Plan) -> dict[str, tuple[str, str]]:
    return {change.what: (change.current, change.desired) for change in plan.changes}


def after(of: Tenant, plan: Plan) -> tuple[Connection, tuple[Credential, ...]]:
    changed = plan.edit(of)
    connection = changed.connection(OUR_NUMBER)
    assert connection
    return connection, changed.credentials


def test_a_number_gets_its_stages_webhook_the_others_as_fallback_and_a_key_of_its_own() -> None:
    plan = plan_to_connect(tenant(MEMBER))
    assert plan.webhooks == Webhooks(east(NEW.text), "POST", south(NEW.text), "POST", "")
    connection, credentials = after(tenant(MEMBER), plan)
    assert connection == replace(CONNECTED, credential_id=NEW.credential.id)
    assert credentials == (MEMBER, NEW.credential)
    assert words(plan).keys() == {
        "connection",
        "webhook",
        "method",
        "API key",
        "fallback webhook",
    }
    assert words(plan)["API key"] == ("none", "of a new credential, 'number …0199'")
    assert (plan.obstacles, plan.keeps, plan.service) == ((), (), "")
    assert NEW.text not in repr(plan)


def test_assigns_the_number_to_the_agent_if_it_is_not_yet() -> None:
    bare = tenant(MEMBER, agents=(Agent("desk", AgentKind.SMS, "south"),))
    plan = plan_to_connect(bare)
    assert words(plan)["agent"] == ("none", "desk")
    assert plan.edit(bare).agent_at(OUR_NUMBER) == Agent("desk", AgentKind.SMS, "south", (OUR_NUMBER,))
    assert (plan.webhooks.url, plan.webhooks.fallback_url) == (south(NEW.text), east(NEW.text))


def test_there_is_nothing_to_do_for_a_number_that_is_connected() -> None:
    connected = tenant(MEMBER, OWN, connections=(CONNECTED,))
    plan = plan_to_connect(connected, number_at_twilio(ours(OWN_KEY)))
    assert plan.changes == ()
    assert plan.edit(connected) == connected


def test_a_webhook_that_was_pasted_by_hand_keeps_its_key_and_does_not_count_as_former() -> None:
    pasted = tenant(MEMBER)
    plan = plan_to_connect(pasted, number_at_twilio(ours(KEY)))
    assert words(plan).keys() == {"connection"}
    connection, credentials = after(pasted, plan)
    assert credentials == (MEMBER,)
    assert (connection.credential_id, connection.owns_credential) == (MEMBER.id, False)
    assert connection.former == Webhooks()
    assert plan.webhooks == ours(KEY)


def test_another_tenants_webhook_is_removed_and_its_key_is_not_stored() -> None:
    strangers = credential(tenant_id="zeta")[1]
    plan = plan_to_connect(tenant(MEMBER), number_at_twilio(ours(strangers)))
    assert plan.webhooks == ours(NEW.text)
    assert words(plan)["API key"] == ("another tenant's", "of a new credential, 'number …0199'")
    assert "tenant 'zeta'" in plan.keeps[0]
    assert after(tenant(MEMBER), plan)[0].former == Webhooks()


def test_a_key_that_works_only_in_the_fallback_goes_into_the_webhook_too() -> None:
    plan = plan_to_connect(tenant(MEMBER), number_at_twilio(replace(ours(KEY), url="")))
    assert plan.webhooks == ours(KEY)
    assert words(plan)["API key"] == ("none", "of 'twilio'")


def test_another_key_that_works_in_the_fallback_stays_unless_a_key_is_given() -> None:
    acme = tenant(MEMBER, SECOND, connections=(replace(CONNECTED, credential_id=MEMBER.id, owns_credential=False),))
    provider_number = number_at_twilio(Webhooks(east(KEY), fallback_url=south(SECOND_KEY)))
    assert plan_to_connect(acme, provider_number).changes == ()
    plan = plan_to_connect(acme, provider_number, key=Key(MEMBER, KEY))
    assert words(plan) == {"fallback's API key": ("of 'second'", "of 'twilio'")}
    assert plan.webhooks == ours(KEY)


def test_a_key_that_is_given_takes_the_place_of_one_that_works() -> None:
    connected = tenant(MEMBER, OWN, connections=(CONNECTED,))
    plan = plan_to_connect(connected, number_at_twilio(ours(OWN_KEY)), key=Key(MEMBER, KEY))
    assert plan.webhooks == ours(KEY)
    connection, credentials = after(connected, plan)
    assert credentials == (MEMBER, OWN)  # Twilio still has it until the plan is carried out
    assert (connection.credential_id, connection.owns_credential) == (MEMBER.id, False)
    assert "'number …0199'" in plan.keeps[0]
    assert "revoke" in plan.keeps[0]


def test_an_interruption_before_twilio_was_changed_leaves_no_key_behind() -> None:
    interrupted = tenant(MEMBER, OWN, connections=(CONNECTED,))
    plan = plan_to_connect(interrupted)
    connection, credentials = after(interrupted, plan)
    assert credentials == (MEMBER, NEW.credential)
    assert (connection.credential_id, connection.owns_credential) == (NEW.credential.id, True)
    assert words(plan)["credential 'number …0199'"] == ("in no webhook", "revoked")
    assert connection.former == ELSEWHERE


def test_a_number_that_somebody_changed_meanwhile_gets_back_its_webhook_and_its_first_former_one() -> None:
    connected = tenant(OWN, connections=(CONNECTED,))
    plan = plan_to_connect(
        connected, number_at_twilio(Webhooks("https://third.example.com/", fallback_url=south(OWN_KEY)))
    )
    assert plan.webhooks == ours(OWN_KEY)
    connection, credentials = after(connected, plan)
    assert (connection, credentials) == (CONNECTED, (OWN,))


def test_a_number_that_moved_to_another_account_is_remembered_with_that_account() -> None:
    connected = tenant(OWN, connections=(CONNECTED,))
    moved = replace(number_at_twilio(Webhooks("https://third.example.com/"), account=SUBACCOUNT), sid="PN" + "9" * 32)
    connection, _ = after(connected, plan_to_connect(connected, moved))
    assert (connection.account, connection.number_sid) == (SUBACCOUNT, moved.sid)
    assert connection.former == Webhooks("https://third.example.com/")


@pytest.mark.parametrize("credential_of", ["a webhook", "nobody"])
def test_connects_with_a_new_key_when_somebody_revoked_the_old_one(credential_of: str) -> None:
    connected = tenant(MEMBER, connections=(CONNECTED,))
    provider_number = number_at_twilio(ours(OWN_KEY) if credential_of == "a webhook" else None)
    plan = plan_to_connect(connected, provider_number)
    assert plan.webhooks == ours(NEW.text)
    assert after(connected, plan)[1] == (MEMBER, NEW.credential)


def test_an_application_is_an_obstacle_and_is_removed_on_demand() -> None:
    provider_number = number_at_twilio(replace(ELSEWHERE, application=APPLICATION))
    assert len(plan_to_connect(tenant(MEMBER), provider_number).obstacles) == 1
    plan = plan_to_connect(tenant(MEMBER), provider_number, take_over=True)
    assert plan.obstacles == ()
    assert plan.webhooks.application == ""
    assert words(plan)["TwiML application"] == (f"{APPLICATION} takes the texts", "none")
    assert after(tenant(MEMBER), plan)[0].former.application == APPLICATION


def test_a_messaging_service_is_an_obstacle_and_leaves_the_texts_to_its_numbers_on_demand() -> None:
    provider_number = number_at_twilio(service=service("https://other.example.com/"))
    assert len(plan_to_connect(tenant(MEMBER), provider_number).obstacles) == 1
    plan = plan_to_connect(tenant(MEMBER), provider_number, take_over=True)
    assert (plan.obstacles, plan.service) == ((), SERVICE)
    assert after(tenant(MEMBER), plan)[0].service == SERVICE


@pytest.mark.parametrize("on_number", [True, False])
def test_a_messaging_service_that_leaves_texts_to_its_numbers_or_has_our_webhook_is_no_obstacle(
    on_number: bool,  # noqa: FBT001
) -> None:
    provider_number = number_at_twilio(ours(KEY), service(east(KEY), on_number=on_number))
    plan = plan_to_connect(tenant(MEMBER), provider_number, take_over=True)
    assert (plan.obstacles, plan.service) == ((), "")
    assert after(tenant(MEMBER), plan)[0].service == ""


def test_a_second_number_of_a_service_relies_on_what_the_first_one_changed() -> None:
    first = replace(CONNECTED, number=OTHER_NUMBER, service=SERVICE)
    provider_number = number_at_twilio(service=service("https://other.example.com/", on_number=True))
    acme = tenant(MEMBER, connections=(first,))
    plan = plan_to_connect(acme, provider_number)
    assert plan.service == ""
    assert after(acme, plan)[0].service == SERVICE


@pytest.mark.parametrize(
    ("of", "agent", "bases", "kind", "why"),
    [
        (tenant(MEMBER), "nobody", BASES, NotFound, "no agent 'nobody'"),
        (tenant(MEMBER), "desk", {"south": BASES["south"]}, CommandDeclined, "make deploy STAGE=east"),
        (tenant(agents=(Agent("desk", AgentKind.VOICE, "east"),)), "desk", BASES, CommandDeclined, "takes no texts"),
        (
            tenant(agents=(*tenant().agents, Agent("second", AgentKind.SMS, "east"))),
            "second",
            BASES,
            Conflict,
            "agent 'desk' holds this number",
        ),
        (tenant(roles_active=(Role.MANAGER,)), "desk", BASES, CommandDeclined, "active roles"),
    ],
)
def test_declines_before_anything_is_changed(
    of: Tenant, agent: str, bases: dict[str, str], kind: type[CommandDeclined], why: str
) -> None:
    with pytest.raises(kind, match=why):
        plan_to_connect(of, agent=agent, bases=bases)


def test_a_credentials_name_is_the_numbers_end_and_no_other_has_it() -> None:
    assert connect.credential_name(tenant(), OUR_NUMBER) == "number …0199"
    assert connect.credential_name(tenant(OWN), OUR_NUMBER) == "number …0199 (2)"
    assert connect.credential_name(tenant(OWN, connections=(CONNECTED,)), OUR_NUMBER) == "number …0199"
