"""Rotating an auth token as two steps: a plan, and carrying it out if it still holds."""

from datetime import timedelta

import pytest

from operations.rotation import token_rotation
from operations.tenants import edits
from shared.errors import CommandDeclined, Conflict, InvalidValue
from shared.tenants.account import Account
from tests import fakes
from tests.fakes import ACCOUNT, SECOND_TOKEN, TOKEN
from tests.unit.cli.command import Command
from tests.unit.operations.operators import operator

PAUSE = timedelta(minutes=2)


def command() -> Command:
    rig = Command.on(fakes.managed_tenant(accounts=(Account(ACCOUNT, "twilio", (TOKEN,)),)))
    rig.outside.key_is_good = lambda _: True
    return rig


def test_a_plan_changes_nothing_and_shows_no_token() -> None:
    rig = command()
    planned = token_rotation.plan(operator(rig), ACCOUNT, pause=PAUSE)
    assert [change.what for change in planned.changes] == [
        "secondary auth token",
        "primary auth token",
        f"auth token …{TOKEN[-4:]}",
    ]
    assert TOKEN not in repr((planned, planned.changes))
    assert (rig.store.written, rig.accounts.primary, rig.audit.kept) == (0, TOKEN, [])


def test_carries_out_what_was_planned() -> None:
    rig = command()
    run = operator(rig)
    account = token_rotation.carry_out(run, run.editing(), token_rotation.plan(run, ACCOUNT, pause=PAUSE))
    assert account.auth_tokens == (rig.accounts.primary,) != (TOKEN,)


def test_does_not_rotate_when_a_token_was_added_after_the_plan() -> None:
    rig = command()
    run = operator(rig)
    planned = token_rotation.plan(run, ACCOUNT, pause=PAUSE)
    run.change(edits.update_account(ACCOUNT, add_token=SECOND_TOKEN))
    before = rig.store.stored()
    with pytest.raises(Conflict):
        token_rotation.carry_out(run, run.editing(), planned)
    assert (rig.store.stored(), rig.accounts.primary) == (before, TOKEN)


def test_plans_nothing_for_an_account_that_another_tenant_has_too() -> None:
    accounts = (Account(ACCOUNT, "twilio", (TOKEN,)),)
    rig = Command.on(
        fakes.managed_tenant(accounts=accounts), fakes.managed_tenant(id="other", accounts=accounts, agents=())
    )
    with pytest.raises(CommandDeclined, match="tenant 'other' has account"):
        token_rotation.plan(operator(rig), ACCOUNT, pause=PAUSE)


def test_plans_nothing_for_what_is_no_account() -> None:
    with pytest.raises(InvalidValue):
        token_rotation.plan(operator(command()), "AC1", pause=PAUSE)
