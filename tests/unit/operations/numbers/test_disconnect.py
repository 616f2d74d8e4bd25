"""The plan to disconnect a number: what is put back, and what stays as it is."""

from dataclasses import replace

import pytest

from operations.numbers.connect import Plan
from operations.numbers.disconnect import disconnect
from operations.numbers.provider_number import ProviderNumber
from operations.numbers.state import NumberState
from shared.errors import NotFound
from shared.tenants.connection import Connection, Webhooks
from tests.fakes import ACCOUNT, OUR_NUMBER, credential
from tests.numbers_fakes import (
    APPLICATION,
    ELSEWHERE,
    NUMBER_SID,
    SERVICE,
    agents_credential,
    east,
    number_at_twilio,
    ours,
    service,
    south,
)

OWN_KEY = agents_credential()[1]
CONNECTED = Connection(OUR_NUMBER, NUMBER_SID, ACCOUNT, "credent1", former=ELSEWHERE)
THIRD = "https://third.example.com/"


def plan_to_disconnect(
    at_provider: ProviderNumber | None,
    connection: Connection | None = CONNECTED,
    *,
    service_needed: bool = False,
    force: bool = False,
) -> Plan:
    state = NumberState(OUR_NUMBER, None, connection, at_provider, service_needed)
    return disconnect("acme", state, force=force)


def at(webhooks: Webhooks) -> ProviderNumber:
    return number_at_twilio(webhooks)


def test_the_former_webhooks_come_back_and_nothing_else_changes() -> None:
    plan = plan_to_disconnect(at(ours(OWN_KEY)))
    assert plan.webhooks == ELSEWHERE
    assert (plan.connection, plan.agent) == (None, None)
    assert [change.what for change in plan.changes] == [
        "webhook",
        "method",
        "fallback webhook",
        "connection",
    ]
    assert plan.keeps == ()
    for secret in (OWN_KEY, "f0rmer", "s3cret"):
        assert secret not in repr(plan)


@pytest.mark.parametrize("url", [THIRD, "", f"https://user:secret@{THIRD[8:]}", east(credential(tenant_id="zeta")[1])])
def test_what_somebody_else_set_is_left_alone(url: str) -> None:
    plan = plan_to_disconnect(at(Webhooks(url, "GET", THIRD, "GET", APPLICATION)))
    assert plan.webhooks == Webhooks(url, "GET", THIRD, "GET", APPLICATION)
    assert "--force" in plan.keeps[0]
    assert [change.what for change in plan.changes] == ["connection"]


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
    plan = plan_to_disconnect(at(ours(OWN_KEY)), replace(CONNECTED, former=former))
    assert plan.webhooks == former
    assert ("TwiML application", "none", APPLICATION) in [(c.what, c.current, c.desired) for c in plan.changes]


def test_continues_after_an_interruption_that_came_after_the_change_at_twilio() -> None:
    plan = plan_to_disconnect(at(ELSEWHERE))
    assert plan.webhooks == ELSEWHERE
    assert plan.keeps == ()
    assert [change.what for change in plan.changes] == ["connection"]


def test_a_number_that_is_gone_is_forgotten() -> None:
    plan = plan_to_disconnect(None)
    assert ACCOUNT in plan.keeps[0]
    assert [change.what for change in plan.changes] == ["connection"]


def test_a_number_that_was_not_connected_is_declined() -> None:
    with pytest.raises(NotFound, match="not connected with this command"):
        plan_to_disconnect(at(ours(OWN_KEY)), None)


SERVED = replace(CONNECTED, service=SERVICE)


def test_a_messaging_service_takes_its_numbers_texts_again() -> None:
    plan = plan_to_disconnect(number_at_twilio(ours(OWN_KEY), service(on_number=True)), SERVED)
    assert plan.service == SERVICE
    assert "Messaging Service" in {change.what for change in plan.changes}


@pytest.mark.parametrize(
    ("connection", "needed", "provider_number"),
    [
        (SERVED, True, number_at_twilio(ours(OWN_KEY), service(on_number=True))),
        (SERVED, False, number_at_twilio(ours(OWN_KEY), service())),
        (SERVED, False, number_at_twilio(ours(OWN_KEY))),
        (CONNECTED, False, number_at_twilio(ours(OWN_KEY), service(on_number=True))),
        (SERVED, False, number_at_twilio(Webhooks(THIRD), service(on_number=True))),
    ],
    ids=["another number needs it", "changed back", "left it", "never changed", "somebody else's webhook"],
)
def test_a_messaging_service_stays_as_it_is_unless_this_connection_changed_it(
    connection: Connection,
    needed: bool,  # noqa: FBT001
    provider_number: ProviderNumber,
) -> None:
    assert plan_to_disconnect(provider_number, connection, service_needed=needed).service == ""
