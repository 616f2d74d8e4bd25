"""The rotation of a credential: its names, which credential is replaced, and what others change meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.numbers.state import NumberState
from operations.rotation.api_key import Rotation, finish, issue_successor, parties, rotate
from operations.tenants.edits import add_credential, revoke_credential
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import NotFound
from shared.tenants.connection import Connection
from shared.tenants.record import HeldNumber
from shared.tenants.tenant import Role
from tests import fakes
from tests.fakes import ACCOUNT, DESK, NOW, OUR_NUMBER
from tests.numbers_fakes import BASES, ELSEWHERE, NUMBER_SID, agents_credential, number_at_twilio, ours

MEMBER, KEY = fakes.credential()
HELD = HeldNumber(OUR_NUMBER, "acme", DESK.id)
CONNECTION = Connection(OUR_NUMBER, NUMBER_SID, ACCOUNT, MEMBER.id, ELSEWHERE)
LATER = NOW + timedelta(hours=1)


def states(key: str = KEY, connection: Connection | None = CONNECTION) -> dict[str, NumberState]:
    """Our number with this key, connected like this."""
    return {OUR_NUMBER: NumberState(OUR_NUMBER, HELD, connection, number_at_twilio(ours(key)))}


def start(tenant: ManagedTenant) -> tuple[Rotation, ManagedTenant]:
    """A rotation of the credential, and the tenant with its successor."""
    plan = rotate(tenant, "twilio", states(), BASES, issue_successor(tenant, MEMBER, NOW))
    return plan, plan.edit(tenant)


@given(
    name=st.text("ab (new)2ß", min_size=1, max_size=64).filter(lambda name: name == name.strip()), n=st.integers(0, 3)
)
def test_a_successor_has_its_own_name_and_the_same_role_and_names_what_it_replaces(name: str, n: int) -> None:
    old, _ = fakes.credential(Role.MANAGER, name=name)
    tenant = fakes.managed_tenant(old)
    for _ in range(n):  # so that another credential has the name already
        tenant = add_credential(replace(issue_successor(tenant, old, NOW).credential, replaces=None))(tenant)
    new = issue_successor(tenant, old, NOW).credential
    assert (new.role, new.replaces, new.created) == (Role.MANAGER, old.id, "2026-11-23T12:00:00Z")
    assert add_credential(new)(tenant).credential(new.id) == new


def test_both_names_lead_to_the_same_rotation() -> None:
    plan, tenant = start(fakes.managed_tenant(MEMBER))
    new = plan.new.credential
    assert parties(tenant, "twilio") == parties(tenant, "twilio (new)") == (MEMBER, new)
    without_old = revoke_credential("twilio")(tenant)
    assert parties(without_old, "twilio (new)") == (new, None)
    with pytest.raises(NotFound):
        parties(without_old, "twilio")


def test_finishing_revokes_the_old_credential_and_gives_its_name_to_the_new_one() -> None:
    plan, tenant = start(fakes.managed_tenant(fakes.credential(name="first")[0], MEMBER))
    ended = finish(plan)(tenant)
    assert [(credential.name, credential.replaces) for credential in ended.credentials] == [
        ("first", None),
        ("twilio", None),
    ]
    assert ended.credentials[1] == replace(plan.new.credential, name="twilio", replaces=None)


def test_keeps_the_old_credential_when_somebody_revoked_the_successor() -> None:
    plan, tenant = start(fakes.managed_tenant(MEMBER))
    with pytest.raises(NotFound, match="somebody revoked credential 'twilio \\(new\\)'"):
        finish(plan)(revoke_credential("twilio (new)")(tenant))


def test_the_successor_of_an_agents_key_is_for_that_agents_numbers_too() -> None:
    own, _ = agents_credential()
    tenant = fakes.managed_tenant(own)
    new = issue_successor(tenant, own, NOW).credential
    assert (new.agent_id, new.replaces) == (DESK.id, own.id)
    plan = rotate(tenant, own.name, {}, BASES, issue_successor(tenant, own, NOW))
    assert plan.of_numbers_alone
    assert not start(fakes.managed_tenant(MEMBER))[0].of_numbers_alone


def test_a_number_gets_the_new_key_and_its_connection_names_it() -> None:
    plan, tenant = start(fakes.managed_tenant(MEMBER))
    number = plan.numbers[OUR_NUMBER]
    assert number.webhooks == ours(plan.new.text)
    assert number.connection == replace(CONNECTION, credential_id=plan.new.credential.id)
    assert [change.what for change in plan.changes] == ["credential 'twilio (new)'", "credential 'twilio'"]
    assert tenant.credentials == (MEMBER, plan.new.credential)


def test_a_number_with_neither_key_is_left_alone() -> None:
    other, other_key = fakes.credential(name="other")
    tenant = fakes.managed_tenant(MEMBER, other)
    connection = replace(CONNECTION, credential_id=other.id)
    candidate = issue_successor(tenant, MEMBER, NOW)
    assert rotate(tenant, "twilio", states(other_key, connection), BASES, candidate).numbers == {}


def test_needs_no_new_key_when_it_can_read_the_key_from_the_webhook() -> None:
    plan, tenant = start(fakes.managed_tenant(MEMBER))
    connection = plan.numbers[OUR_NUMBER].connection
    again = rotate(tenant, "twilio", states(plan.new.text, connection), BASES, issue_successor(tenant, MEMBER, LATER))
    assert again.is_settled
    assert again.new == replace(plan.new, is_new=False)
    assert [change.what for change in again.changes] == ["credential 'twilio'"]


def test_is_not_settled_while_a_connection_names_the_old_key() -> None:
    plan, tenant = start(fakes.managed_tenant(MEMBER))
    again = rotate(tenant, "twilio", states(plan.new.text), BASES, issue_successor(tenant, MEMBER, LATER))
    assert not again.is_settled
    assert again.numbers[OUR_NUMBER].changes == ()


def test_removes_a_successor_whose_key_is_in_no_webhook_when_the_next_one_is_added() -> None:
    plan, tenant = start(fakes.managed_tenant(MEMBER))
    interrupted = states(connection=plan.numbers[OUR_NUMBER].connection)
    again = rotate(tenant, "twilio", interrupted, BASES, issue_successor(tenant, MEMBER, LATER))
    assert again.new.is_new
    after = again.edit(tenant)
    assert after.credentials == (MEMBER, again.new.credential)
    assert after.credential(plan.new.credential.id) is None
    connection = again.numbers[OUR_NUMBER].connection
    assert connection
    assert connection.credential_id == again.new.credential.id


def test_cannot_read_back_a_key_that_only_a_program_has() -> None:
    plan = rotate(
        fakes.managed_tenant(MEMBER), "twilio", {}, BASES, issue_successor(fakes.managed_tenant(MEMBER), MEMBER, NOW)
    )
    tenant = plan.edit(fakes.managed_tenant(MEMBER))
    again = rotate(tenant, "twilio", {}, BASES, issue_successor(tenant, MEMBER, NOW))
    assert (again.is_settled, again.new.credential, again.new.text) == (True, plan.new.credential, "")
    assert not again.of_numbers_alone
