from urllib.parse import urlsplit

import pytest

from shared.tenants import api_keys
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Role
from tests import fakes
from tests.unit.cli.command import BASE_URLS, Command
from tests.unit.operations.tenants.fakes import agent

OVERRIDES = "ct=2000&rt=5000&tt=15000&rc=2&rp=ct,rt,5xx"
EAST = "https://apikey:YOUR_API_KEY@a1.execute-api.us-east-1.amazonaws.com/east/sms.receiver/SmsRecv#" + OVERRIDES
SOUTH = "https://apikey:YOUR_API_KEY@b2.execute-api.us-east-2.amazonaws.com/south/sms.receiver/SmsRecv#" + OVERRIDES


def test_shows_the_url_of_the_agents_region_and_the_other_region_as_fallback() -> None:
    for stage in ("east", "south"):
        assert Command.on(fakes.managed_tenant()).json("url", "--stage", stage) == {
            "url": EAST,
            "fallback_url": SOUTH,
            "send_url": "https://a1.execute-api.us-east-1.amazonaws.com/east/sms.sender/SmsSend",
            "agent": "desk",
            "region": "east",
        }


def test_shows_it_for_an_agent_in_the_other_region() -> None:
    command = Command.on(fakes.managed_tenant(agents=(agent("desk", kind=AgentKind.VOICE_AND_SMS, stage="south"),)))
    shown = command.json("url", "--agent", "desk")
    assert (shown["url"], shown["fallback_url"]) == (SOUTH, EAST)


def test_shows_people_the_url_unbroken() -> None:
    result = Command.on(fakes.managed_tenant()).run("url")
    assert f" {EAST}\n" in result.stdout
    assert "YOUR_API_KEY" in result.stderr


def test_uses_a_domain_of_ones_own() -> None:
    command = Command.on(fakes.managed_tenant())
    command.base_urls["east"] = "https://sms-east.example.com/"
    expected = "https://apikey:YOUR_API_KEY@sms-east.example.com/sms.receiver/SmsRecv#" + OVERRIDES
    assert command.json("url")["url"] == expected


@pytest.mark.parametrize("terminal", [False, True], ids=["stdin", "prompt"])
def test_puts_the_key_in_as_it_is(terminal: bool) -> None:  # noqa: FBT001
    member, key = fakes.credential()
    command = Command.on(fakes.managed_tenant(member))
    command.terminal = terminal
    result = command.run("url", "--key-from-stdin", "--json", typed=f"{key}\n")
    assert result.stdout.count(f"https://apikey:{key}@") == 2
    assert key not in result.stderr
    assert "YOUR_API_KEY" not in result.output
    assert urlsplit(f"https://apikey:{key}@host/").password == key


def test_has_no_fallback_when_the_other_stage_is_not_deployed() -> None:
    command = Command.on(fakes.managed_tenant())
    command.base_urls = {"east": BASE_URLS["east"]}
    assert command.json("url")["fallback_url"] is None
    assert command.run("url").exit_code == 0


def test_declines_when_the_agents_stage_is_not_deployed() -> None:
    command = Command.on(fakes.managed_tenant())
    command.base_urls = {"south": BASE_URLS["south"]}
    assert "stage east is not deployed; run: make deploy STAGE=east" in command.declined("url")


@pytest.mark.parametrize(
    ("agents", "args", "why"),
    [
        ((), [], "no agent that takes texts"),
        ((agent("phone", kind=AgentKind.VOICE),), [], "no agent that takes texts"),
        ((agent("phone", kind=AgentKind.VOICE),), ["--agent", "phone"], "takes no texts"),
        ((agent("a"), agent("b")), [], "choose one with --agent: a, b"),
        ((agent("a"),), ["--agent", "b"], "no agent 'b'"),
    ],
)
def test_declines_when_it_cannot_know_whose_url_is_meant(agents: tuple[Agent, ...], args: list[str], why: str) -> None:
    assert why in Command.on(fakes.managed_tenant(agents=agents)).declined("url", *args)


def test_needs_no_agents_name_when_only_one_takes_texts() -> None:
    agents = (agent("phone", kind=AgentKind.VOICE), agent("desk"))
    assert Command.on(fakes.managed_tenant(agents=agents)).json("url")["agent"] == "desk"


MEMBER, KEY = fakes.credential()
REVOKED = fakes.credential(name="revoked")[1]
STRANGERS = fakes.credential(tenant_id="zeta")[1]


@pytest.mark.parametrize(
    "typed", ["", "\n", "nonsense", KEY[:-1], KEY + "x", KEY.swapcase(), REVOKED, STRANGERS, f"apikey:{KEY}"]
)
def test_declines_a_key_that_would_not_work_and_does_not_repeat_it(typed: str) -> None:
    refusal = Command.on(fakes.managed_tenant(MEMBER)).declined("url", "--key-from-stdin", typed=typed)
    assert "API key" in refusal
    assert not typed.strip() or typed.strip() not in refusal


def test_declines_the_key_of_a_reader() -> None:
    member, key = fakes.credential(Role.READER)
    refusal = Command.on(fakes.managed_tenant(member)).declined("url", "--key-from-stdin", typed=key)
    assert "texting needs Writer or Manager" in refusal
    assert key not in refusal


def test_a_key_needs_no_percent_encoding() -> None:
    assert all(character.isalnum() or character == "_" for character in KEY)
    assert api_keys.USERNAME == "apikey"
