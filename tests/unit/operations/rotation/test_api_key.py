"""The rotation of a credential: its names, which credential is replaced, and what others change meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.numbers import connect
from operations.numbers.drift import Key
from operations.rotation.api_key import Rotation, finish, issue_successor, parties, rotate
from operations.tenants.edits import add_credential, revoke_credential
from shared.errors import Conflict, NotFound
from shared.tenants.tenant import Role, Tenant
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER
from tests.numbers_fakes import BASES, number_at_twilio, ours

MEMBER, KEY = fakes.credential()
PROVIDER_NUMBERS = {OUR_NUMBER: number_at_twilio(ours(KEY))}


def start(tenant: Tenant) -> tuple[Rotation, Tenant]:
    """A rotation of the first credential, and the tenant with its successor and the number's connection."""
    plan = rotate(tenant, "twilio", PROVIDER_NUMBERS, BASES, issue_successor(tenant, MEMBER, NOW))
    return plan, plan.edit(tenant)


@given(
    name=st.text("ab (new)2ß", min_size=1, max_size=64).filter(lambda name: name == name.strip()), n=st.integers(0, 3)
)
def test_a_successor_has_its_own_name_and_the_same_role_and_names_what_it_replaces(name: str, n: int) -> None:
    old, _ = fakes.credential(Role.MANAGER, name=name)
    tenant = fakes.tenant(old)
    for _ in range(n):  # so that another credential has the name already
        tenant = add_credential(replace(issue_successor(tenant, old, NOW).credential, replaces=None))(tenant)
    new = issue_successor(tenant, old, NOW).credential
    assert (new.role, new.replaces, new.created) == (Role.MANAGER, old.id, "2026-11-23T12:00:00+00:00")
    assert add_credential(new)(tenant).credential(new.id) == new


def test_both_names_lead_to_the_same_rotation() -> None:
    plan, tenant = start(fakes.tenant(MEMBER))
    new = plan.new.credential
    assert parties(tenant, "twilio") == parties(tenant, "twilio (new)") == (MEMBER, new)
    without_old = revoke_credential("twilio")(tenant)
    assert parties(without_old, "twilio (new)") == (new, None)
    with pytest.raises(NotFound):
        parties(without_old, "twilio")


def test_finishing_revokes_the_old_credential_and_gives_its_name_to_the_new_one() -> None:
    plan, tenant = start(fakes.tenant(fakes.credential(name="first")[0], MEMBER))
    ended = finish(plan)(tenant)
    assert [(credential.name, credential.replaces) for credential in ended.credentials] == [
        ("first", None),
        ("twilio", None),
    ]
    assert ended.credentials[1] == replace(plan.new.credential, name="twilio", replaces=None)


def test_keeps_the_old_credential_when_somebody_revoked_the_successor() -> None:
    plan, tenant = start(fakes.tenant(MEMBER))
    with pytest.raises(NotFound, match="somebody revoked credential 'twilio \\(new\\)'"):
        finish(plan)(revoke_credential("twilio (new)")(tenant))


def test_keeps_the_old_credential_when_a_number_was_connected_with_it_again() -> None:
    plan, tenant = start(fakes.tenant(MEMBER))
    old = Key(MEMBER, KEY)
    again = connect.connect(tenant, PROVIDER_NUMBERS[OUR_NUMBER], "desk", BASES, old, take_over=False).edit(tenant)
    with pytest.raises(Conflict, match="connected a number with credential 'twilio' again"):
        finish(plan)(again)


def test_needs_no_new_key_when_it_can_read_the_key_from_the_webhook() -> None:
    plan, tenant = start(fakes.tenant(MEMBER))
    provider_numbers = {OUR_NUMBER: number_at_twilio(ours(plan.new.text))}
    again = rotate(tenant, "twilio", provider_numbers, BASES, issue_successor(tenant, MEMBER, NOW + timedelta(hours=1)))
    assert again.is_settled
    assert again.new == replace(plan.new, is_new=False)
    assert [change.what for change in again.changes] == ["credential 'twilio'"]


def test_removes_a_successor_whose_key_is_in_no_webhook_when_the_next_one_is_added() -> None:
    plan, tenant = start(fakes.tenant(MEMBER))
    again = rotate(tenant, "twilio", PROVIDER_NUMBERS, BASES, issue_successor(tenant, MEMBER, NOW + timedelta(hours=1)))
    assert again.new.is_new
    after = again.edit(tenant)
    assert after.credentials == (MEMBER, again.new.credential)
    assert after.credential(plan.new.credential.id) is None
    connection = after.connection(OUR_NUMBER)
    assert connection
    assert connection.credential_id == again.new.credential.id


def test_cannot_read_back_a_key_that_only_a_program_has() -> None:
    plan = rotate(fakes.tenant(MEMBER), "twilio", {}, BASES, issue_successor(fakes.tenant(MEMBER), MEMBER, NOW))
    tenant = plan.edit(fakes.tenant(MEMBER))
    again = rotate(tenant, "twilio", {}, BASES, issue_successor(tenant, MEMBER, NOW))
    assert (again.is_settled, again.new.credential, again.new.text) == (True, plan.new.credential, "")
    assert not again.of_numbers_alone
