"""Secrets from standard input: exactly what a command's help says, in its order, and nothing besides."""

import io
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.secret_lines import SecretLine, piped
from operations.twilio.account_settings import check_auth_token, check_rest_secret
from shared.errors import CommandDeclined, InvalidValue, Unavailable, UpstreamRefused
from shared.reasons import Reason
from shared.tenants.account import RestKey
from tests import fakes
from tests.fakes import ACCOUNT, OUR_NUMBER, STRANGER, SUBACCOUNT, SUBACCOUNT_TOKEN, TOKEN
from tests.unit.cli.command import Command

TENANT_TOKEN = "0e70ce" + "d" * 26
SECRET = "newSecret" + "s" * 23
REST_KEY = "SK" + "5" * 32
MEMBER, KEY = fakes.credential()
SETUP = ("setup", "--tenant", "beta", "--account", STRANGER, "--agent", "desk", "--number", "+12025550177")
SET = ("twilio", "set-account")
# Every command that reads secrets, and what it wants, a line each.
READERS = {
    "setup": (SETUP, [TENANT_TOKEN]),
    "set-account, new": ((*SET, STRANGER), [TENANT_TOKEN]),
    "set-account, new with a REST key": ((*SET, STRANGER, "--rest-key", REST_KEY), [TENANT_TOKEN, SECRET]),
    "set-account --add-token": ((*SET, ACCOUNT, "--add-token"), [TENANT_TOKEN]),
    "set-account --rest-key": ((*SET, ACCOUNT, "--rest-key", REST_KEY), [SECRET]),
    "set-account, both": ((*SET, ACCOUNT, "--add-token", "--rest-key", REST_KEY), [TENANT_TOKEN, SECRET]),
    "url": (("url", "--key-from-stdin"), [KEY]),
    "number connect": (("number", "connect", OUR_NUMBER, "--key-from-stdin", "--yes"), [KEY]),
    "doctor signature": (
        ("doctor", "signature", "--url", "https://a.example/x", "--signature", "x", "--try", "primary"),
        ["Body=hi", TOKEN],
    ),
}
LINES = pytest.mark.parametrize(("args", "lines"), READERS.values(), ids=READERS)


def command() -> Command:
    return Command.on(fakes.managed_tenant(MEMBER), numbers=[OUR_NUMBER])


@LINES
def test_refuses_input_that_is_left_over(args: tuple[str, ...], lines: list[str]) -> None:
    for more in ([SECRET], ["", SECRET], [TENANT_TOKEN, "x"]):
        made = command()
        before = made.store.state()
        refusal = made.declined(*args, typed="\n".join([*lines, *more]))
        assert refusal.startswith("standard input must hold nothing but the ")
        assert f"it holds {len(lines) + len(more)} lines" in refusal
        assert not [line for line in [*lines, SECRET] if line in refusal]
        assert made.store.state() == before


@LINES
def test_refuses_input_that_lacks_a_line(args: tuple[str, ...], lines: list[str]) -> None:
    made = command()
    before = made.store.state()
    for typed in ("\n".join(lines[:-1]), "\n".join([*lines[:-1], "  ", ""])):
        assert "is expected on standard input, on a line of its own" in made.declined(*args, typed=typed)
    assert made.store.state() == before


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n \n"])
def test_blank_lines_at_the_end_are_nothing(ending: str) -> None:
    made = command()
    result = made.run(*SET, STRANGER, "--rest-key", REST_KEY, typed=f" {TENANT_TOKEN}\r\n{SECRET}{ending}")
    assert result.exit_code == 0, result.stderr
    account = made.store.stored().account(STRANGER)
    assert account
    assert (account.auth_tokens, account.rest_key) == ((TENANT_TOKEN,), RestKey(REST_KEY, SECRET))


def test_a_token_and_a_secret_do_not_make_the_token_the_secret_of_a_known_account() -> None:
    made = command()
    refusal = made.declined(*SET, SUBACCOUNT, "--rest-key", REST_KEY, typed=f"{SUBACCOUNT_TOKEN}\n{SECRET}\n")
    assert refusal == "standard input must hold nothing but the REST key's secret, a line each; it holds 2 lines"
    assert made.store.stored() == fakes.managed_tenant(MEMBER)


@pytest.mark.parametrize(
    ("args", "typed", "why"),
    [
        ([STRANGER], "short", "an auth token is 32 hexadecimal digits"),
        ([STRANGER], SECRET, "an auth token is 32 hexadecimal digits"),
        ([STRANGER], TENANT_TOKEN.upper(), "an auth token is 32 hexadecimal digits"),
        ([STRANGER], TENANT_TOKEN + "0", "an auth token is 32 hexadecimal digits"),
        ([STRANGER], REST_KEY, "an auth token is 32 hexadecimal digits"),
        ([STRANGER, "--rest-key", REST_KEY], f"{SECRET}\n{TENANT_TOKEN}", "an auth token is 32 hexadecimal digits"),
        ([ACCOUNT, "--add-token"], "short", "an auth token is 32 hexadecimal digits"),
        ([ACCOUNT, "--rest-key", REST_KEY], "short", "a REST key's secret is 32 letters and digits"),
        ([ACCOUNT, "--rest-key", REST_KEY], REST_KEY, "a REST key's secret is 32 letters and digits"),
        ([ACCOUNT, "--rest-key", REST_KEY], SECRET[:-1] + "-", "a REST key's secret is 32 letters and digits"),
        ([ACCOUNT, "--rest-key", REST_KEY], TENANT_TOKEN, "this looks like an auth token"),
    ],
)
def test_refuses_one_secret_in_the_place_of_another(args: list[str], typed: str, why: str) -> None:
    made = command()
    refusal = made.declined(*SET, *args, typed=typed)
    assert why in refusal
    assert not [line for line in typed.split("\n") if line in refusal]
    assert made.store.stored() == fakes.managed_tenant(MEMBER)


def test_setup_refuses_what_is_no_auth_token() -> None:
    made = Command.on()
    assert "32 hexadecimal digits" in made.declined(*SETUP, typed="short")
    assert made.store.tenants == {}


def test_a_terminal_is_asked_again() -> None:
    made = command()
    made.terminal = True
    answers = ["short", TENANT_TOKEN, TENANT_TOKEN, SECRET]
    result = made.run(*SET, STRANGER, "--rest-key", REST_KEY, typed="".join(f"{answer}\n" for answer in answers))
    assert result.exit_code == 0, result.stderr
    assert "an auth token is 32 hexadecimal digits" in result.stderr
    assert "this looks like an auth token" in result.stderr
    assert not [answer for answer in answers if answer in result.output]
    account = made.store.stored().account(STRANGER)
    assert account
    assert (account.auth_tokens, account.rest_key) == ((TENANT_TOKEN,), RestKey(REST_KEY, SECRET))


def test_does_not_keep_a_rest_key_that_twilio_does_not_accept() -> None:
    made = command()
    made.accounts.unknown.add(SECRET)
    refusal = made.declined(*SET, ACCOUNT, "--rest-key", REST_KEY, typed=SECRET)
    assert refusal == (
        f"Twilio does not accept {REST_KEY} with this secret for account {ACCOUNT}, so nothing was changed"
    )
    assert made.store.stored() == fakes.managed_tenant(MEMBER)


@pytest.mark.parametrize(
    "why", [Unavailable("Twilio does not answer"), UpstreamRefused(Reason.PROVIDER_REFUSED, "Twilio says 403")]
)
def test_keeps_a_rest_key_that_could_not_be_tried_out_and_warns(why: Unavailable | UpstreamRefused) -> None:
    made = command()
    made.accounts.failing = why
    result = made.run(*SET, ACCOUNT, "--rest-key", REST_KEY, typed=SECRET)
    assert result.exit_code == 0, result.stderr
    assert f"The REST key is not tried out, because: {why}" in result.stderr
    account = made.store.stored().account(ACCOUNT)
    assert account
    assert account.rest_key == RestKey(REST_KEY, SECRET)


def test_a_command_that_wants_no_secret_leaves_standard_input_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("of the loop around it"))
    assert piped([]) == []
    assert sys.stdin.read() == "of the loop around it"


def test_input_that_is_no_text_is_refused_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8"))
    with pytest.raises(CommandDeclined, match="standard input is not text"):
        piped([SecretLine("auth token", check_auth_token)])


@given(st.text() | st.from_regex(r"[0-9a-zA-Z]{30,34}", fullmatch=True))
def test_nothing_is_both_a_token_and_a_secret_and_no_refusal_repeats_it(text: str) -> None:
    sentences = [sentence for check in (check_auth_token, check_rest_secret) if (sentence := refusal(check, text))]
    assert sentences
    assert len(text) < 12 or not [sentence for sentence in sentences if text in sentence]
    assert len(text) == 32 or len(sentences) == 2


def refusal(check: Callable[[str], str], text: str) -> str | None:
    """What a check says against a text; None when it takes it."""
    try:
        taken = check(text)
    except InvalidValue as error:
        return str(error)
    return None if taken == text else "changed"
