"""Making, changing and deleting agents without a terminal: nothing is stored that the deployed stages may not use."""

from contextlib import suppress
from dataclasses import replace

import pytest

from operations.ports import CHANGED_AT_ONCE
from operations.tenants.agents import AgentChange, change_agent, create_agent, delete_agent, new_agent_id
from operations.tenants.backends import BackendChange, BackendChanges, rotate_signing_secret
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, InvalidValue, NotFound
from shared.tenants.agent import Agent, AgentKind, is_agent_id
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.unit.cli.command import Command
from tests.unit.cli.crashes import fused
from tests.unit.operations.operators import operator
from tests.unit.operations.tenants.fakes import agent

QUEUE = "arn:aws:sqs:us-east-1:111122223333:texts"
NEW = Agent(new_agent_id(), "night", AgentKind.SMS, "south")
HTTP = BackendChange(kind="http", url="https://agent.example.com/texts")


def test_an_agent_is_stored_with_its_backends_and_replies() -> None:
    rig = Command.on(fakes.managed_tenant())
    change = AgentChange(session_seconds=60, no_failure_reply=True)
    agent = create_agent(operator(rig), NEW, change, BackendChanges(HTTP))
    assert agent == rig.store.stored().agent(NEW.id)
    assert (agent.session_seconds, agent.failure_reply) == (60, None)
    assert agent.backend
    assert BackendChanges(HTTP).new_secrets(agent) == {"signing_secret": agent.backend.secrets[0]}


@pytest.mark.parametrize("place", ["first", "second"])
def test_no_agent_gets_a_backend_that_a_stage_may_not_use(place: str) -> None:
    rig = Command.on(fakes.managed_tenant())
    run = operator(rig)
    queue = BackendChange(second=place == "second", kind="queue", queue=QUEUE)
    backends = replace(BackendChanges(HTTP), **{place: queue})
    with pytest.raises(CommandDeclined, match="stage east may not use this queue"):
        create_agent(run, NEW, AgentChange(), backends)
    with pytest.raises(CommandDeclined, match="stage east may not use this queue"):
        change_agent(run, "desk", AgentChange(), backends)
    assert rig.store.written == 0


def test_what_is_not_named_stays() -> None:
    rig = Command.on(fakes.managed_tenant())
    before = rig.store.stored().agents[0]
    after = change_agent(operator(rig), "desk", AgentChange(name="front", stage="south"), BackendChanges())
    assert after == replace(before, name="front", stage="south")
    assert not AgentChange().changes_anything


def test_an_agent_that_does_not_exist_is_not_changed() -> None:
    rig = Command.on(fakes.managed_tenant())
    with pytest.raises(NotFound):
        change_agent(operator(rig), "nobody", AgentChange(kind=AgentKind.SMS), BackendChanges())
    with pytest.raises(NotFound):
        rotate_signing_secret(operator(rig), "nobody")
    assert rig.store.written == 0


def test_a_failure_reply_is_not_set_and_taken_away_at_once() -> None:
    with pytest.raises(InvalidValue):
        AgentChange(failure_reply="Sorry.", no_failure_reply=True)


def test_a_new_signing_secret_comes_first_and_is_in_no_repr() -> None:
    rig = Command.on(fakes.managed_tenant())
    run = operator(rig)
    change_agent(run, "desk", AgentChange(), BackendChanges(HTTP))
    agent, secret = rotate_signing_secret(run, "desk")
    assert agent.backend
    assert agent.backend.secrets == (secret, HTTP.secret)
    for kept in (secret, HTTP.secret):
        assert kept not in repr((agent, HTTP))


def test_every_agent_gets_an_id_of_its_own() -> None:
    ids = {new_agent_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(is_agent_id(agent_id) for agent_id in ids)


def test_an_agent_with_numbers_does_not_become_one_that_takes_no_texts() -> None:
    rig = Command.on(fakes.managed_tenant(), numbers=[OUR_NUMBER])
    with pytest.raises(CommandDeclined, match="release them first"):
        change_agent(operator(rig), "desk", AgentChange(kind=AgentKind.VOICE), BackendChanges())
    assert rig.store.written == 0
    rig.store.numbers.clear()
    assert change_agent(operator(rig), "desk", AgentChange(kind=AgentKind.VOICE), BackendChanges()).kind == "voice"


def numbers(count: int) -> list[str]:
    return [f"+1202555{last:04}" for last in range(count)]


def test_an_agent_is_deleted_with_all_its_numbers_and_nobody_elses() -> None:
    other = agent("other")
    rig = Command.on(fakes.managed_tenant(agents=(fakes.DESK, other)), numbers=numbers(2500))
    rig.store.hold("+12025559999", "other")
    run = operator(rig)
    delete_agent(run, run.editing(), "desk")
    assert rig.store.stored().agents == (other,)
    assert list(rig.store.numbers) == ["+12025559999"]
    assert [record["what"] for record in rig.audit.kept].count("number.release") == 2500


def test_deleting_an_agent_goes_on_where_it_was_interrupted() -> None:
    rig = Command.on(fakes.managed_tenant(), numbers=numbers(2 * CHANGED_AT_ONCE + 1))
    fuse = fused(rig)
    runs = 0
    while rig.store.stored().agents:
        runs, fuse.after = runs + 1, fuse.written + 1
        run = operator(rig)
        with suppress(fakes.Crash):
            delete_agent(run, run.editing(), "desk")
    assert runs == 4
    assert rig.store.numbers == {}


def test_an_agent_that_gets_a_number_meanwhile_is_not_deleted() -> None:
    rig = Command.on(fakes.managed_tenant())
    run = operator(rig)
    administration = run.editing()
    agent_named = rig.store.stored().agents[0]

    def assign(tenant: ManagedTenant) -> ManagedTenant:
        rig.store.hold(OUR_NUMBER)
        return tenant

    rig.store.interruptions.append(assign)
    with pytest.raises(CommandDeclined, match="has numbers"):
        delete_agent(run, administration, "desk")
    assert rig.store.stored().agents == (agent_named,)
    assert OUR_NUMBER in rig.store.numbers
