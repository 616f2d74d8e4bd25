"""The plan to connect a number: what changes, which key, what is remembered of before."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from operations.numbers import connect
from operations.numbers.connect import Plan
from operations.numbers.drift import Key
from operations.numbers.provider_number import ProviderNumber
from shared.errors import Conflict, Declined, NotFound
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


def plan(  # noqa: PLR0913 - what may differ
    of: Tenant,
    found: ProviderNumber | None = None,
    *,
    key: Key = NEW,
    agent: str = "desk",
    bases: Mapping[str, str] = BASES,
    take_over: bool = False,
) -> Plan:
    return connect.connect(of, found or number_at_twilio(), agent, bases, key, take_over=take_over)


def words(made: Plan) -> dict[str, tuple[str, str]]:
    return {change.what: (change.present, change.wanted) for change in made.changes}


def after(of: Tenant, made: Plan) -> tuple[Connection, tuple[Credential, ...]]:
    changed = made.edit(of)
    connection = changed.connection(OUR_NUMBER)
    assert connection
    return connection, changed.credentials


def test_a_number_gets_its_stages_webhook_the_others_as_fallback_and_a_key_of_its_own() -> None:
    made = plan(tenant(MEMBER))
    assert made.webhooks == Webhooks(east(NEW.text), "POST", south(NEW.text), "POST", "")
    connection, kept = after(tenant(MEMBER), made)
    assert connection == replace(CONNECTED, credential_id=NEW.credential.id)
    assert kept == (MEMBER, NEW.credential)
    assert words(made).keys() == {
        "connection",
        "webhook",
        "method",
        "API key",
        "fallback webhook",
    }
    assert words(made)["API key"] == ("none", "of a new credential, 'number …0199'")
    assert (made.obstacles, made.keeps, made.service) == ((), (), "")
    assert NEW.text not in repr(made)


def test_an_agent_that_has_not_got_the_number_gets_it() -> None:
    bare = tenant(MEMBER, agents=(Agent("desk", AgentKind.SMS, "south"),))
    made = plan(bare)
    assert words(made)["agent"] == ("none", "desk")
    assert made.edit(bare).agent_at(OUR_NUMBER) == Agent("desk", AgentKind.SMS, "south", (OUR_NUMBER,))
    assert (made.webhooks.url, made.webhooks.fallback_url) == (south(NEW.text), east(NEW.text))


def test_there_is_nothing_to_do_for_a_number_that_is_connected() -> None:
    connected = tenant(MEMBER, OWN, connections=(CONNECTED,))
    made = plan(connected, number_at_twilio(ours(OWN_KEY)))
    assert made.changes == ()
    assert made.edit(connected) == connected


def test_a_number_that_was_pasted_by_hand_keeps_its_key_and_nothing_of_it_counts_as_former() -> None:
    pasted = tenant(MEMBER)
    made = plan(pasted, number_at_twilio(ours(KEY)))
    assert words(made).keys() == {"connection"}
    connection, kept = after(pasted, made)
    assert kept == (MEMBER,)
    assert (connection.credential_id, connection.owns_credential) == (MEMBER.id, False)
    assert connection.former == Webhooks()
    assert made.webhooks == ours(KEY)


def test_another_tenants_webhook_is_taken_away_but_its_key_is_not_kept() -> None:
    strangers = credential(tenant_id="zeta")[1]
    made = plan(tenant(MEMBER), number_at_twilio(ours(strangers)))
    assert made.webhooks == ours(NEW.text)
    assert words(made)["API key"] == ("another tenant's", "of a new credential, 'number …0199'")
    assert "tenant 'zeta'" in made.keeps[0]
    assert after(tenant(MEMBER), made)[0].former == Webhooks()


def test_a_key_that_works_only_in_the_fallback_goes_into_the_webhook_too() -> None:
    made = plan(tenant(MEMBER), number_at_twilio(replace(ours(KEY), url="")))
    assert made.webhooks == ours(KEY)
    assert words(made)["API key"] == ("none", "of 'twilio'")


def test_another_key_that_works_in_the_fallback_stays_unless_a_key_is_given() -> None:
    both = tenant(MEMBER, SECOND, connections=(replace(CONNECTED, credential_id=MEMBER.id, owns_credential=False),))
    found = number_at_twilio(Webhooks(east(KEY), fallback_url=south(SECOND_KEY)))
    assert plan(both, found).changes == ()
    given = plan(both, found, key=Key(MEMBER, KEY))
    assert words(given) == {"fallback's API key": ("of 'second'", "of 'twilio'")}
    assert given.webhooks == ours(KEY)


def test_a_key_that_is_given_takes_the_place_of_one_that_works() -> None:
    connected = tenant(MEMBER, OWN, connections=(CONNECTED,))
    made = plan(connected, number_at_twilio(ours(OWN_KEY)), key=Key(MEMBER, KEY))
    assert made.webhooks == ours(KEY)
    connection, kept = after(connected, made)
    assert kept == (MEMBER, OWN)  # it stands at Twilio until that is changed
    assert (connection.credential_id, connection.owns_credential) == (MEMBER.id, False)
    assert "'number …0199'" in made.keeps[0]
    assert "revoke" in made.keeps[0]


def test_what_was_interrupted_before_twilio_was_asked_is_begun_anew_and_leaves_no_key_behind() -> None:
    interrupted = tenant(MEMBER, OWN, connections=(CONNECTED,))
    made = plan(interrupted)
    connection, kept = after(interrupted, made)
    assert kept == (MEMBER, NEW.credential)
    assert (connection.credential_id, connection.owns_credential) == (NEW.credential.id, True)
    assert words(made)["credential 'number …0199'"] == ("in no webhook", "revoked")
    assert connection.former == ELSEWHERE


def test_a_number_that_somebody_changed_meanwhile_gets_back_its_webhook_and_its_first_former_one() -> None:
    connected = tenant(OWN, connections=(CONNECTED,))
    made = plan(connected, number_at_twilio(Webhooks("https://third.example.com/", fallback_url=south(OWN_KEY))))
    assert made.webhooks == ours(OWN_KEY)
    connection, kept = after(connected, made)
    assert (connection, kept) == (CONNECTED, (OWN,))


def test_a_number_that_moved_to_another_account_is_remembered_anew() -> None:
    connected = tenant(OWN, connections=(CONNECTED,))
    moved = replace(number_at_twilio(Webhooks("https://third.example.com/"), account=SUBACCOUNT), sid="PN" + "9" * 32)
    connection, _ = after(connected, plan(connected, moved))
    assert (connection.account, connection.number_sid) == (SUBACCOUNT, moved.sid)
    assert connection.former == Webhooks("https://third.example.com/")


@pytest.mark.parametrize("credential_of", ["a webhook", "nobody"])
def test_a_credential_that_somebody_revoked_is_no_trouble(credential_of: str) -> None:
    connected = tenant(MEMBER, connections=(CONNECTED,))
    found = number_at_twilio(ours(OWN_KEY) if credential_of == "a webhook" else None)
    made = plan(connected, found)
    assert made.webhooks == ours(NEW.text)
    assert after(connected, made)[1] == (MEMBER, NEW.credential)


def test_an_application_stops_it_and_is_taken_away_on_demand() -> None:
    found = number_at_twilio(replace(ELSEWHERE, application=APPLICATION))
    assert len(plan(tenant(MEMBER), found).obstacles) == 1
    made = plan(tenant(MEMBER), found, take_over=True)
    assert made.obstacles == ()
    assert made.webhooks.application == ""
    assert words(made)["TwiML application"] == (f"{APPLICATION} takes the texts", "none")
    assert after(tenant(MEMBER), made)[0].former.application == APPLICATION


def test_a_messaging_service_stops_it_and_leaves_the_texts_to_its_numbers_on_demand() -> None:
    found = number_at_twilio(service=service("https://other.example.com/"))
    assert len(plan(tenant(MEMBER), found).obstacles) == 1
    made = plan(tenant(MEMBER), found, take_over=True)
    assert (made.obstacles, made.service) == ((), SERVICE)
    assert after(tenant(MEMBER), made)[0].service == SERVICE


@pytest.mark.parametrize("on_number", [True, False])
def test_a_messaging_service_that_leaves_texts_to_its_numbers_or_has_our_webhook_is_no_obstacle(
    on_number: bool,  # noqa: FBT001
) -> None:
    found = number_at_twilio(ours(KEY), service(east(KEY), on_number=on_number))
    made = plan(tenant(MEMBER), found, take_over=True)
    assert (made.obstacles, made.service) == ((), "")
    assert after(tenant(MEMBER), made)[0].service == ""


def test_a_second_number_of_a_service_relies_on_what_the_first_one_changed() -> None:
    first = replace(CONNECTED, number=OTHER_NUMBER, service=SERVICE)
    found = number_at_twilio(service=service("https://other.example.com/", on_number=True))
    both = tenant(MEMBER, connections=(first,))
    made = plan(both, found)
    assert made.service == ""
    assert after(both, made)[0].service == SERVICE


@pytest.mark.parametrize(
    ("of", "agent", "bases", "kind", "why"),
    [
        (tenant(MEMBER), "nobody", BASES, NotFound, "no agent 'nobody'"),
        (tenant(MEMBER), "desk", {"south": BASES["south"]}, Declined, "make deploy STAGE=east"),
        (tenant(agents=(Agent("desk", AgentKind.VOICE, "east"),)), "desk", BASES, Declined, "takes no texts"),
        (
            tenant(agents=(*tenant().agents, Agent("second", AgentKind.SMS, "east"))),
            "second",
            BASES,
            Conflict,
            "agent 'desk' holds this number",
        ),
        (tenant(roles_active=(Role.MANAGER,)), "desk", BASES, Declined, "active roles"),
    ],
)
def test_declines_before_anything_is_changed(
    of: Tenant, agent: str, bases: dict[str, str], kind: type[Declined], why: str
) -> None:
    with pytest.raises(kind, match=why):
        plan(of, agent=agent, bases=bases)


def test_a_credentials_name_is_the_numbers_end_and_no_other_has_it() -> None:
    assert connect.credential_name(tenant(), OUR_NUMBER) == "number …0199"
    assert connect.credential_name(tenant(OWN), OUR_NUMBER) == "number …0199 (2)"
    assert connect.credential_name(tenant(OWN, connections=(CONNECTED,)), OUR_NUMBER) == "number …0199"
