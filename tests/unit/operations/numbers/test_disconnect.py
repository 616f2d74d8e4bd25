"""The plan to disconnect a number: what comes back, what is left alone, what is revoked."""

from dataclasses import replace

import pytest

from operations.numbers.connect import Plan
from operations.numbers.disconnect import disconnect
from operations.numbers.provider_number import ProviderNumber
from shared.errors import NotFound
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Tenant
from tests.fakes import ACCOUNT, OUR_NUMBER, credential, tenant
from tests.numbers_fakes import (
    APPLICATION,
    ELSEWHERE,
    NUMBER_SID,
    SERVICE,
    east,
    number_at_twilio,
    ours,
    service,
    south,
)

MEMBER, KEY = credential()
OWN, OWN_KEY = credential(name="number …0199")
CONNECTED = Connection(OUR_NUMBER, NUMBER_SID, ACCOUNT, OWN.id, owns_credential=True, former=ELSEWHERE)
ACME = tenant(MEMBER, OWN, connections=(CONNECTED,))
THIRD = "https://third.example.com/"


def plan(present: ProviderNumber | None, of: Tenant = ACME, *, force: bool = False) -> Plan:
    return disconnect(of, OUR_NUMBER, present, force=force)


def at(webhooks: Webhooks) -> ProviderNumber:
    return number_at_twilio(webhooks)


def test_the_former_webhooks_come_back_and_the_numbers_own_key_is_revoked() -> None:
    made = plan(at(ours(OWN_KEY)))
    assert made.webhooks == ELSEWHERE
    changed = made.edit(ACME)
    assert (changed.connections, changed.credentials) == ((), (MEMBER,))
    assert changed.agent_at(OUR_NUMBER) == ACME.agents[0]
    assert [change.what for change in made.changes] == [
        "webhook",
        "method",
        "fallback webhook",
        "connection",
        "credential 'number …0199'",
    ]
    assert made.keeps == ()
    for secret in (OWN_KEY, "f0rmer", "s3cret"):
        assert secret not in repr(made)


@pytest.mark.parametrize("of", ["another's", "two numbers'", "revoked"])
def test_a_key_that_is_not_the_numbers_own_is_not_revoked(of: str) -> None:
    second = replace(CONNECTED, number="+12025550198", owns_credential=False)
    shared = {
        "another's": tenant(
            MEMBER, OWN, connections=(replace(CONNECTED, credential_id=MEMBER.id, owns_credential=False),)
        ),
        "two numbers'": tenant(MEMBER, OWN, connections=(CONNECTED, second)),
        "revoked": tenant(MEMBER, connections=(CONNECTED,)),
    }[of]
    made = plan(at(ours(KEY)), shared)
    assert made.edit(shared).credentials == shared.credentials
    assert [change for change in made.changes if "credential" in change.what] == []


@pytest.mark.parametrize("url", [THIRD, "", f"https://user:secret@{THIRD[8:]}", east(credential(tenant_id="zeta")[1])])
def test_what_somebody_else_set_is_left_alone(url: str) -> None:
    made = plan(at(Webhooks(url, "GET", THIRD, "GET", APPLICATION)))
    assert made.webhooks == Webhooks(url, "GET", THIRD, "GET", APPLICATION)
    assert "--force" in made.keeps[0]
    assert [change.what for change in made.changes] == ["connection", "credential 'number …0199'"]


def test_with_force_the_former_webhooks_come_back_all_the_same() -> None:
    made = plan(at(Webhooks(THIRD, application=APPLICATION)), force=True)
    assert (made.webhooks, made.keeps) == (ELSEWHERE, ())


def test_a_fallback_or_an_application_that_somebody_else_set_is_left_alone_while_the_rest_comes_back() -> None:
    made = plan(at(replace(ours(OWN_KEY), fallback_url=THIRD, fallback_method="GET", application=APPLICATION)))
    assert made.webhooks == replace(ELSEWHERE, fallback_url=THIRD, fallback_method="GET", application=APPLICATION)


def test_a_fallback_with_the_key_that_is_revoked_does_not_stay_behind() -> None:
    made = plan(at(Webhooks(THIRD, fallback_url=south(OWN_KEY))))
    assert made.webhooks == Webhooks(THIRD, fallback_url=ELSEWHERE.fallback_url)


def test_without_a_second_stage_the_former_fallback_comes_back_too() -> None:
    assert plan(at(replace(ours(OWN_KEY), fallback_url=""))).webhooks == ELSEWHERE


def test_an_application_comes_back() -> None:
    former = replace(ELSEWHERE, application=APPLICATION)
    made = plan(at(ours(OWN_KEY)), tenant(OWN, connections=(replace(CONNECTED, former=former),)))
    assert made.webhooks == former
    assert ("TwiML application", "none", APPLICATION) in [(c.what, c.present, c.wanted) for c in made.changes]


def test_what_was_interrupted_after_twilio_was_changed_goes_on() -> None:
    made = plan(at(ELSEWHERE))
    assert made.webhooks == ELSEWHERE
    assert made.keeps == ()
    assert [change.what for change in made.changes] == ["connection", "credential 'number …0199'"]


def test_a_number_that_is_gone_is_forgotten() -> None:
    made = plan(None)
    assert ACCOUNT in made.keeps[0]
    assert made.edit(ACME).connections == ()


def test_a_number_that_was_not_connected_is_declined() -> None:
    with pytest.raises(NotFound, match="not connected with this command"):
        plan(at(ours(KEY)), tenant(MEMBER))


SERVED = replace(CONNECTED, service=SERVICE)


def test_a_messaging_service_takes_its_numbers_texts_again() -> None:
    made = plan(number_at_twilio(ours(OWN_KEY), service(on_number=True)), tenant(OWN, connections=(SERVED,)))
    assert made.service == SERVICE
    assert "Messaging Service" in {change.what for change in made.changes}


@pytest.mark.parametrize(
    ("of", "present"),
    [
        (
            tenant(OWN, connections=(SERVED, replace(SERVED, number="+12025550198"))),
            number_at_twilio(ours(OWN_KEY), service(on_number=True)),
        ),
        (tenant(OWN, connections=(SERVED,)), number_at_twilio(ours(OWN_KEY), service())),
        (tenant(OWN, connections=(SERVED,)), number_at_twilio(ours(OWN_KEY))),
        (tenant(OWN, connections=(CONNECTED,)), number_at_twilio(ours(OWN_KEY), service(on_number=True))),
        (tenant(OWN, connections=(SERVED,)), number_at_twilio(Webhooks(THIRD), service(on_number=True))),
    ],
    ids=["another number needs it", "changed back", "left it", "never changed", "somebody else's webhook"],
)
def test_a_messaging_service_stays_as_it_is_where_it_is_none_of_our_business(
    of: Tenant, present: ProviderNumber
) -> None:
    assert plan(present, of).service == ""


def test_nobody_forgets_a_connection_twice() -> None:
    with pytest.raises(NotFound, match="not connected any more"):
        plan(at(ours(OWN_KEY))).edit(tenant(MEMBER, OWN))
