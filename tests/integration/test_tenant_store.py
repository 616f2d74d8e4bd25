"""What every store of tenants promises: the one in AWS, and the one that other tests use instead."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, Conflict, InvalidValue, NotFound
from shared.tenants.account import Account
from shared.tenants.agent import BackendSettings
from shared.tenants.record import HeldNumber, SecretPart, TenantRecord
from tests.fakes import ACCOUNTS, DESK, OUR_NUMBER, TOKEN, credential, managed_tenant
from tests.integration.tenant_stores import AwsRig, StoreRig, aws, before_each_write, directory_table, rig
from tests.unit.operations.tenants.fakes import agent, signed_backend

__all__ = ["aws", "directory_table", "rig"]  # fixtures

SIGNED = agent("signed", backend=signed_backend("whsec_b", "whsec_a"), second_backend=signed_backend("whsec_c"))
LARGE = managed_tenant(
    credential()[0], agents=(DESK, SIGNED, replace(agent("lex"), backend=BackendSettings("echo", statuses=True)))
)
TOO_LARGE = (Account("AC1", "twilio", tuple(f"{number:064}" for number in range(1000))),)


def made(rig: StoreRig, tenant: ManagedTenant) -> ManagedTenant:
    rig.store().create(tenant)
    return tenant


def change(rig: StoreRig, **changes: object) -> ManagedTenant:
    store = rig.store()
    before, version = store.read("acme")
    after = replace(before, **changes)  # type: ignore[arg-type] # any attributes
    store.replace(before, after, version)
    return after


def test_a_tenant_is_read_as_it_was_made(rig: StoreRig) -> None:
    made(rig, LARGE)
    assert rig.store().read("acme")[0] == LARGE


def test_there_is_no_tenant_before_one_is_made(rig: StoreRig) -> None:
    with pytest.raises(NotFound, match="no tenant 'acme'"):
        rig.store().read("acme")
    assert rig.store().page().items == []


def test_a_tenant_is_not_made_twice(rig: StoreRig) -> None:
    made(rig, LARGE)
    with pytest.raises(Conflict, match="exists already"):
        rig.store().create(managed_tenant(agents=()))
    assert rig.store().read("acme")[0] == LARGE


def test_a_tenant_too_large_is_not_made(rig: StoreRig) -> None:
    with pytest.raises(InvalidValue, match="make a second tenant"):
        rig.store().create(managed_tenant(accounts=TOO_LARGE))
    assert rig.store().page().items == []


def test_nothing_is_stored_of_a_change_that_makes_it_too_large(rig: StoreRig) -> None:
    made(rig, LARGE)
    with pytest.raises(InvalidValue, match="make a second tenant"):
        change(rig, credentials=(), accounts=TOO_LARGE)
    assert rig.store().read("acme")[0] == LARGE


@pytest.mark.parametrize(
    "changes",
    [
        {"credentials": ()},
        {"credentials": (credential()[0], credential(name="second")[0])},
        {"accounts": ACCOUNTS[:1]},
        {"accounts": (*ACCOUNTS, Account("AC9", "twilio", (TOKEN,)))},
        {"agents": ()},
        {"agents": (DESK, SIGNED, agent("new", backend=signed_backend("whsec_n")))},
        {"agents": (replace(DESK, name="renamed"), SIGNED)},
        {"agents": (replace(DESK, name="signed"), replace(SIGNED, name="desk"))},
        {"agents": (DESK, replace(SIGNED, backend=BackendSettings("echo"), second_backend=None))},
        {"agents": (replace(DESK, backend=signed_backend("whsec_d")), replace(SIGNED, second_backend=None))},
        {"agents": (DESK, replace(SIGNED, backend=signed_backend("whsec_b")))},
        {"credentials": (), "accounts": (), "agents": ()},
        {},
    ],
)
def test_a_change_is_read_back_whole(rig: StoreRig, changes: dict[str, object]) -> None:
    made(rig, LARGE)
    assert rig.store().read("acme")[0] == LARGE
    after = change(rig, **changes)
    assert rig.store().read("acme")[0] == after


@pytest.mark.parametrize(
    "changes",
    [{"credentials": ()}, {"accounts": ACCOUNTS[:1]}, {"agents": (DESK,)}, {"agents": (replace(DESK, name="other"),)}],
)
def test_of_two_changes_of_the_same_thing_the_second_is_a_conflict(rig: StoreRig, changes: dict[str, object]) -> None:
    made(rig, LARGE)
    before, version = rig.store().read("acme")
    first = change(rig, **changes)
    with pytest.raises(Conflict, match="changed by somebody else meanwhile"):
        rig.store().replace(before, replace(before, **changes), version)  # type: ignore[arg-type] # any attributes
    assert rig.store().read("acme")[0] == first


def test_changes_of_different_things_do_not_meet(rig: StoreRig) -> None:
    made(rig, LARGE)
    before, version = rig.store().read("acme")
    changes = ({"credentials": ()}, {"accounts": ()}, {"agents": before.agents[:2]})
    for changed in changes:
        rig.store().replace(before, replace(before, **changed), version)
    assert rig.store().read("acme")[0] == replace(LARGE, credentials=(), accounts=(), agents=before.agents[:2])


def test_two_agents_cannot_get_one_name(rig: StoreRig) -> None:
    made(rig, managed_tenant())
    before, version = rig.store().read("acme")
    change(rig, agents=(DESK, agent("sales")))
    other = replace(agent("sales"), id="another1")
    with pytest.raises(Conflict):
        rig.store().replace(before, replace(before, agents=(DESK, other)), version)
    with pytest.raises(Conflict):
        rig.store().replace(before, replace(before, agents=(replace(DESK, name="sales"),)), version)
    assert rig.store().read("acme")[0].agents == (DESK, agent("sales"))


def test_a_name_that_was_given_up_can_be_taken(rig: StoreRig) -> None:
    made(rig, managed_tenant())
    change(rig, agents=(replace(DESK, name="renamed"),))
    change(rig, agents=(replace(DESK, name="renamed"), replace(DESK, id="another1")))
    change(rig, agents=(replace(DESK, id="another1"),))
    assert [agent.id for agent in rig.store().read("acme")[0].agents] == ["another1"]


def test_an_agent_with_numbers_is_not_removed(rig: StoreRig) -> None:
    made(rig, LARGE)
    numbers = rig.numbers()
    assert numbers.assign("acme", SIGNED.id, OUR_NUMBER)
    with pytest.raises(CommandDeclined, match="has numbers"):
        change(rig, agents=(DESK,))
    assert rig.store().read("acme")[0] == LARGE
    numbers.release(HeldNumber(OUR_NUMBER, "acme", SIGNED.id))
    change(rig, agents=(DESK,))
    assert rig.store().read("acme")[0].agents == (DESK,)


@pytest.mark.parametrize("had_one_before", [False, True])
def test_an_agent_that_gets_a_number_right_before_it_is_removed_stays(aws: AwsRig, *, had_one_before: bool) -> None:
    made(aws, LARGE)
    directory, held = aws.numbers(), HeldNumber(OUR_NUMBER, "acme", DESK.id)
    if had_one_before:
        directory.assign("acme", DESK.id, OUR_NUMBER)
        directory.release(held)
    dynamodb, writes = aws.dynamodb(), iter([partial(directory.assign, "acme", DESK.id, OUR_NUMBER)])
    before_each_write(dynamodb, lambda _: next(writes, lambda: None)())
    store = aws.store(dynamodb)
    before, version = store.read("acme")
    with pytest.raises(Conflict):
        store.replace(before, replace(before, agents=tuple(each for each in before.agents if each != DESK)), version)
    assert directory.find(OUR_NUMBER) == held
    assert aws.store().read("acme")[0] == LARGE


def test_an_agent_keeps_its_numbers_when_it_is_changed(rig: StoreRig) -> None:
    made(rig, LARGE)
    rig.numbers().assign("acme", DESK.id, OUR_NUMBER)
    change(rig, agents=(replace(DESK, name="renamed"),))
    assert rig.numbers().find(OUR_NUMBER) == HeldNumber(OUR_NUMBER, "acme", DESK.id)
    with pytest.raises(CommandDeclined):
        change(rig, agents=())


def test_lists_tenants_in_pages_with_the_accounts_of_each(rig: StoreRig) -> None:
    ids = [f"tenant{number}" for number in range(7)]
    for tenant_id in reversed(ids):
        made(rig, managed_tenant(id=tenant_id))
    listed: list[TenantRecord] = []
    after = None
    while True:
        page = rig.store().page(after=after, limit=3)
        listed += page.items
        after = page.next
        if after is None:
            break
        assert len(page.items) == 3
    assert [record.id for record in listed] == ids
    assert listed[0].accounts == tuple(account.name for account in ACCOUNTS)
    assert listed[0].versions.keys() == set(SecretPart)
    assert rig.store().page(limit=7).next is None


def test_the_list_has_the_accounts_that_a_change_left(rig: StoreRig) -> None:
    made(rig, LARGE)
    change(rig, accounts=ACCOUNTS[:1])
    [record] = rig.store().page().items
    assert record.accounts == (ACCOUNTS[0].name,)


def test_a_deleted_tenant_is_listed_and_cannot_be_read_or_changed_or_made(rig: StoreRig) -> None:
    made(rig, LARGE)
    before, version = rig.store().read("acme")
    rig.store().delete("acme")
    with pytest.raises(NotFound):
        rig.store().read("acme")
    with pytest.raises((NotFound, Conflict)):
        rig.store().replace(before, replace(before, credentials=()), version)
    with pytest.raises((NotFound, Conflict)):
        rig.store().replace(before, replace(before, agents=()), version)
    with pytest.raises(Conflict):
        rig.store().create(LARGE)
    [record] = rig.store().page().items
    assert record.deleted_at == rig.clock.now


def test_a_deletion_keeps_its_time_when_it_is_made_again(rig: StoreRig) -> None:
    made(rig, LARGE)
    rig.store().delete("acme")
    first = rig.clock.now
    rig.clock.now += timedelta(days=1)
    rig.store().delete("acme")
    assert rig.store().page().items[0].deleted_at == first


def test_a_restored_tenant_is_as_it_was_with_its_numbers(rig: StoreRig) -> None:
    made(rig, LARGE)
    rig.numbers().assign("acme", DESK.id, OUR_NUMBER)
    rig.store().delete("acme")
    rig.clock.now += timedelta(days=7)
    rig.store().restore("acme")
    assert rig.store().read("acme")[0] == LARGE
    assert rig.store().page().items[0].deleted_at is None
    assert rig.numbers().find(OUR_NUMBER) == HeldNumber(OUR_NUMBER, "acme", DESK.id)
    change(rig, credentials=())


def test_after_seven_days_a_tenant_cannot_be_restored(rig: StoreRig) -> None:
    made(rig, LARGE)
    rig.store().delete("acme")
    rig.clock.now += timedelta(days=7, seconds=1)
    with pytest.raises(CommandDeclined, match="cannot be restored any more"):
        rig.store().restore("acme")


def test_what_was_not_deleted_is_neither_restored_nor_erased(rig: StoreRig) -> None:
    made(rig, LARGE)
    for act in (rig.store().restore, rig.store().purge):
        with pytest.raises(CommandDeclined, match="is not deleted"):
            act("acme")
    assert rig.store().read("acme")[0] == LARGE


def test_a_deleted_tenant_has_a_record_and_whoever_reads_it_hears_how_to_get_it_back(rig: StoreRig) -> None:
    store = rig.store()
    assert store.record("acme") is None
    made(rig, LARGE)
    assert store.record("acme") == store.page().items[0]
    store.delete("acme")
    record = store.record("acme")
    assert record
    assert record.deleted_at
    with pytest.raises(NotFound, match="was deleted; to undo that: sms tenant restore acme; to erase it"):
        store.read("acme")


def test_what_does_not_exist_is_not_found(rig: StoreRig) -> None:
    store = rig.store()
    for act in (store.read, store.delete, store.restore, store.purge):
        with pytest.raises(NotFound, match="no tenant 'acme'"):
            act("acme")


def test_an_erased_tenant_leaves_nothing_and_its_id_and_numbers_are_free(rig: StoreRig) -> None:
    made(rig, LARGE)
    made(rig, managed_tenant(id="zeta"))
    rig.numbers().assign("acme", DESK.id, OUR_NUMBER)
    rig.store().delete("acme")
    rig.store().purge("acme")
    assert [record.id for record in rig.store().page().items] == ["zeta"]
    assert rig.numbers().assign("zeta", DESK.id, OUR_NUMBER)
    made(rig, managed_tenant(agents=()))
    assert rig.store().read("acme")[0] == managed_tenant(agents=())
    assert rig.numbers().page("acme").items == []
