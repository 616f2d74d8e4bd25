"""The directory never names an older version of a secret than the current one, whoever crashes when."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Event

import pytest
from mypy_boto3_secretsmanager import SecretsManagerClient

from operations.tenants.record_items import RecordItems
from shared.errors import NotFound
from shared.tenants.record import SecretPart
from tests.fakes import Crash, credential, managed_tenant
from tests.integration.tenant_stores import AwsRig, aws, before_each_write, directory_table

__all__ = ["aws", "directory_table"]  # fixtures

SWAP, LABEL_GONE = 2, 3  # the second write to Secrets Manager moves AWSCURRENT, the third takes the label away


def announced(aws: AwsRig) -> str | None:
    stored = RecordItems(aws.dynamodb()).find("acme")
    return stored.record.versions[SecretPart.ACCESS] if stored else None


def current(aws: AwsRig) -> str | None:
    secret = aws.version(SecretPart.ACCESS)
    return secret.version if secret else None


def add_key(aws: AwsRig, name: str, secrets: SecretsManagerClient | None = None) -> None:
    store = aws.store(secrets=secrets)
    before, version = store.read("acme")
    store.replace(before, replace(before, credentials=(*before.credentials, credential(name=name)[0])), version)


def settle(aws: AwsRig) -> None:
    store = aws.store()
    tenant, version = store.read("acme")
    store.replace(tenant, tenant, version)


def acting_before_each(aws: AwsRig, act: Callable[[int], object]) -> SecretsManagerClient:
    """A client that acts before each of its writes, which are counted from 1."""
    secrets, numbers = aws.secrets(), count(1)
    before_each_write(secrets, lambda _: act(next(numbers)))
    return secrets


def acting_before(aws: AwsRig, write: int, act: Callable[[], object]) -> SecretsManagerClient:
    """A client that acts before its nth write."""
    return acting_before_each(aws, lambda number: act() if number == write else None)


def crash() -> None:
    raise Crash


@pytest.mark.parametrize("write", [1, SWAP, LABEL_GONE])
def test_after_a_crash_the_directory_names_a_version_that_no_copy_has_until_it_is_repaired(
    aws: AwsRig, write: int
) -> None:
    aws.store().create(managed_tenant())
    old = current(aws)
    with pytest.raises(Crash):
        add_key(aws, "second", acting_before(aws, write, crash))
    assert announced(aws) != old
    assert (announced(aws) == current(aws)) is (write == LABEL_GONE)
    settle(aws)
    assert announced(aws) == current(aws)


def test_who_confirms_does_not_take_back_what_somebody_else_has_announced(aws: AwsRig) -> None:
    """One operator confirms after another one has announced, who then writes and crashes at once."""
    aws.store().create(managed_tenant())
    has_swapped, may_confirm = Event(), Event()

    def wait() -> None:
        has_swapped.set()
        assert may_confirm.wait(30)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(add_key, aws, "first", acting_before(aws, LABEL_GONE, wait))
        assert has_swapped.wait(30)

        def let_first_confirm() -> None:
            may_confirm.set()
            first.result(30)

        def act(write: int) -> None:
            {SWAP: let_first_confirm, LABEL_GONE: crash}.get(write, lambda: None)()

        with pytest.raises(Crash):
            add_key(aws, "second", acting_before_each(aws, act))
    assert announced(aws) == current(aws)
    assert {key.name for key in aws.store().read("acme")[0].credentials} == {"first", "second"}


def test_there_is_nothing_to_repair_without_a_tenant(aws: AwsRig) -> None:
    with pytest.raises(NotFound, match="no tenant 'acme'"):
        settle(aws)
