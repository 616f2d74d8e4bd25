"""Which secret signed is named, and none is ever shown."""

import pytest

from operations.signature.secret_candidates import PASTED_KINDS
from shared.tenants.account import Account, Accounts, RestKey
from tests.fakes import ACCOUNT, REST_SECRET, SECOND_TOKEN, STRANGER, SUBACCOUNT, SUBACCOUNT_TOKEN, TOKEN, inbound
from tests.fakes import twilio_signature as sign
from tests.unit.operations.signature.rig import TEXT, URL, causes, seen

OF_SUBACCOUNT = inbound(AccountSid=SUBACCOUNT)
UNKNOWN = "f" * 32


def with_token(token: str) -> Accounts:
    return (Account(ACCOUNT, "twilio", (token,)),)


@pytest.mark.parametrize("token", [TOKEN, SECOND_TOKEN])
def test_each_stored_token_of_the_account_may_sign(token: str) -> None:
    assert seen(sign(URL, TEXT, token)).genuine


@pytest.mark.parametrize(("kind", "cause"), PASTED_KINDS.items())
def test_names_a_secret_that_was_pasted_by_what_it_is(kind: str, cause: str) -> None:
    diagnosis = seen(sign(URL, TEXT, UNKNOWN), pasted={"token": "e" * 32, kind: UNKNOWN})
    assert [mistake.cause for mistake in diagnosis.causes] == [cause]
    assert UNKNOWN not in repr(diagnosis)


def test_a_pasted_secret_that_did_not_sign_changes_nothing() -> None:
    assert causes(sign(URL, TEXT, UNKNOWN), pasted={"secondary": "e" * 32}) == []
    assert seen(sign(URL, TEXT, TOKEN), pasted={"secondary": "e" * 32, "master": TOKEN}).genuine


def test_names_the_main_accounts_token_when_the_tenant_has_it() -> None:
    diagnosis = seen(sign(URL, OF_SUBACCOUNT, TOKEN), body=OF_SUBACCOUNT)
    assert [(mistake.cause, mistake.about) for mistake in diagnosis.causes] == [("other_account_token", ACCOUNT)]


def test_names_the_subaccounts_token_when_the_main_account_is_named() -> None:
    diagnosis = seen(sign(URL, TEXT, SUBACCOUNT_TOKEN))
    assert [(mistake.cause, mistake.about) for mistake in diagnosis.causes] == [("other_account_token", SUBACCOUNT)]


def test_names_the_secret_of_a_stored_rest_key() -> None:
    assert causes(sign(URL, TEXT, REST_SECRET)) == ["rest_key_secret"]


@pytest.mark.parametrize(
    "stored", [f" {UNKNOWN}", f"{UNKNOWN}\n", f'"{UNKNOWN}"', UNKNOWN.upper(), "ffff ffff" + "f" * 24]
)
def test_names_a_token_that_was_spoilt_when_it_was_pasted(stored: str) -> None:
    assert causes(sign(URL, TEXT, UNKNOWN), accounts=with_token(stored)) == ["token_spoilt"]


@pytest.mark.parametrize("around", ["{}\n", "{} ", " {}", "{}\r\n"])
def test_names_blanks_around_the_token_that_signed(around: str) -> None:
    assert causes(sign(URL, TEXT, around.format(UNKNOWN)), accounts=with_token(UNKNOWN)) == ["token_spoilt"]


@pytest.mark.parametrize("token", [UNKNOWN, TOKEN])
def test_names_an_account_that_the_tenant_does_not_have(token: str) -> None:
    text = inbound(AccountSid=STRANGER)
    diagnosis = seen(sign(URL, text, token), body=text)
    assert not diagnosis.genuine
    assert (diagnosis.causes[0].cause, diagnosis.causes[0].about) == ("unknown_account", STRANGER)
    assert [mistake.cause for mistake in diagnosis.causes[1:]] == (["other_account_token"] if token == TOKEN else [])


def test_names_only_the_account_when_its_own_token_is_pasted() -> None:
    text = inbound(AccountSid=STRANGER)
    assert causes(sign(URL, text, UNKNOWN), body=text, pasted={"primary": UNKNOWN}) == ["unknown_account"]


def test_names_the_secret_and_the_url_at_once() -> None:
    http = URL.replace("https", "http")
    assert causes(sign(http, TEXT, UNKNOWN), pasted={"secondary": UNKNOWN}) == ["token_not_added", "http_for_https"]


def test_tells_what_is_odd_about_the_stored_tokens() -> None:
    rest = RestKey("SK" + "4" * 32, UNKNOWN)
    accounts = (
        Account(ACCOUNT, "twilio", (UNKNOWN,), rest),
        Account(SUBACCOUNT, "twilio", (UNKNOWN, "Short")),
    )
    odd = seen(sign(URL, OF_SUBACCOUNT, "e" * 32), body=OF_SUBACCOUNT, accounts=accounts).odd
    assert [mistake.cause for mistake in odd] == ["rest_key_stored", "same_token_twice", "no_token_shape"]
    assert not seen(sign(URL, TEXT, "e" * 32), accounts=with_token(UNKNOWN)).odd


def test_an_account_without_a_rest_key_is_looked_at_too() -> None:
    assert causes(sign(URL, TEXT, "e" * 32), accounts=with_token(UNKNOWN)) == []
