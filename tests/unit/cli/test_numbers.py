from shared.tenants.agent import Agent, AgentKind
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.unit.cli.command import Command

NUMBER = "+12025550188"


def test_assigns_a_number_and_lists_it() -> None:
    command = Command.on(fakes.tenant())
    assert command.json("number", "assign", "(202) 555-0188", "--agent", "desk") == {"number": NUMBER, "agent": "desk"}
    assert command.json("number", "list") == [
        {"number": OUR_NUMBER, "agent": "desk", "region": "east"},
        {"number": NUMBER, "agent": "desk", "region": "east"},
    ]


def test_releases_a_number_however_it_is_typed() -> None:
    command = Command.on(fakes.tenant())
    assert command.json("number", "release", "202 555 0199") == {"released": OUR_NUMBER}
    assert command.store.stored().agents[0].numbers == ()


def test_refuses_a_number_that_another_agent_holds() -> None:
    tenant = fakes.tenant(agents=(*fakes.tenant().agents, Agent("second", AgentKind.SMS, "east")))
    refusal = Command.on(tenant).declined("number", "assign", OUR_NUMBER, "--agent", "second")
    assert "agent 'desk' holds this number" in refusal


def test_refuses_a_number_for_a_voice_agent_and_for_nobody() -> None:
    command = Command.on(fakes.tenant(agents=(Agent("phone", AgentKind.VOICE, "east"),)))
    assert "takes no texts" in command.declined("number", "assign", NUMBER, "--agent", "phone")
    assert "no agent 'nobody'" in command.declined("number", "assign", NUMBER, "--agent", "nobody")


def test_refuses_what_is_no_number_before_it_asks_aws() -> None:
    command = Command.on(fakes.tenant())
    assert "too few digits" in command.declined("number", "assign", "12345", "--agent", "desk")
    assert "too few digits" in command.declined("number", "release", "12345")
    assert command.opened == []


def test_refuses_to_release_a_number_that_nobody_holds() -> None:
    refusal = Command.on(fakes.tenant()).declined("number", "release", NUMBER)
    assert "no agent of tenant 'acme' holds this number" in refusal
