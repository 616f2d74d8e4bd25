"""Making and changing agents without a terminal: nothing is stored that the deployed stages may not use."""

from dataclasses import replace

import pytest

from operations.tenants.agents import AgentChange, change_agent, create_agent
from operations.tenants.backends import BackendChange, BackendChanges, rotate_signing_secret
from shared.errors import CommandDeclined, InvalidValue, NotFound
from shared.tenants.agent import Agent, AgentKind
from tests import fakes
from tests.unit.cli.command import Command
from tests.unit.operations.operators import operator

QUEUE = "arn:aws:sqs:us-east-1:111122223333:texts"
NEW = Agent("night", AgentKind.SMS, "south")
HTTP = BackendChange(kind="http", url="https://agent.example.com/texts")


def test_an_agent_is_stored_with_its_backends_and_replies() -> None:
    rig = Command.on(fakes.tenant())
    change = AgentChange(session_seconds=60, no_failure_reply=True)
    agent = create_agent(operator(rig), NEW, change, BackendChanges(HTTP))
    assert agent == rig.store.stored().agents[-1]
    assert (agent.session_seconds, agent.failure_reply) == (60, None)
    assert agent.backend
    assert BackendChanges(HTTP).new_secrets(agent) == {"signing_secret": agent.backend.secrets[0]}


@pytest.mark.parametrize("place", ["first", "second"])
def test_no_agent_gets_a_backend_that_a_stage_may_not_use(place: str) -> None:
    rig = Command.on(fakes.tenant())
    run = operator(rig)
    queue = BackendChange(second=place == "second", kind="queue", queue=QUEUE)
    backends = replace(BackendChanges(HTTP), **{place: queue})
    with pytest.raises(CommandDeclined, match="stage east may not use this queue"):
        create_agent(run, NEW, AgentChange(), backends)
    with pytest.raises(CommandDeclined, match="stage east may not use this queue"):
        change_agent(run, "desk", AgentChange(), backends)
    assert rig.store.written == 0


def test_what_is_not_named_stays() -> None:
    rig = Command.on(fakes.tenant())
    before = rig.store.stored().agents[0]
    after = change_agent(operator(rig), "desk", AgentChange(name="front", stage="south"), BackendChanges())
    assert after == replace(before, name="front", stage="south")
    assert not AgentChange().changes_anything


def test_an_agent_that_does_not_exist_is_not_changed() -> None:
    rig = Command.on(fakes.tenant())
    with pytest.raises(NotFound):
        change_agent(operator(rig), "nobody", AgentChange(kind=AgentKind.SMS), BackendChanges())
    with pytest.raises(NotFound):
        rotate_signing_secret(operator(rig), "nobody")
    assert rig.store.written == 0


def test_a_failure_reply_is_not_set_and_taken_away_at_once() -> None:
    with pytest.raises(InvalidValue):
        AgentChange(failure_reply="Sorry.", no_failure_reply=True)


def test_a_new_signing_secret_comes_first_and_is_in_no_repr() -> None:
    rig = Command.on(fakes.tenant())
    run = operator(rig)
    change_agent(run, "desk", AgentChange(), BackendChanges(HTTP))
    agent, secret = rotate_signing_secret(run, "desk")
    assert agent.backend
    assert agent.backend.secrets == (secret, HTTP.secret)
    for kept in (secret, HTTP.secret):
        assert kept not in repr((agent, HTTP))
