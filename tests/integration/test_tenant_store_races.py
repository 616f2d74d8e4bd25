"""Several operators who change one tenant at the same moment, on the local AWS: nothing is lost or held twice."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count

import pytest

from operations.tenants import agent_edits, edits
from operations.tenants.editor import Administration
from operations.tenants.edits import Edit
from operations.tenants.managed_tenant import ManagedTenant
from operations.tenants.store import AwsTenantStore
from shared.errors import CommandDeclined, Conflict, InvalidValue, NotFound
from shared.tenants.account import Account
from shared.tenants.record import SecretPart
from tests.fakes import ACCOUNTS, DESK, OUR_NUMBER, TOKEN, credential, managed_tenant
from tests.integration.races import at_once
from tests.integration.tenant_stores import AwsRig, aws, before_each_write, directory_table
from tests.unit.operations.tenants.fakes import agent, signed_backend

__all__ = ["aws", "directory_table"]  # fixtures

OPERATORS, ROUNDS = 4, 3


@pytest.fixture
def stores(aws: AwsRig) -> Sequence[AwsTenantStore]:
    """One for each operator, with clients of its own."""
    return [aws.store(aws.dynamodb(), aws.secrets()) for _ in range(OPERATORS)]


def changing(store: AwsTenantStore, wanted: Iterator[Edit]) -> Callable[[], None]:
    """Makes these edits one after the other, as a patient operator does."""

    def act() -> None:
        for edit in wanted:
            while True:
                try:
                    Administration(store, sleep=lambda _: None).change("acme", edit)
                except Conflict:
                    continue
                break

    return act


def add_key(name: str) -> Edit:
    return edits.add_credential(credential(name=name)[0])


def test_no_change_of_several_operators_is_lost(aws: AwsRig, stores: Sequence[AwsTenantStore]) -> None:
    aws.store().create(managed_tenant())
    numbers = range(ROUNDS)
    agents = [agent(f"{number}signed", backend=signed_backend(f"whsec_{number}")) for number in numbers]
    accounts = [Account(f"AC{number}", "twilio", (TOKEN,)) for number in numbers]
    others = [
        (edits.add_account(account), agent_edits.set_backend("desk", signed_backend(f"whsec_desk{number}")))
        for number, account in enumerate(accounts)
    ]
    at_once(
        changing(stores[0], (add_key(f"first {number}") for number in numbers)),
        changing(stores[1], (add_key(f"second {number}") for number in numbers)),
        changing(stores[2], (agent_edits.add_agent(each) for each in agents)),
        changing(stores[3], (edit for number in numbers for edit in others[number])),
    )
    tenant, _ = aws.store().read("acme")
    assert {each.name for each in tenant.credentials} == {f"{who} {n}" for who in ("first", "second") for n in numbers}
    assert tenant.accounts == (*ACCOUNTS, *accounts)
    assert tenant.agents == (*agents, replace(DESK, backend=signed_backend(f"whsec_desk{ROUNDS - 1}")))
    assert_announced(aws, tenant)


def assert_announced(aws: AwsRig, tenant: ManagedTenant) -> None:
    """The record names the current versions, or versions that no copy has."""
    [record] = aws.store().page().items
    assert set(record.accounts) >= {account.name for account in tenant.accounts}
    store = aws.store()
    before, version = store.read("acme")
    store.replace(before, before, version)
    [record] = store.page().items
    assert record.accounts == tuple(account.name for account in tenant.accounts)
    for part in SecretPart:
        current = aws.version(part)
        assert current
        assert record.versions[part] == current.version


def test_of_several_agents_with_one_name_exactly_one_is_made(aws: AwsRig, stores: Sequence[AwsTenantStore]) -> None:
    aws.store().create(managed_tenant())
    for number in range(ROUNDS):
        agents = [agent(f"name {number}", id=f"agent{who}{number:02}") for who in range(OPERATORS)]
        results = at_once(
            *(
                partial(Administration(store, sleep=lambda _: None).change, "acme", agent_edits.add_agent(each))
                for store, each in zip(stores, agents, strict=True)
            )
        )
        assert results.count(InvalidValue) == OPERATORS - 1
        names = [each.name for each in aws.store().read("acme")[0].agents]
        assert names == ["desk", *(f"name {n}" for n in range(number + 1))]


def test_of_several_who_create_one_tenant_exactly_one_has_made_it(
    aws: AwsRig, stores: Sequence[AwsTenantStore]
) -> None:
    for number in range(ROUNDS):
        tenants = [
            managed_tenant(credential(name=f"operator {who}")[0], id=f"acme{number}", salt=f"{who}" * 64)
            for who in range(OPERATORS)
        ]
        results = at_once(*(partial(store.create, tenant) for store, tenant in zip(stores, tenants, strict=True)))
        assert sorted(map(str, results)) == sorted(map(str, [None, *[Conflict] * (OPERATORS - 1)]))
        assert aws.store().read(f"acme{number}")[0] == tenants[results.index(None)]


def test_no_number_is_left_without_its_agent(aws: AwsRig, stores: Sequence[AwsTenantStore]) -> None:
    aws.store().create(managed_tenant())
    directory = aws.numbers()
    for _ in range(ROUNDS * 3):
        before, version = aws.store().read("acme")

        removed, assigned = at_once(
            partial(stores[0].replace, before, replace(before, agents=()), version),
            partial(directory.assign, "acme", DESK.id, OUR_NUMBER),
        )
        held, agents = directory.find(OUR_NUMBER), aws.store().read("acme")[0].agents
        assert (tuple(removed) if isinstance(removed, list) else removed, assigned) in {
            ((), NotFound),
            (CommandDeclined, True),
            (Conflict, True),
        }
        assert (agents == ()) == (held is None)
        if held:
            directory.release(held)
        else:
            changing(stores[1], iter([agent_edits.add_agent(DESK)]))()


def test_a_tenant_that_is_deleted_and_restored_at_once_is_whole_or_gone(
    aws: AwsRig, stores: Sequence[AwsTenantStore]
) -> None:
    aws.store().create(managed_tenant())
    for _ in range(ROUNDS):
        aws.store().delete("acme")
        at_once(lambda: stores[0].restore("acme"), lambda: stores[1].delete("acme"))
        [record] = aws.store().page().items
        if record.deleted_at:
            aws.store().delete("acme")
            aws.store().restore("acme")
        assert aws.store().read("acme")[0] == managed_tenant()


def delete(store: AwsTenantStore) -> None:
    store.delete("acme")


def restore(store: AwsTenantStore) -> None:
    store.restore("acme")


@pytest.mark.parametrize(("slow", "quick"), [(restore, delete), (delete, restore)])
def test_a_deletion_and_a_restoration_in_the_middle_of_each_other_leave_a_tenant_whole_or_gone(
    slow: Callable[[AwsTenantStore], None], quick: Callable[[AwsTenantStore], None], aws: AwsRig
) -> None:
    aws.store().create(managed_tenant())
    for calls in count():
        if slow is restore:
            aws.store().delete("acme")
        dynamodb, secrets = aws.dynamodb(), aws.secrets()
        remaining = calls

        def interfere(_: str) -> None:
            nonlocal remaining
            remaining -= 1
            if remaining == -1:
                with suppress(CommandDeclined):
                    quick(aws.store())

        for each in (dynamodb, secrets):
            before_each_write(each, interfere)
        with suppress(CommandDeclined):
            slow(aws.store(dynamodb, secrets))
        [record] = aws.store().page().items
        if record.deleted_at:
            assert [aws.version(part) for part in SecretPart] == [None, None, None]
            aws.store().restore("acme")
        assert aws.store().read("acme")[0] == managed_tenant()
        if remaining >= 0:
            return
