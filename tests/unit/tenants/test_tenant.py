"""The rules of a tenant, each broken once."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.numbers.provider_number import MessagingService, ProviderNumber
from shared.errors import InvalidValue
from shared.tenants.account import Account, RestKey, account_with
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Credential, Role, SignatureMode, check_tenant_id
from tests.fakes import (
    ACCOUNT,
    ACCOUNTS,
    OUR_NUMBER,
    PERSON,
    REST_SECRET,
    SALT,
    SECOND_TOKEN,
    TOKEN,
    credential,
    managed_tenant,
    tenant,
)

GOOD_CREDENTIAL: dict[str, Any] = {
    "id": "0A1b2C3d",
    "name": "twilio",
    "role": Role.WRITER,
    "sha256": "0f" * 32,
    "last_four": "x9Zq",
    "created": "2026-11-23T12:00:00+00:00",
}
GOOD_AGENT: dict[str, Any] = {"id": "Desk0001", "name": "desk", "kind": AgentKind.SMS, "stage": "east"}


@given(st.from_regex(r"[a-z0-9]{3,32}", fullmatch=True))
def test_accepts_every_valid_tenant_id(tenant_id: str) -> None:
    assert check_tenant_id(tenant_id) == tenant_id


@pytest.mark.parametrize(
    "tenant_id", ["", "ab", "a" * 33, "Acme", "acme-1", "acme_1", "acme.", " acme", "acme\n", "été"]
)
def test_refuses_every_other_tenant_id(tenant_id: str) -> None:
    with pytest.raises(InvalidValue, match="use 3 to 32 lower-case letters and digits"):
        check_tenant_id(tenant_id)
    with pytest.raises(InvalidValue, match="use 3 to 32 lower-case letters and digits"):
        tenant(id=tenant_id)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "credential name: use 1 to 64 printable characters"),
        ({"name": " twilio"}, "no spaces around them"),
        ({"name": "twilio\n"}, "no spaces around them"),
        ({"name": "a\x1b[2Jb"}, "printable characters"),
        ({"name": "x" * 65}, "credential name: use 1 to 64 printable characters"),
        ({"id": "0A1b2C3"}, "credential id: it must be eight letters and digits"),
        ({"id": "0A1b2C3_"}, "credential id: it must be eight letters and digits"),
        ({"sha256": "0F" * 32}, "64 hexadecimal digits"),
        ({"sha256": "0f" * 31}, "64 hexadecimal digits"),
        ({"replaces": "0A1b2C3"}, "`replaces` must be the id of another credential"),
        ({"replaces": "0A1b2C3d"}, "`replaces` must be the id of another credential"),
        ({"agent_id": "Desk001"}, "`agent_id` must be the id of an agent"),
    ],
)
def test_refuses_a_credential_that_breaks_a_rule(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        Credential(**GOOD_CREDENTIAL | change)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "agent name: use 1 to 64 printable characters"),
        ({"name": "desk "}, "no spaces around them"),
        ({"name": "x" * 65}, "agent name: use 1 to 64 printable characters"),
        ({"stage": "west"}, "agent region: choose one of east, south"),
        ({"stage": ""}, "agent region"),
        ({"id": "Desk001"}, "agent id: it must be eight letters and digits"),
        ({"id": "Desk-001"}, "agent id: it must be eight letters and digits"),
    ],
)
def test_refuses_an_agent_that_breaks_a_rule(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        Agent(**GOOD_AGENT | change)


def test_only_a_voice_agent_takes_no_texts() -> None:
    assert [kind for kind in AgentKind if not kind.takes_texts] == [AgentKind.VOICE]


def test_a_backend_that_is_not_signed_has_no_signing_secrets() -> None:
    assert BackendSettings("http", signed=True, secrets=("whsec_a",)).secrets == ("whsec_a",)
    with pytest.raises(InvalidValue, match="its requests are not signed, but it has signing secrets") as refused:
        BackendSettings("http", secrets=("whsec_a",))
    assert "whsec_a" not in str(refused.value)


@pytest.mark.parametrize(
    ("sid", "tokens"),
    [
        ("", (TOKEN,)),
        ("AC 1", (TOKEN,)),
        ("AC/1", (TOKEN,)),
        ("A" * 65, (TOKEN,)),
        (ACCOUNT, ()),
        (ACCOUNT, (TOKEN, "")),
    ],
)
def test_refuses_an_account_without_a_sid_or_a_token(sid: str, tokens: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue) as refused:
        Account(sid, "twilio", tokens)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(("sid", "secret"), [("", REST_SECRET), ("SK1", "")])
def test_refuses_half_a_rest_key(sid: str, secret: str) -> None:
    with pytest.raises(InvalidValue, match="it needs both a SID and a secret") as refused:
        RestKey(sid, secret)
    assert REST_SECRET not in str(refused.value)


FIRST = Credential(**GOOD_CREDENTIAL)
DESK = Agent(**GOOD_AGENT)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"salt": "5a17"}, "salt: it must be 64 hexadecimal digits"),
        ({"salt": "G" * 64}, "salt: it must be 64 hexadecimal digits"),
        ({"roles_active": ()}, "at least one must be active"),
        ({"roles_active": (Role.MANAGER,), "credentials": (FIRST,)}, "role Writer is not active.*revoke it"),
        ({"credentials": (FIRST, dataclasses.replace(FIRST, id="other123"))}, "'twilio' exists already"),
        ({"credentials": (FIRST, dataclasses.replace(FIRST, name="b"))}, "id 0A1b2C3d exists twice"),
    ],
)
def test_refuses_a_tenant_that_breaks_a_rule(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        tenant(**change)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"accounts": (Account("AC1", "twilio", ("a",)), Account("AC1", "twilio", ("b",)))},
            "account AC1 exists already",
        ),
        ({"agents": (DESK, dataclasses.replace(DESK, id="Other001"))}, "agent 'desk' exists already"),
        ({"agents": (DESK, dataclasses.replace(DESK, name="b"))}, "agent id Desk0001 exists twice"),
        ({"salt": "5a17"}, "salt: it must be 64 hexadecimal digits"),
    ],
)
def test_refuses_a_tenant_with_accounts_or_agents_that_break_a_rule(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        managed_tenant(**change)


def test_finds_credentials_and_accounts_by_their_ids_only() -> None:
    made, _ = credential()
    acme = tenant(made)
    assert acme.credential(made.id) is made
    assert account_with(ACCOUNT, ACCOUNTS) is managed_tenant().account(ACCOUNT) is ACCOUNTS[0]
    for unknown in ("", "twilio", made.id.swapcase(), ACCOUNT.lower()):
        assert acme.credential(unknown) is None
        assert account_with(unknown, ACCOUNTS) is None


def test_a_tenant_enforces_signatures_unless_told_otherwise() -> None:
    assert tenant().signature_mode is SignatureMode.ENFORCE


def test_a_repr_shows_nothing_secret_and_no_number() -> None:
    made, key = credential()
    shown = repr(managed_tenant(made))
    for hidden in (TOKEN, SECOND_TOKEN, REST_SECRET, SALT, made.sha256, key, OUR_NUMBER[1:], PERSON[1:]):
        assert hidden not in shown
    assert "acme" in shown
    assert ACCOUNT in shown


GOOD_CONNECTION: dict[str, Any] = {
    "number": OUR_NUMBER,
    "number_sid": "PN" + "8" * 32,
    "account": ACCOUNT,
    "credential_id": "0A1b2C3d",
    "former": Webhooks("https://user:f0rmer@h/"),
}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number_sid": ""}, "a number's SID must be letters and digits"),
        ({"account": "AC 1"}, "an account's SID must be letters and digits"),
        ({"credential_id": "0A1b2C3"}, "a credential's id"),
    ],
)
def test_refuses_a_connection_that_breaks_a_rule(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        Connection(**GOOD_CONNECTION | change)


def test_a_webhook_is_called_by_get_or_post() -> None:
    assert Webhooks(method="GET").fallback_method == "POST"
    for change in ({"method": "PUT"}, {"fallback_method": "post"}):
        with pytest.raises(InvalidValue, match="GET or POST"):
            Webhooks(**change)


def test_a_repr_of_a_connection_shows_neither_the_number_nor_its_former_webhooks() -> None:
    service = MessagingService("MG1", "Notices", "https://user:f0rmer@h/", on_number=False, others=0)
    number = ProviderNumber(OUR_NUMBER, "PN1", ACCOUNT, Webhooks("https://user:f0rmer@h/"), service)
    for shown in (Connection(**GOOD_CONNECTION), number):
        assert "f0rmer" not in repr(shown)
        assert OUR_NUMBER not in repr(shown)
