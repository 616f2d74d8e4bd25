"""What a tenant's secrets hold besides their fields: whose they are, how large they get, and digests in short."""

import base64
import json
from dataclasses import replace

import pytest

from operations.numbers import agent_key
from shared.errors import BrokenDocument, InvalidValue
from shared.tenants import secret_documents
from shared.tenants.account import Account, ProviderSecrets
from shared.tenants.secret_documents import SigningSecrets
from tests.fakes import ACCOUNT, ACCOUNTS, DESK, NOW, PROVIDER, SALT, SUBACCOUNT, TOKEN, managed_tenant, tenant
from tests.unit.tenants.documents import FULL, KINDS, WRITER, Kind

SECRETS = [kind for kind in KINDS if kind.name.startswith("tenant-")]


@pytest.mark.parametrize("kind", SECRETS, ids=lambda kind: kind.name)
def test_refuses_the_document_of_another_tenant_and_believes_nothing_of_it(kind: Kind) -> None:
    with pytest.raises(BrokenDocument, match="says it belongs to another tenant") as refused:
        kind.load(kind.changed(("id",), "other"))
    assert (refused.value.digests, refused.value.tokens) == (None, {})


def test_a_credential_has_only_the_fields_that_are_set() -> None:
    text = secret_documents.dump_access(tenant(WRITER))
    assert set(json.loads(text)["credentials"][WRITER.id]) == {"name", "sha256", "last4", "since"}
    text = secret_documents.dump_access(tenant(FULL))
    assert {"role", "replaces", "agent"} < set(json.loads(text)["credentials"][WRITER.id])


def test_a_digest_takes_43_characters() -> None:
    stored = json.loads(secret_documents.dump_access(tenant(WRITER)))["credentials"][WRITER.id]["sha256"]
    assert len(stored) == 43
    assert base64.urlsafe_b64decode(stored + "=") == bytes.fromhex(WRITER.sha256)


@pytest.mark.parametrize("ending", ["", "=", " ", "\n", "A", "+"])
def test_a_digest_has_one_spelling(ending: str) -> None:
    document = json.loads(secret_documents.dump_access(tenant(WRITER)))
    credential = document["credentials"][WRITER.id]
    credential["sha256"] = ("A" * 42 + "B" if not ending else credential["sha256"]) + ending
    with pytest.raises(BrokenDocument):
        secret_documents.load_access("acme", json.dumps(document))


def test_agents_without_signing_secrets_are_left_out() -> None:
    text = secret_documents.dump_signing("acme", {DESK.id: SigningSecrets(), "Other001": SigningSecrets(("a",))})
    assert list(json.loads(text)["backends"]) == ["Other001"]


def test_a_hundred_keys_of_agents_take_less_than_16_kilobytes() -> None:
    agents = [replace(DESK, id=f"Agent{number:03}", name=f"customer desk no.{number:03}") for number in range(100)]
    assert {len(agent.name) for agent in agents} == {20}
    keys = [agent_key.issue_key(managed_tenant(), agent, NOW) for agent in agents]
    credentials = [key.credential for key in keys]
    assert all(each.agent_id for each in credentials)
    largest = tenant(*credentials, id="a" * 32)
    assert len(secret_documents.dump_access(largest).encode()) < 16_000


def with_tokens(count: int, length: int) -> ProviderSecrets:
    tokens = tuple("t" * (length - 4) + f"{n:04}" for n in range(count))
    return ProviderSecrets(SALT, (Account(ACCOUNT, PROVIDER, tokens),))


def test_a_secret_grows_to_seven_eighths_of_the_limit_and_no_further() -> None:
    assert len(secret_documents.dump_accounts("acme", with_tokens(56, 1000))) <= 64 * 1024 * 7 // 8
    with pytest.raises(InvalidValue, match=r"accounts secret.*more than 57344 of the 65536 bytes.*second tenant") as no:
        secret_documents.dump_accounts("acme", with_tokens(57, 1010))
    assert "tttt" not in str(no.value)


def test_a_broken_document_still_says_whose_keys_and_tokens_it_has() -> None:
    access = json.loads(secret_documents.dump_access(tenant(WRITER))) | {"roles_active": ["Reader"]}
    with pytest.raises(BrokenDocument) as refused:
        secret_documents.load_access("acme", json.dumps(access))
    assert refused.value.digests == {WRITER.id: WRITER.sha256}
    accounts = json.loads(secret_documents.dump_accounts("acme", ProviderSecrets(SALT, ACCOUNTS))) | {"schema": 5}
    with pytest.raises(BrokenDocument) as refused:
        secret_documents.load_accounts("acme", json.dumps(accounts))
    assert set(refused.value.tokens) == {ACCOUNT, SUBACCOUNT}
    for secret in (TOKEN, SALT, WRITER.sha256):
        assert secret not in f"{refused.value} {refused.value!r} {refused.value.args}"
