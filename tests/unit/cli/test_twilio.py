import pytest

from shared.errors import Unavailable
from tests import fakes
from tests.fakes import ACCOUNT, REST_SECRET, SECOND_TOKEN, STRANGER, SUBACCOUNT, SUBACCOUNT_TOKEN, TOKEN
from tests.unit.cli.command import Command

NEW_TOKEN = "0e70ce" + "d" * 26
NEW_SECRET = "newsecret" + "s" * 23
REST_KEY = "SK" + "5" * 32
SET = ("twilio", "set-account")


def tokens(command: Command, sid: str) -> tuple[str, ...]:
    account = command.store.stored().account(sid)
    assert account
    return account.auth_tokens


@pytest.mark.parametrize("terminal", [False, True], ids=["stdin", "prompt"])
def test_sets_an_account_with_the_token_and_the_rest_key_in_this_order(terminal: bool) -> None:  # noqa: FBT001
    command = Command.on(fakes.managed_tenant(accounts=()))
    command.terminal = terminal
    result = command.run(*SET, STRANGER, "--rest-key", REST_KEY, typed=f"{NEW_TOKEN}\n{NEW_SECRET}\n")
    assert result.exit_code == 0, result.stderr
    account = command.store.stored().accounts[0]
    assert (account.sid, account.provider, account.auth_tokens) == (STRANGER, "twilio", (NEW_TOKEN,))
    assert account.rest_key
    assert (account.rest_key.sid, account.rest_key.secret) == (REST_KEY, NEW_SECRET)
    assert NEW_TOKEN not in result.output
    assert NEW_SECRET not in result.output


def test_adds_a_second_token_and_drops_the_first() -> None:
    command = Command.on(fakes.managed_tenant())
    assert command.json(*SET, SUBACCOUNT, "--add-token", typed=f" {NEW_TOKEN} \r\n")["tokens"] == 2
    command.json(*SET, SUBACCOUNT, "--drop-token", SUBACCOUNT_TOKEN[-4:])
    assert tokens(command, SUBACCOUNT) == (NEW_TOKEN,)


def test_sets_a_rest_key_and_asks_for_no_token() -> None:
    command = Command.on(fakes.managed_tenant())
    command.json(*SET, SUBACCOUNT, "--rest-key", REST_KEY, typed=f"{NEW_SECRET}\n")
    account = command.store.stored().account(SUBACCOUNT)
    assert account
    assert account.rest_key
    assert (account.rest_key.secret, account.auth_tokens) == (NEW_SECRET, (SUBACCOUNT_TOKEN,))


def test_shows_accounts_without_their_secrets() -> None:
    result = Command.on(fakes.managed_tenant()).run("twilio", "show-accounts")
    assert ACCOUNT in result.stdout
    assert "aaaa, bbbb" in result.stdout
    assert not [secret for secret in (TOKEN, SECOND_TOKEN, REST_SECRET) if secret[-5:] in result.output]


def test_shows_accounts_as_json() -> None:
    assert Command.on(fakes.managed_tenant()).json("twilio", "show-accounts") == [
        {
            "sid": ACCOUNT,
            "tokens": 2,
            "tokens_last_four": ["aaaa", "bbbb"],
            "rest_key": "SK" + "4" * 32,
            "region": None,
        },
        {"sid": SUBACCOUNT, "tokens": 1, "tokens_last_four": ["cccc"], "rest_key": None, "region": None},
    ]


def test_takes_no_secret_as_an_argument() -> None:
    for args in ([TOKEN], ["--add-token", TOKEN], ["--add-token=" + TOKEN], ["--rest-key", REST_KEY, REST_SECRET]):
        assert Command.on(fakes.managed_tenant()).run(*SET, ACCOUNT, *args).exit_code == 2


@pytest.mark.parametrize("typed", ["", "\n", "   \n"])
@pytest.mark.parametrize(
    "args", [[STRANGER], [ACCOUNT, "--add-token"], [ACCOUNT, "--rest-key", REST_KEY]], ids=["set", "add", "rest"]
)
def test_changes_nothing_when_a_secret_is_missing(args: list[str], typed: str) -> None:
    command = Command.on(fakes.managed_tenant())
    assert "is expected on standard input" in command.declined(*SET, *args, typed=typed)
    assert command.store.stored() == fakes.managed_tenant()


def test_changes_nothing_when_only_the_second_secret_is_missing() -> None:
    command = Command.on(fakes.managed_tenant())
    assert "REST key's secret" in command.declined(*SET, STRANGER, "--rest-key", REST_KEY, typed=f"{NEW_TOKEN}\n")
    assert command.store.stored() == fakes.managed_tenant()


@pytest.mark.parametrize(
    "sid", ["", "AC", "AC12", "SK" + "1" * 32, "AC" + "g" * 32, "ac" + "1" * 32, ACCOUNT + "1", ACCOUNT + "\n", TOKEN]
)
def test_refuses_what_is_no_account_sid_without_repeating_it(sid: str) -> None:
    refusal = Command.on(fakes.managed_tenant()).declined(*SET, sid, typed=f"{NEW_TOKEN}\n")
    assert refusal == "a Twilio account's SID is AC and 32 hexadecimal digits; copy it from Twilio's console"


@pytest.mark.parametrize("sid", ["", "SK1", ACCOUNT, REST_SECRET])
def test_refuses_what_is_no_sid_of_a_rest_key(sid: str) -> None:
    refusal = Command.on(fakes.managed_tenant()).declined(*SET, ACCOUNT, "--rest-key", sid, typed=f"{NEW_SECRET}\n")
    assert refusal.startswith("a REST key's SID is SK and 32 hexadecimal digits")


def test_does_not_replace_the_token_of_an_account_that_is_set() -> None:
    command = Command.on(fakes.managed_tenant())
    refusal = command.declined(*SET, ACCOUNT, typed=f"{NEW_TOKEN}\n")
    assert "--add-token, --drop-token, --rest-key or --region" in refusal
    assert tokens(command, ACCOUNT) == (TOKEN, SECOND_TOKEN)


def test_sets_the_region_of_a_new_account_and_of_one_that_is_set() -> None:
    command = Command.on(fakes.managed_tenant())
    command.accounts.region = "ie1"
    assert command.json(*SET, STRANGER, "--region", "ie1", typed=f"{NEW_TOKEN}\n")["region"] == "ie1"
    assert command.json(*SET, SUBACCOUNT, "--region", "ie1", "--add-token", typed=f"{NEW_TOKEN}\n")["region"] == "ie1"
    entry = command.audit.kept[-1]
    assert (entry["what"], entry["fields"]) == ("twilio.update_account", ["auth_token_added", "region"])
    command.accounts.region = ""
    assert command.json(*SET, SUBACCOUNT, "--region", "us1")["region"] is None


def test_changes_nothing_when_twilio_accepts_none_of_the_secrets_in_the_region() -> None:
    command = Command.on(fakes.managed_tenant())
    for args, option in ((SUBACCOUNT, "--add-token"), (ACCOUNT, "--rest-key")):
        refusal = command.declined(*SET, args, "--region", "ie1")
        assert "region ie1 has auth tokens and REST keys of its own" in refusal
        assert option in refusal
    assert command.store.stored() == fakes.managed_tenant()


@pytest.mark.parametrize("region", ["", "ie", "IE1", "eu-west-1", "ie1\n", "xx9"])
def test_refuses_a_region_that_twilio_does_not_have(region: str) -> None:
    command = Command.on(fakes.managed_tenant())
    assert "us1, ie1, au1" in command.declined(*SET, SUBACCOUNT, "--region", region)
    assert command.store.stored() == fakes.managed_tenant()


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ([SUBACCOUNT, "--drop-token", SUBACCOUNT_TOKEN[-4:]], "the only auth token"),
        ([SUBACCOUNT, "--drop-token", "zzzz"], "no auth token that ends like this"),
        ([SUBACCOUNT, "--drop-token", ""], "no auth token that ends like this"),
        ([ACCOUNT, "--drop-token", TOKEN], "no auth token that ends like this"),
        ([STRANGER, "--drop-token", TOKEN[-4:]], "has no account"),
        ([ACCOUNT, "--add-token"], "has this auth token already"),
    ],
)
def test_refuses_a_change_of_tokens_that_makes_no_sense(args: list[str], why: str) -> None:
    command = Command.on(fakes.managed_tenant())
    refusal = command.declined(*SET, *args, typed=f"{TOKEN}\n")
    assert why in refusal
    assert TOKEN not in refusal
    assert command.store.stored() == fakes.managed_tenant()


@pytest.mark.parametrize("args", [[STRANGER], [ACCOUNT, "--add-token"]], ids=["set", "add"])
def test_stores_no_token_that_twilio_does_not_accept(args: list[str]) -> None:
    command = Command.on(fakes.managed_tenant())
    command.accounts.unknown = {NEW_TOKEN}
    refusal = command.declined(*SET, *args, typed=f"{NEW_TOKEN}\n")
    assert refusal == f"Twilio does not accept this auth token for account {args[0]}, so nothing was changed"
    assert command.store.stored() == fakes.managed_tenant()


@pytest.mark.parametrize("token", ["abcde", TOKEN.upper(), TOKEN + "0", "g" * 32])
def test_asks_twilio_about_nothing_that_is_no_token(token: str) -> None:
    command = Command.on(fakes.managed_tenant())
    command.accounts.failing = Unavailable("nobody may ask")
    refusal = command.declined(*SET, STRANGER, typed=f"{token}\n")
    assert refusal == "an auth token is 32 hexadecimal digits; copy it from Twilio's console"


def test_stores_a_token_when_twilio_cannot_be_asked_and_says_so() -> None:
    command = Command.on(fakes.managed_tenant())
    command.accounts.failing = Unavailable("Twilio does not answer")
    result = command.run(*SET, STRANGER, typed=f"{NEW_TOKEN}\n")
    assert result.exit_code == 0
    assert "The auth token is not tried out, because: Twilio does not answer." in result.stderr
    assert tokens(command, STRANGER) == (NEW_TOKEN,)
