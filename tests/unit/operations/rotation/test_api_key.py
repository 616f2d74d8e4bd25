"""What an exchange of a credential comes to: names, who is exchanged, and what others do meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.numbers import connect
from operations.numbers.drift import Key
from operations.rotation.api_key import Rotation, finish, parties, rotate, spare
from operations.tenants.edits import add_credential, revoke_credential
from shared.errors import Conflict, NotFound
from shared.tenants.tenant import Role, Tenant
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER
from tests.numbers_fakes import BASES, number_at_twilio, ours

MEMBER, KEY = fakes.credential()
THERE = {OUR_NUMBER: number_at_twilio(ours(KEY))}


def begun(tenant: Tenant) -> tuple[Rotation, Tenant]:
    """A rotation of the first credential, and the tenant with its successor and the number's connection."""
    plan = rotate(tenant, "twilio", THERE, BASES, spare(tenant, MEMBER, NOW))
    return plan, plan.edit(tenant)


@given(
    name=st.text("ab (new)2ß", min_size=1, max_size=64).filter(lambda name: name == name.strip()), n=st.integers(0, 3)
)
def test_a_successor_has_a_name_of_its_own_the_same_role_and_says_whom_it_replaces(name: str, n: int) -> None:
    old, _ = fakes.credential(Role.MANAGER, name=name)
    tenant = fakes.tenant(old)
    for _ in range(n):  # that another one has the name already
        tenant = add_credential(replace(spare(tenant, old, NOW).credential, replaces=None))(tenant)
    new = spare(tenant, old, NOW).credential
    assert (new.role, new.replaces, new.created) == (Role.MANAGER, old.id, "2026-11-23T12:00:00+00:00")
    assert add_credential(new)(tenant).credential(new.id) == new


def test_both_names_lead_to_the_same_exchange() -> None:
    plan, tenant = begun(fakes.tenant(MEMBER))
    new = plan.new.credential
    assert parties(tenant, "twilio") == parties(tenant, "twilio (new)") == (MEMBER, new)
    without_old = revoke_credential("twilio")(tenant)
    assert parties(without_old, "twilio (new)") == (new, None)
    with pytest.raises(NotFound):
        parties(without_old, "twilio")


def test_the_end_revokes_the_old_one_and_gives_its_name_to_the_new_one() -> None:
    plan, tenant = begun(fakes.tenant(fakes.credential(name="first")[0], MEMBER))
    ended = finish(plan)(tenant)
    assert [(one.name, one.replaces) for one in ended.credentials] == [("first", None), ("twilio", None)]
    assert ended.credentials[1] == replace(plan.new.credential, name="twilio", replaces=None)


def test_a_successor_that_somebody_revoked_does_not_take_the_old_one_along() -> None:
    plan, tenant = begun(fakes.tenant(MEMBER))
    with pytest.raises(NotFound, match="somebody revoked credential 'twilio \\(new\\)'"):
        finish(plan)(revoke_credential("twilio (new)")(tenant))


def test_an_old_one_that_a_number_was_connected_with_again_stays() -> None:
    plan, tenant = begun(fakes.tenant(MEMBER))
    old = Key(MEMBER, KEY)
    again = connect.connect(tenant, THERE[OUR_NUMBER], "desk", BASES, old, take_over=False).edit(tenant)
    with pytest.raises(Conflict, match="connected a number with credential 'twilio' again"):
        finish(plan)(again)


def test_a_key_that_is_read_back_from_the_webhook_needs_no_new_one() -> None:
    plan, tenant = begun(fakes.tenant(MEMBER))
    there = {OUR_NUMBER: number_at_twilio(ours(plan.new.text))}
    again = rotate(tenant, "twilio", there, BASES, spare(tenant, MEMBER, NOW + timedelta(hours=1)))
    assert again.is_settled
    assert again.new == replace(plan.new, is_new=False)
    assert [change.what for change in again.changes] == ["credential 'twilio'"]


def test_a_key_that_stands_nowhere_is_taken_away_with_the_next_one() -> None:
    plan, tenant = begun(fakes.tenant(MEMBER))
    again = rotate(tenant, "twilio", THERE, BASES, spare(tenant, MEMBER, NOW + timedelta(hours=1)))
    assert again.new.is_new
    after = again.edit(tenant)
    assert after.credentials == (MEMBER, again.new.credential)
    assert after.credential(plan.new.credential.id) is None
    connection = after.connection(OUR_NUMBER)
    assert connection
    assert connection.credential_id == again.new.credential.id


def test_a_program_has_a_key_that_nobody_can_read_back() -> None:
    plan = rotate(fakes.tenant(MEMBER), "twilio", {}, BASES, spare(fakes.tenant(MEMBER), MEMBER, NOW))
    tenant = plan.edit(fakes.tenant(MEMBER))
    again = rotate(tenant, "twilio", {}, BASES, spare(tenant, MEMBER, NOW))
    assert (again.is_settled, again.new.credential, again.new.text) == (True, plan.new.credential, "")
    assert not again.of_numbers_alone
