"""Rotating a credential as two steps: a plan, and carrying it out if it still holds."""

import pytest

from operations.rotation import credential_rotation
from operations.tenants import edits
from shared.errors import CommandDeclined, Conflict, NotFound
from shared.tenants import api_keys
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.numbers_fakes import ELSEWHERE, number_at_twilio
from tests.unit.cli.command import Command
from tests.unit.cli.rotation import KEY, MEMBER, OWN, connected
from tests.unit.operations.operators import operator


def test_a_plan_changes_nothing_and_shows_no_key() -> None:
    rig = Command.on(fakes.managed_tenant(MEMBER))
    planned = credential_rotation.plan(operator(rig), MEMBER.name)
    assert planned.rotation.changes
    assert (rig.store.written, rig.audit.kept) == (0, [])
    assert planned.candidate.text not in repr(planned)


def test_a_new_key_for_programs_is_handed_out_and_in_no_repr() -> None:
    rig = Command.on(fakes.managed_tenant(MEMBER))
    run = operator(rig)
    rotated = credential_rotation.carry_out(run, run.editing(), credential_rotation.plan(run, MEMBER.name))
    assert rotated.key
    stored = rig.store.stored()
    assert api_keys.texting_credential(stored, rotated.key) == stored.credential(rotated.new.id)
    assert api_keys.texting_credential(stored, KEY) == MEMBER == rotated.old
    assert rotated.key not in repr(rotated)


def test_does_not_rotate_a_credential_that_was_revoked_after_the_plan() -> None:
    rig = Command.on(fakes.managed_tenant(MEMBER))
    run = operator(rig)
    planned = credential_rotation.plan(run, MEMBER.name)
    run.change(edits.revoke_credential(MEMBER.name))
    with pytest.raises(NotFound):
        credential_rotation.carry_out(run, run.editing(), planned)
    assert rig.store.stored().credentials == ()


def test_of_two_who_planned_the_same_rotation_only_one_carries_it_out() -> None:
    rig = Command.on(fakes.managed_tenant(MEMBER))
    run = operator(rig)
    first, second = (credential_rotation.plan(run, MEMBER.name) for _ in range(2))
    credential_rotation.carry_out(run, run.editing(), first)
    before = rig.store.stored()
    with pytest.raises(Conflict):
        credential_rotation.carry_out(run, run.editing(), second)
    assert rig.store.stored() == before


def test_does_not_rotate_the_key_of_a_number_whose_webhook_changed_after_the_plan() -> None:
    rig = connected()
    run = operator(rig)
    planned = credential_rotation.plan(run, OWN)
    rig.numbers.numbers[OUR_NUMBER] = number_at_twilio(ELSEWHERE)
    rig.numbers.changed.clear()
    before = rig.store.stored()
    with pytest.raises(CommandDeclined, match="somebody changed number …0199 since it was connected"):
        credential_rotation.carry_out(run, run.editing(), planned)
    assert rig.numbers.changed == []
    assert rig.store.stored() == before
