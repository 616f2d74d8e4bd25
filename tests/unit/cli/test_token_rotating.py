"""`sms twilio rotate-token`: what Twilio signs with is stored at every moment, and a crash anywhere is made good."""

import json
from datetime import timedelta

import pytest

from operations.stage.deployed_stack import LogLine
from shared.errors import InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from shared.reasons import Reason
from shared.tenants.account import Account
from tests import fakes
from tests.fakes import ACCOUNT, NOW, SECOND_TOKEN, SUBACCOUNT, SUBACCOUNT_TOKEN, TOKEN, Crash
from tests.unit.cli.command import Command
from tests.unit.cli.crashes import Fuse, fused
from tests.unit.cli.doctor_fakes import copy

ROTATE = ("twilio", "rotate-token", ACCOUNT)
YES = (*ROTATE, "--yes")
WRITES = 6  # Twilio, the document, the probe's key twice, Twilio, the document


def command(*tokens: str) -> Command:
    """An account with these tokens and no REST key, so that texts are sent with the tokens as well."""
    accounts = (Account(ACCOUNT, "twilio", tokens or (TOKEN,)), Account(SUBACCOUNT, "twilio", (SUBACCOUNT_TOKEN,)))
    made = Command.on(fakes.managed_tenant(accounts=accounts))
    made.outside.key_is_good = lambda _: True
    return made


def stored(run: Command) -> tuple[str, ...]:
    account = run.store.stored().account(ACCOUNT)
    assert account
    return account.auth_tokens


def watched(run: Command) -> Fuse:
    """Looks after every write whether a text would be refused now, or a reply not sent."""
    fuse = fused(run)

    def look() -> None:
        assert run.accounts.primary in stored(run), "Twilio signs with a token that is not stored"
        assert set(stored(run)) - run.accounts.unknown, "no stored token opens the account"

    fuse.look = look
    return fuse


def test_the_token_is_exchanged_and_neither_is_shown() -> None:
    run = command()
    fuse, slept = watched(run), list[float]()
    run.sleep = slept.append
    result = run.run(*YES)
    assert result.exit_code == 0, result.stderr
    assert stored(run) == (run.accounts.primary,)
    assert run.accounts.primary not in {TOKEN, SECOND_TOKEN}
    assert fuse.written == WRITES
    assert 240 < sum(slept) < 250
    for token in (TOKEN, run.accounts.primary):
        assert token not in result.output
    assert run.accounts.primary[-4:] in result.stdout
    for word in ("Stage east accepts both", "Stage south accepts both", "Promoted at Twilio", "Waiting 2m"):
        assert word in result.stderr
    assert run.store.stored().credentials == ()
    subaccount = run.store.stored().account(SUBACCOUNT)
    assert subaccount
    assert subaccount.auth_tokens == (SUBACCOUNT_TOKEN,)


@pytest.mark.parametrize("after", range(1, WRITES))
def test_a_crash_after_any_write_is_made_good_by_the_same_command(after: int) -> None:
    run = command()
    fuse = watched(run)
    fuse.after = after
    with pytest.raises(Crash):
        run.run(*YES)
    fuse.after = None
    assert run.json(*YES)["rotated"]
    assert stored(run) == (run.accounts.primary,)
    assert run.accounts.primary != TOKEN
    assert run.tokens.secondary is None
    assert run.tokens.made == (2 if after == 1 else 1), "a token that was not stored is made anew, and no other"


@pytest.mark.parametrize("what", ["create", "promote"])
@pytest.mark.parametrize(
    "failing",
    [
        InDoubt("Twilio did not answer"),
        Unavailable("Twilio cannot be reached"),
        UpstreamRefused(Reason.PROVIDER_REFUSED, "answered 403"),
    ],
)
def test_what_twilio_does_not_do_is_said_and_done_the_next_time(what: str, failing: SmsReceiverError) -> None:
    run = command()
    watched(run)
    run.tokens.failing = {what: failing} | ({"delete": failing} if what == "create" else {})
    result = run.run(*YES)
    assert result.exit_code == 1
    assert str(failing) in result.stderr
    assert "run the same command again" in result.stderr
    assert TOKEN in stored(run)
    run.tokens.failing = {}
    run.json(*YES)
    assert stored(run) == (run.accounts.primary,)


def test_a_token_that_an_operator_added_is_promoted() -> None:
    run = command(TOKEN, SECOND_TOKEN)
    run.tokens.secondary = SECOND_TOKEN
    run.json(*YES)
    assert stored(run) == (SECOND_TOKEN,) == (run.accounts.primary,)


def test_the_other_order_drops_the_right_one_all_the_same() -> None:
    run = command(SECOND_TOKEN, TOKEN)
    run.tokens.secondary = SECOND_TOKEN
    watched(run).look()
    run.tokens.secondary = SECOND_TOKEN
    run.json(*YES)
    assert stored(run) == (SECOND_TOKEN,) == (run.accounts.primary,)


def test_a_token_that_twilio_forgot_is_dropped_and_the_only_one_left_stays() -> None:
    run = command(SECOND_TOKEN, TOKEN)
    run.accounts.unknown.add(SECOND_TOKEN)
    run.json(*YES)
    assert stored(run) == (TOKEN,)
    assert run.tokens.made == 0


def test_a_secondary_token_that_somebody_deleted_is_made_anew() -> None:
    run = command(TOKEN, SECOND_TOKEN)
    run.accounts.unknown.add(SECOND_TOKEN)
    run.json(*YES)
    assert stored(run) == (run.accounts.primary,)
    assert run.tokens.made == 1


def test_nothing_is_promoted_before_the_new_token_is_everywhere() -> None:
    run = command()
    run.inspected.stored["us-east-2"] = copy(accounts=None)
    result = run.run(*YES)
    assert result.exit_code == 1
    assert "not the same in us-east-1 and us-east-2 yet" in result.stderr
    assert run.accounts.primary == TOKEN


@pytest.mark.parametrize("line", [{"message": "Refused", "reason": "invalid_signature"}, {"message": "Accepted"}])
def test_the_old_token_stays_while_signatures_do_not_hold(line: dict[str, str]) -> None:
    run = command()
    told = {"tenant": "acme", "would_refuse": "invalid_signature", **line}
    run.far_logs["receiver"] = [LogLine("1", "receiver", NOW, json.dumps(told))]
    result = run.run(*YES)
    assert result.exit_code == 1
    assert "1 requests were refused meanwhile because of their signature" in result.stderr
    assert f"./sms --tenant acme twilio set-account {ACCOUNT} --drop-token {TOKEN[-4:]}" in result.stderr
    assert stored(run) == (TOKEN, run.accounts.primary)
    run.far_logs["receiver"] = [LogLine("1", "receiver", NOW - timedelta(seconds=1), json.dumps(told))]
    run.json(*YES)
    assert stored(run) == (run.accounts.primary,)


def test_somebody_who_promotes_it_meanwhile_is_noticed() -> None:
    run = command()

    def meddle(seconds: float) -> None:
        if seconds == 2 and run.tokens.secondary:
            run.tokens.promote(ACCOUNT, TOKEN)

    run.sleep = meddle
    result = run.run(*YES)
    assert result.exit_code == 1
    assert "somebody changed the tokens meanwhile" in result.stderr
    run.sleep = lambda _: None
    run.json(*YES)
    assert stored(run) == (run.accounts.primary,)


def test_an_account_that_another_tenant_has_too_is_left_alone() -> None:
    account = Account(ACCOUNT, "twilio", (TOKEN,))
    run = Command.on(fakes.managed_tenant(accounts=(account,)), fakes.managed_tenant(id="zeta", accounts=(account,)))
    refused = run.declined(*YES, "--tenant", "acme")
    assert f"tenant 'zeta' has account {ACCOUNT}, too" in refused
    assert "--add-token" in refused
    assert run.tokens.made == 0


def test_says_which_deleted_tenant_has_the_account_too_and_goes_on() -> None:
    account = Account(ACCOUNT, "twilio", (TOKEN,))
    run = command()
    run.store.create(fakes.managed_tenant(id="zeta", accounts=(account,)))
    run.run("tenant", "delete", "zeta", "--yes")
    result = run.run(*YES, "--tenant", "acme")
    assert result.exit_code == 0, result.output
    assert f"Tenant 'zeta', which was deleted, has account {ACCOUNT}, too." in result.stderr
    assert f"./sms --tenant zeta twilio set-account {ACCOUNT} --add-token" in result.stderr


def test_declines_before_anything_is_changed() -> None:
    run = command()
    assert "AC and 32 hexadecimal digits" in run.declined("twilio", "rotate-token", "SK1", "--yes")
    assert "has no account" in run.declined("twilio", "rotate-token", "AC" + "9" * 32, "--yes")
    assert "a number and a unit" in run.declined(*YES, "--quiet", "soon")
    run.accounts.unknown.add(TOKEN)
    assert "accepts none of the auth tokens" in run.declined(*YES)
    assert (run.tokens.made, run.store.written) == (0, 0)


def test_without_yes_and_a_terminal_it_shows_the_plan_and_changes_nothing() -> None:
    run = command()
    result = run.run(*ROTATE)
    assert result.exit_code == 1
    assert "needs --yes" in result.stderr
    for word in ("secondary auth token", f"…{TOKEN[-4:]}", "dropped"):
        assert word in result.stderr
    assert (run.tokens.made, stored(run)) == (0, (TOKEN,))
