import dataclasses
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Configuration, ForbiddenRole, InvalidKey, InvalidValue, SmsReceiverError, Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Role
from tests.fakes import NOW, FakeTenants, credential, owner, tenant

tenant_ids = st.from_regex(r"[a-z0-9]{3,32}", fullmatch=True)
KEY_CHARACTERS = string.ascii_letters + string.digits + "_"


@given(tenant_ids)
def test_a_key_needs_no_escaping_in_a_url(tenant_id: str) -> None:
    _, key = api_keys.issue(tenant_id, "twilio", Role.WRITER, NOW)
    assert re.fullmatch(r"smsr_[A-Za-z0-9_]+", key)
    assert len(key) <= 128


@given(tenant_ids)
def test_a_key_names_its_tenant_and_its_credential(tenant_id: str) -> None:
    issued, key = api_keys.issue(tenant_id, "twilio", Role.WRITER, NOW)
    read = api_keys.read_key(key)
    assert (read.tenant_id, read.credential_id, read.sha256) == (tenant_id, issued.id, issued.sha256)


def test_the_longest_key_is_as_long_as_the_module_says() -> None:
    _, key = api_keys.issue("a" * 32, "twilio", Role.WRITER, NOW)
    assert len(key) == 96


def test_no_two_keys_share_a_secret_or_a_credential_id() -> None:
    issued = [api_keys.issue("acme", "twilio", Role.WRITER, NOW) for _ in range(500)]
    assert len({key.split("_")[3] for _, key in issued}) == len({new.id for new, _ in issued}) == 500


def test_a_secret_uses_all_of_its_256_bits() -> None:
    secrets = [api_keys.issue("acme", "twilio", Role.WRITER, NOW)[1].split("_")[3][:-6] for _ in range(300)]
    assert {len(secret) for secret in secrets} == {43}
    assert all(len({secret[position] for secret in secrets}) > 20 for position in range(1, 43))


def test_a_credential_keeps_the_last_four_characters_and_not_the_key() -> None:
    issued, key = credential()
    assert issued.last_four == key[-4:]
    assert issued.created == "2026-11-23T12:00:00Z"
    kept = " ".join(str(value) for value in dataclasses.asdict(issued).values())
    assert key not in kept
    assert key.split("_")[3][:-6] not in kept


@pytest.mark.parametrize("name", ["", " twilio", "twilio ", "x" * 65])
def test_issues_no_key_for_an_invalid_name(name: str) -> None:
    with pytest.raises(InvalidValue):
        api_keys.issue("acme", name, Role.WRITER, NOW)


@given(st.data())
def test_the_checksum_catches_any_one_character_changed(data: st.DataObject) -> None:
    _, key = credential()
    at = data.draw(st.integers(0, len(key) - 1))
    other = data.draw(st.sampled_from(KEY_CHARACTERS.replace(key[at], "")))
    with pytest.raises(InvalidKey):
        api_keys.read_key(key[:at] + other + key[at + 1 :])


@given(st.data())
def test_a_key_cut_short_anywhere_is_refused(data: st.DataObject) -> None:
    _, key = credential()
    length = data.draw(st.integers(0, len(key) - 1))
    for cut in (key[:length], key[len(key) - length :]):
        with pytest.raises(InvalidKey):
            api_keys.read_key(cut)


@given(st.text(st.characters()) | st.text(KEY_CHARACTERS) | st.text(KEY_CHARACTERS).map(lambda text: "smsr_" + text))
def test_nonsense_is_refused_and_never_raises_anything_else(text: str) -> None:
    with pytest.raises(InvalidKey):
        api_keys.read_key(text)


def test_a_key_with_anything_around_it_is_refused() -> None:
    _, key = credential()
    for other in (key + "\n", " " + key, key + " ", key + "0", key + key, key.upper(), key.replace("smsr_", "smsx_")):
        with pytest.raises(InvalidKey):
            api_keys.read_key(other)


def test_a_malformed_key_reads_no_tenant() -> None:
    tenants = FakeTenants(tenant())
    with pytest.raises(InvalidKey):
        api_keys.authenticate(tenants, "smsr_acme_AAAAAAAA_nonsense")
    assert tenants.asked == []


@pytest.mark.parametrize("role", Role)
def test_a_valid_key_of_any_role_is_accepted(role: Role) -> None:
    issued, key = credential(role)
    other, _ = credential(name="other")
    assert owner(FakeTenants(tenant(other, issued)), key) == ("acme", issued)


def test_an_unknown_tenant_and_an_unknown_credential_get_the_same_answer() -> None:
    _, key = credential()
    refusals = []
    for tenants in (FakeTenants(), FakeTenants(tenant())):
        with pytest.raises(InvalidKey) as refused:
            api_keys.authenticate(tenants, key)
        refusals.append(str(refused.value))
    assert refusals[0] == refusals[1]


def test_a_revoked_key_is_refused() -> None:
    issued, key = credential()
    kept, _ = credential(name="kept")
    tenants = FakeTenants(tenant(issued, kept))
    assert api_keys.authenticate(tenants, key)
    tenants.stored["acme"] = tenant(kept)
    with pytest.raises(InvalidKey):
        api_keys.authenticate(tenants, key)


def test_another_secret_under_a_known_credential_id_is_refused() -> None:
    issued, _ = credential()
    _, forged = credential()
    read = api_keys.read_key(forged)
    known = dataclasses.replace(issued, id=read.credential_id)
    with pytest.raises(InvalidKey):
        api_keys.authenticate(FakeTenants(tenant(known)), forged)


def test_the_digest_of_another_credential_does_not_help() -> None:
    first, key = credential()
    second, _ = credential(name="second")
    swapped = (dataclasses.replace(first, sha256=second.sha256), dataclasses.replace(second, sha256=first.sha256))
    with pytest.raises(InvalidKey):
        api_keys.authenticate(FakeTenants(tenant(*swapped)), key)


def test_a_key_of_one_tenant_opens_no_other() -> None:
    issued, key = credential(tenant_id="acme")
    with pytest.raises(InvalidKey):
        api_keys.authenticate(FakeTenants(tenant(issued, id="other"), tenant()), key)


@pytest.mark.parametrize("failure", [Unavailable("AWS answered 500"), Configuration("not readable")])
def test_a_store_that_fails_is_not_mistaken_for_a_bad_key(failure: SmsReceiverError) -> None:
    _, key = credential()
    with pytest.raises(type(failure)):
        api_keys.authenticate(FakeTenants(failing=failure), key)


def test_a_reader_may_not_text_and_the_refusal_says_who_may() -> None:
    with pytest.raises(ForbiddenRole, match="Reader; texting needs Writer or Manager"):
        api_keys.require_texting(credential(Role.READER)[0])


@pytest.mark.parametrize("role", [Role.WRITER, Role.MANAGER])
def test_writers_and_managers_may_text(role: Role) -> None:
    api_keys.require_texting(credential(role)[0])
    assert role.may_text


def test_a_repr_shows_neither_the_key_nor_its_digest() -> None:
    issued, key = credential()
    text = repr(issued) + repr(api_keys.read_key(key)) + repr(tenant(issued))
    assert key not in text
    assert issued.sha256 not in text
