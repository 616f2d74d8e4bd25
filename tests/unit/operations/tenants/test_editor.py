"""Changes of a stored tenant by several operators at once, and creating tenants."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from operations.tenants import agent_edits, edits
from operations.tenants.editor import Administration
from operations.tenants.edits import Edit
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import Conflict, InvalidValue, NotFound, Unavailable
from shared.tenants.tenant import Role, SignatureMode
from tests import fakes
from tests.unit.operations.tenants.fakes import FakeTenantStore, agent, declining


def add(name: str) -> Edit:
    """Adds a credential."""
    return edits.add_credential(fakes.credential(name=name)[0])


class Operator:
    """An Administration that records its pauses and the changes that it reports."""

    def __init__(self, store: FakeTenantStore) -> None:
        self.pauses: list[float] = []
        self.warnings: list[str] = []
        self.heard: list[tuple[ManagedTenant | None, ManagedTenant]] = []
        self.administration = Administration(
            store,
            sleep=self.pauses.append,
            changed=lambda before, after: self.heard.append((before, after)),
            warn=self.warnings.append,
        )

    def change(self, edit: Edit) -> ManagedTenant:
        return self.administration.change("acme", edit)


class TestChange:
    def test_stores_the_result_of_the_edit(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        changed = Operator(store).change(agent_edits.add_agent(agent("second")))
        assert store.stored() == changed
        assert [a.name for a in changed.agents] == ["desk", "second"]

    def test_keeps_what_somebody_else_changed_between_reading_and_writing(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        store.interruptions = [add("theirs")]
        operator = Operator(store)
        operator.change(add("ours"))
        assert [credential.name for credential in store.stored().credentials] == ["theirs", "ours"]
        assert len(operator.pauses) == 1

    def test_does_not_meet_what_somebody_else_changes_elsewhere(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        store.interruptions = [add("theirs")]
        operator = Operator(store)
        operator.change(agent_edits.add_agent(agent("ours")))
        assert [each.name for each in store.stored().agents] == ["desk", "ours"]
        assert [credential.name for credential in store.stored().credentials] == ["theirs"]
        assert operator.pauses == []

    def test_applies_the_edit_again_to_what_somebody_else_wrote(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        store.interruptions = [agent_edits.add_agent(replace(agent("night"), id="theirs00"))]
        with pytest.raises(InvalidValue, match="agent 'night' exists already"):
            Operator(store).change(agent_edits.add_agent(agent("night")))
        assert [each.id for each in store.stored().agents] == [fakes.DESK.id, "theirs00"]

    def test_gives_up_with_a_conflict_when_others_keep_changing_the_tenant(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        store.interruptions = [add(f"theirs-{n}") for n in range(100)]
        operator = Operator(store)
        with pytest.raises(Conflict, match="by others all the time"):
            operator.change(add("ours"))
        assert store.written == len(operator.pauses) == 10
        assert "ours" not in [credential.name for credential in store.stored().credentials]

    def test_pauses_between_tries_but_never_for_long(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        store.interruptions = [add(f"theirs-{n}") for n in range(100)]
        operator = Operator(store)
        with pytest.raises(Conflict):
            operator.change(add("ours"))
        assert all(0 <= pause <= 2 for pause in operator.pauses)
        assert len(set(operator.pauses)) > 1

    def test_recognises_its_own_change_when_the_answer_was_lost(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        store.loses_answers = True
        changed = Operator(store).change(agent_edits.add_agent(agent("second")))
        assert store.stored() == changed
        assert store.written == 1

    def test_writes_no_version_when_nothing_changes(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        Operator(store).change(edits.update(signature_mode=SignatureMode.ENFORCE))
        assert store.written == 0

    def test_does_not_write_what_was_declined(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        with pytest.raises(Conflict, match="exists already"):
            Operator(store).administration.create("acme")
        with pytest.raises(NotFound):
            Operator(store).change(agent_edits.delete_agent("nobody"))
        assert store.written == 0

    def test_does_not_retry_when_the_store_is_unavailable(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        store.failing = Unavailable("no answer")
        operator = Operator(store)
        with pytest.raises(Unavailable):
            operator.change(agent_edits.add_agent(agent("second")))
        assert operator.pauses == []

    def test_refuses_to_change_a_tenant_that_does_not_exist(self) -> None:
        with pytest.raises(NotFound):
            Operator(FakeTenantStore()).change(agent_edits.add_agent(agent("second")))

    def test_loses_no_change_of_operators_who_all_start_from_the_same_version(self) -> None:
        operators = 10  # as many as there are tries: each conflict is another one's success
        together = threading.Barrier(operators)
        first_reads = threading.local()
        store = FakeTenantStore.of(fakes.managed_tenant())

        def wait_once() -> None:
            if not getattr(first_reads, "done", False):
                first_reads.done = True
                together.wait(timeout=60)

        store.after_read = wait_once

        def work(n: int) -> None:
            Administration(store, sleep=lambda _: None).change("acme", add(f"key-{n}"))

        with ThreadPoolExecutor(operators) as pool:
            list(pool.map(work, range(operators)))
        assert {credential.name for credential in store.stored().credentials} == {f"key-{n}" for n in range(operators)}
        assert store.written > operators, "they met no conflict, so the test showed nothing"


class TestTelling:
    def test_reports_the_tenant_before_and_after_our_change(self) -> None:
        store = FakeTenantStore.of(before := fakes.managed_tenant())
        theirs = add("theirs")
        store.interruptions = [theirs]
        operator = Operator(store)
        after = operator.change(add("ours"))
        assert operator.heard == [(theirs(before), after)]  # they report their own change

    def test_reports_a_change_whose_answer_was_lost(self) -> None:
        store = FakeTenantStore.of(before := fakes.managed_tenant())
        store.loses_answers = True
        operator = Operator(store)
        after = operator.change(agent_edits.add_agent(agent("ours")))
        assert operator.heard == [(before, after)]

    def test_reports_a_tenant_that_was_created(self) -> None:
        operator = Operator(FakeTenantStore())
        tenant = operator.administration.create("acme")
        assert operator.heard == [(None, tenant)]

    def test_passes_on_what_the_store_warns_of(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        store.warnings = ["The access secret has 80 versions of the last 24 hours."]
        operator = Operator(store)
        operator.change(add("ours"))
        assert operator.warnings == store.warnings
        assert len(operator.heard) == 1

    def test_reports_nothing_when_nothing_was_changed(self) -> None:
        store = FakeTenantStore.of(fakes.managed_tenant())
        operator = Operator(store)
        operator.change(lambda tenant: tenant)
        with pytest.raises(NotFound):
            operator.change(agent_edits.delete_agent("nobody"))
        with pytest.raises(Conflict):
            operator.administration.create("acme")
        store.failing = Unavailable("no answer")
        with pytest.raises(Unavailable):
            operator.change(add("ours"))
        assert operator.heard == []


class TestTenant:
    def test_gives_each_tenant_its_own_salt(self) -> None:
        store = FakeTenantStore()
        salts = {Operator(store).administration.create(name).salt for name in ("one", "two")}
        assert len(salts) == 2

    def test_makes_a_tenant_with_all_its_edits_in_one_step(self) -> None:
        store = FakeTenantStore()
        changes = [agent_edits.add_agent(agent("desk")), edits.update(roles_active=[Role.WRITER])]
        tenant = Operator(store).administration.create("acme", edits=changes)
        assert store.stored() == tenant
        assert (tenant.roles_active, tenant.agents) == ((Role.WRITER,), (agent("desk"),))

    def test_stores_no_tenant_when_one_of_its_edits_is_declined(self) -> None:
        store = FakeTenantStore()
        with pytest.raises(NotFound):
            Operator(store).administration.create("acme", edits=[agent_edits.delete_agent("x")])
        assert store.tenants == {}

    @pytest.mark.parametrize("tenant_id", ["", "ab", "Acme", "a-b-c", "a" * 33, "acme\n", "ácme"])
    def test_refuses_an_id_that_breaks_the_rule(self, tenant_id: str) -> None:
        with pytest.raises(InvalidValue, match="3 to 32 lower-case letters and digits"):
            Operator(FakeTenantStore()).administration.create(tenant_id)

    def test_refuses_to_make_a_tenant_twice(self) -> None:
        with pytest.raises(Conflict):
            Operator(FakeTenantStore.of(fakes.managed_tenant())).administration.create("acme")

    def test_updates_only_the_arguments(self) -> None:
        before = fakes.managed_tenant()
        after = edits.update(signature_mode=SignatureMode.OBSERVE)(before)
        assert (after.signature_mode, after.roles_active) == (SignatureMode.OBSERVE, before.roles_active)
        after = edits.update(roles_active=[Role.WRITER, Role.WRITER])(before)
        assert (after.signature_mode, after.roles_active) == (SignatureMode.ENFORCE, (Role.WRITER,))

    def test_refuses_to_leave_no_role_active(self) -> None:
        assert "at least one must be active" in str(declining(edits.update(roles_active=[])))

    def test_refuses_to_deactivate_a_role_that_a_credential_has(self) -> None:
        member, _ = fakes.credential(Role.MANAGER, name="boss")
        refusal = declining(edits.update(roles_active=[Role.WRITER]), fakes.managed_tenant(member))
        assert "'boss'" in str(refusal)
