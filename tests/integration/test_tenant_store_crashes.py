"""An operator's computer that goes out at any call to AWS: running the same again heals, and no half is ever read."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from operations.tenants.managed_tenant import ManagedTenant
from operations.tenants.store import AwsTenantStore
from shared.errors import Conflict, NotFound
from shared.tenants.account import Account
from shared.tenants.agent import BackendSettings
from shared.tenants.record import SecretPart
from tests.fakes import ACCOUNTS, DESK, OUR_NUMBER, TOKEN, Crash, credential, managed_tenant
from tests.integration.tenant_stores import OTHER, AwsRig, aws, before_each_write, directory_table
from tests.unit.operations.tenants.fakes import agent, signed_backend

__all__ = ["aws", "directory_table"]  # fixtures

SIGNED = agent("signed", backend=signed_backend("whsec_a"))
BEFORE = managed_tenant(credential()[0], agents=(DESK, SIGNED))
AFTER = replace(
    BEFORE,
    credentials=(*BEFORE.credentials, credential(name="second")[0]),
    accounts=(*ACCOUNTS, Account("AC9", "twilio", (TOKEN,))),
    agents=(
        replace(DESK, name="front desk", backend=signed_backend("whsec_d")),
        replace(SIGNED, backend=BackendSettings("echo")),
        agent("new", backend=signed_backend("whsec_n")),
    ),
)
_CALLS_MAX = 60


def crashing(rig: AwsRig, act: Callable[[AwsTenantStore], object]) -> Iterator[AwsRig]:
    """Interrupts an act before its first write, its second and so on, until it comes to its end."""
    remaining = 0

    def count(_: str) -> None:
        nonlocal remaining
        if not remaining:
            raise Crash
        remaining -= 1

    dynamodb, secrets = rig.dynamodb(), rig.secrets()
    for each in (dynamodb, secrets):
        before_each_write(each, count)
    for calls in range(_CALLS_MAX):
        remaining = calls
        try:
            act(rig.store(dynamodb, secrets))
        except Crash:
            yield rig
        else:
            assert calls > 1
            return
    pytest.fail("it never comes to its end")


def erase(rig: AwsRig) -> None:
    store = rig.store()
    for record in store.page().items:
        if record.deleted_at is None:
            store.delete(record.id)
    try:
        store.purge("acme")
    except NotFound:
        return


def assert_whole(rig: AwsRig, tenant: ManagedTenant) -> None:
    """The tenant is stored, in both regions, and its record says what its secrets say."""
    assert rig.store().read("acme")[0] == tenant
    [record] = rig.store().page().items
    assert record.accounts == tuple(account.name for account in tenant.accounts)
    for part in SecretPart:
        current = rig.version(part)
        assert current is not None
        assert current == rig.version(part, OTHER)
        assert record.versions[part] == current.version


def test_a_creation_that_was_interrupted_is_no_tenant_and_can_be_finished(aws: AwsRig) -> None:
    for rig in crashing(aws, lambda store: store.create(BEFORE)):
        with pytest.raises(NotFound):
            rig.store().read("acme")
        assert rig.store().page().items == []
        rig.store().create(AFTER)
        assert_whole(rig, AFTER)
        erase(rig)
        assert rig.everything() == []
    assert_whole(aws, BEFORE)


def test_a_creation_that_was_interrupted_can_be_erased(aws: AwsRig) -> None:
    for rig in crashing(aws, lambda store: store.create(BEFORE)):
        erase(rig)
        assert rig.everything() == []
        assert [rig.version(part) for part in SecretPart] == [None, None, None]


def test_of_a_change_that_was_interrupted_each_part_is_whole_and_running_it_again_heals(aws: AwsRig) -> None:
    aws.store().create(BEFORE)

    def change(store: AwsTenantStore) -> None:
        before, version = store.read("acme")
        store.replace(before, AFTER, version)

    for rig in crashing(aws, change):
        current, _ = rig.store().read("acme")
        assert current.credentials in {BEFORE.credentials, AFTER.credentials}
        assert current.accounts in {BEFORE.accounts, AFTER.accounts}
        assert set(current.agents) <= {*BEFORE.agents, *AFTER.agents}  # with the secrets that they need, or with none
        [record] = rig.store().page().items
        assert {account.name for account in current.accounts} <= set(record.accounts)
        change(rig.store())
        change(rig.store())
        assert_whole(rig, AFTER)
        erase(rig)
        rig.store().create(BEFORE)
    assert_whole(aws, AFTER)


def test_a_deletion_that_was_interrupted_can_be_finished_or_undone(aws: AwsRig) -> None:
    aws.store().create(BEFORE)
    for rig in crashing(aws, lambda store: store.delete("acme")):
        [record] = rig.store().page().items
        if record.deleted_at:
            rig.store().restore("acme")
        assert_whole(rig, BEFORE)
        rig.store().delete("acme")
        rig.store().delete("acme")
        assert [rig.version(part) for part in SecretPart] == [None, None, None]
        rig.store().restore("acme")
        assert_whole(rig, BEFORE)


def test_a_restoration_that_was_interrupted_can_be_finished_or_undone(aws: AwsRig) -> None:
    aws.store().create(BEFORE)
    aws.store().delete("acme")
    for rig in crashing(aws, lambda store: store.restore("acme")):
        with pytest.raises(NotFound):
            rig.store().read("acme")
        rig.store().delete("acme")
        assert [rig.version(part) for part in SecretPart] == [None, None, None]
        rig.store().restore("acme")
        assert_whole(rig, BEFORE)
        rig.store().delete("acme")
    assert_whole(aws, BEFORE)


def test_an_erasure_that_was_interrupted_can_be_finished(aws: AwsRig) -> None:
    def make() -> None:
        aws.store().create(BEFORE)
        aws.numbers().assign("acme", DESK.id, OUR_NUMBER)
        aws.store().delete("acme")

    make()
    for rig in crashing(aws, lambda store: store.purge("acme")):
        with pytest.raises(Conflict):
            rig.store().create(BEFORE)
        rig.store().purge("acme")
        assert rig.everything() == []
        make()
    assert aws.everything() == []


def test_a_change_whose_answer_was_lost_is_no_conflict(aws: AwsRig) -> None:
    aws.store().create(BEFORE)
    dynamodb, secrets = aws.dynamodb(), aws.secrets()
    swaps = 0

    def swap_first(model: Any, params: Any, **_: object) -> None:  # noqa: ANN401 -- botocore's
        nonlocal swaps
        body = json.loads(params["body"])
        if body["VersionStage"] == "AWSCURRENT":
            swaps += 1
            aws.secrets().update_secret_version_stage(**body)

    secrets.meta.events.register("before-call.secrets-manager.UpdateSecretVersionStage", swap_first)
    store = aws.store(dynamodb, secrets)
    before, version = store.read("acme")
    store.replace(before, replace(before, credentials=()), version)
    assert swaps == 1
    assert_whole(aws, replace(BEFORE, credentials=()))
