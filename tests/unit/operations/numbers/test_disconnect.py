"""The plan to disconnect a number: what is put back, what stays as it is, and what is revoked."""

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


def plan_to_disconnect(provider_number: ProviderNumber | None, of: Tenant = ACME, *, force: bool = False) -> Plan:
    return disconnect(of, OUR_NUMBER, provider_number, force=force)


def at(webhooks: Webhooks) -> ProviderNumber:
    return number_at_twilio(webhooks)


def test_the_former_webhooks_come_back_and_the_numbers_own_key_is_revoked() -> None:
    plan = plan_to_disconnect(at(ours(OWN_KEY)))
    assert plan.webhooks == ELSEWHERE
    changed = plan.edit(ACME)
    assert (changed.connections, changed.credentials) == ((), (MEMBER,))
    assert changed.agent_at(OUR_NUMBER) == ACME.agents[0]
    assert [change.what for change in plan.changes] == [
        "webhook",
        "method",
        "fallback webhook",
        "connection",
        "credential 'number …0199'",
    ]
    assert plan.keeps == ()
    for secret in (OWN_KEY, "f0rmer", "s3cret"):
        assert secret not in repr(plan)


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
    plan = plan_to_disconnect(at(ours(KEY)), shared)
    assert plan.edit(shared).credentials == shared.credentials
    assert [change for change in plan.changes if "credential" in change.what] == []


@pytest.mark.parametrize("url", [THIRD, "", f"https://user:secret@{THIRD[8:]}", east(credential(tenant_id="zeta")[1])])
def test_what_somebody_else_set_is_left_alone(url: str) -> None:
    plan = plan_to_disconnect(at(Webhooks(url, "GET", THIRD, "GET", APPLICATION)))
    assert plan.webhooks == Webhooks(url, "GET", THIRD, "GET", APPLICATION)
    assert "--force" in plan.keeps[0]
    assert [change.what for change in plan.changes] == ["connection", "credential 'number …0199'"]


def test_with_force_the_former_webhooks_come_back_anyway() -> None:
    plan = plan_to_disconnect(at(Webhooks(THIRD, application=APPLICATION)), force=True)
    assert (plan.webhooks, plan.keeps) == (ELSEWHERE, ())


def test_a_fallback_or_an_application_that_somebody_else_set_is_left_alone_while_the_rest_comes_back() -> None:
    plan = plan_to_disconnect(
        at(replace(ours(OWN_KEY), fallback_url=THIRD, fallback_method="GET", application=APPLICATION))
    )
    assert plan.webhooks == replace(ELSEWHERE, fallback_url=THIRD, fallback_method="GET", application=APPLICATION)


def test_a_fallback_with_the_revoked_key_does_not_stay() -> None:
    plan = plan_to_disconnect(at(Webhooks(THIRD, fallback_url=south(OWN_KEY))))
    assert plan.webhooks == Webhooks(THIRD, fallback_url=ELSEWHERE.fallback_url)


def test_without_a_second_stage_the_former_fallback_comes_back_too() -> None:
    assert plan_to_disconnect(at(replace(ours(OWN_KEY), fallback_url=""))).webhooks == ELSEWHERE


def test_an_application_comes_back() -> None:
    former = replace(ELSEWHERE, application=APPLICATION)
    plan = plan_to_disconnect(at(ours(OWN_KEY)), tenant(OWN, connections=(replace(CONNECTED, former=former),)))
    assert plan.webhooks == former
    assert ("TwiML application", "none", APPLICATION) in [(c.what, c.current, c.desired) for c in plan.changes]


def test_continues_after_an_interruption_that_came_after_the_change_at_twilio() -> None:
    plan = plan_to_disconnect(at(ELSEWHERE))
    assert plan.webhooks == ELSEWHERE
    assert plan.keeps == ()
    assert [change.what for change in plan.changes] == ["connection", "credential 'number …0199'"]


def test_a_number_that_is_gone_is_forgotten() -> None:
    plan = plan_to_disconnect(None)
    assert ACCOUNT in plan.keeps[0]
    assert plan.edit(ACME).connections == ()


def test_a_number_that_was_not_connected_is_declined() -> None:
    with pytest.raises(NotFound, match="not connected with this command"):
        plan_to_disconnect(at(ours(KEY)), tenant(MEMBER))


SERVED = replace(CONNECTED, service=SERVICE)


def test_a_messaging_service_takes_its_numbers_texts_again() -> None:
    plan = plan_to_disconnect(
        number_at_twilio(ours(OWN_KEY), service(on_number=True)), tenant(OWN, connections=(SERVED,))
    )
    assert plan.service == SERVICE
    assert "Messaging Service" in {change.what for change in plan.changes}


@pytest.mark.parametrize(
    ("of", "provider_number"),
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
def test_a_messaging_service_stays_as_it_is_unless_this_connection_changed_it(
    of: Tenant, provider_number: ProviderNumber
) -> None:
    assert plan_to_disconnect(provider_number, of).service == ""


def test_a_connection_is_not_removed_twice() -> None:
    with pytest.raises(NotFound, match="not connected any more"):
        plan_to_disconnect(at(ours(OWN_KEY))).edit(tenant(MEMBER, OWN))
