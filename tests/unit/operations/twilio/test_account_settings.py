"""Setting a Twilio account: what is planned, which secrets that needs, and when nothing is changed."""

import pytest

from operations.tenants import edits
from operations.twilio import account_settings
from shared.errors import CommandDeclined, Unavailable
from shared.tenants.account import Account
from tests import fakes
from tests.fakes import STRANGER, SUBACCOUNT
from tests.unit.cli.command import Command
from tests.unit.operations.operators import FakeProgress, operator

NEW_TOKEN = "0e70ce" + "d" * 26
NEW_SECRET = "newsecret" + "s" * 23
REST_KEY = "SK" + "5" * 32


def test_adds_an_account_that_was_planned() -> None:
    rig = Command.on(fakes.managed_tenant())
    run = operator(rig)
    planned = account_settings.plan(run, STRANGER, rest_key=REST_KEY)
    assert (planned.is_new, planned.needs_token) == (True, True)
    assert rig.store.written == 0
    account = account_settings.carry_out(run, run.editing(), planned, token=NEW_TOKEN, rest_secret=NEW_SECRET)
    assert account == rig.store.stored().account(STRANGER)
    assert account.auth_tokens == (NEW_TOKEN,)


@pytest.mark.parametrize(
    ("token", "rest_secret"),
    [
        (None, None),
        (NEW_TOKEN, None),
        (None, NEW_SECRET),
        (NEW_SECRET, NEW_SECRET),
        (NEW_TOKEN, NEW_TOKEN),
        (NEW_TOKEN, ""),
    ],
)
def test_changes_nothing_with_secrets_that_are_missing_or_mistaken(token: str | None, rest_secret: str | None) -> None:
    rig = Command.on(fakes.managed_tenant())
    run = operator(rig)
    planned = account_settings.plan(run, STRANGER, rest_key=REST_KEY)
    with pytest.raises(CommandDeclined) as refusal:
        account_settings.carry_out(run, run.editing(), planned, token=token, rest_secret=rest_secret)
    assert rig.store.written == 0
    assert NEW_TOKEN not in str(refusal.value)
    assert NEW_SECRET not in str(refusal.value)


def test_changes_nothing_with_a_secret_that_was_not_planned() -> None:
    rig = Command.on(fakes.managed_tenant())
    run = operator(rig)
    planned = account_settings.plan(run, SUBACCOUNT, rest_key=REST_KEY)
    with pytest.raises(CommandDeclined):
        account_settings.carry_out(run, run.editing(), planned, token=NEW_TOKEN, rest_secret=NEW_SECRET)
    assert rig.store.written == 0


def test_does_not_add_an_account_that_somebody_added_after_the_plan() -> None:
    rig = Command.on(fakes.managed_tenant())
    run = operator(rig)
    planned = account_settings.plan(run, STRANGER)
    run.change(edits.add_account(Account(STRANGER, "twilio", ("1" * 32,))))
    before = rig.store.stored()
    with pytest.raises(CommandDeclined):
        account_settings.carry_out(run, run.editing(), planned, token=NEW_TOKEN)
    assert rig.store.stored() == before


def test_does_not_set_a_rest_key_that_twilio_does_not_accept() -> None:
    rig = Command.on(fakes.managed_tenant())
    rig.accounts.unknown = {NEW_SECRET}
    run = operator(rig)
    planned = account_settings.plan(run, SUBACCOUNT, rest_key=REST_KEY)
    with pytest.raises(CommandDeclined, match="Twilio does not accept"):
        account_settings.carry_out(run, run.editing(), planned, rest_secret=NEW_SECRET)
    assert rig.store.written == 0


def test_sets_a_rest_key_with_a_warning_when_twilio_cannot_be_asked() -> None:
    rig = Command.on(fakes.managed_tenant())
    rig.accounts.failing = Unavailable("Twilio does not answer")
    run = operator(rig)
    planned = account_settings.plan(run, SUBACCOUNT, rest_key=REST_KEY)
    assert account_settings.carry_out(run, run.editing(), planned, rest_secret=NEW_SECRET).rest_key
    assert isinstance(run.progress, FakeProgress)
    assert "Twilio does not answer" in run.progress.warnings[0]


@pytest.mark.parametrize(("sid", "rest_key"), [("AC1", None), (SUBACCOUNT, "AC" + "5" * 32), (SUBACCOUNT, None)])
def test_plans_nothing_for_what_is_no_sid_or_changes_nothing(sid: str, rest_key: str | None) -> None:
    with pytest.raises(CommandDeclined):
        account_settings.plan(operator(Command.on(fakes.managed_tenant())), sid, rest_key=rest_key)
