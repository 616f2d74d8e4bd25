import json
from dataclasses import replace

import pytest

from shared.tenants.agent import FAILURE_REPLY, Agent, AgentKind
from shared.tenants.connection import Connection, Webhooks
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.unit.cli.command import Command


def test_creates_an_agent_for_texts_in_the_region_of_the_stage_unless_told_otherwise() -> None:
    command = Command.on(fakes.managed_tenant())
    command.json("agent", "create", "--name", "one", "--stage", "south")
    command.json("agent", "create", "--name", "two", "--kind", "voice+sms", "--region", "south")
    _, one, two = command.store.stored().agents
    assert one == Agent(one.id, "one", AgentKind.SMS, "south")
    assert two == Agent(two.id, "two", AgentKind.VOICE_AND_SMS, "south")
    assert one.id != two.id


def test_shows_an_agent() -> None:
    assert Command.on(fakes.managed_tenant()).json("agent", "show", "desk") == {
        "name": "desk",
        "kind": "sms",
        "region": "east",
        "takes_texts": True,
        "backend": None,
        "second_backend": None,
        "session_seconds": 3600,
        "failure_reply": FAILURE_REPLY,
        "answer_within_seconds": 300,
        "initiates_from_inbound": True,
        "timeout_notice": None,
        "journal": None,
        "journal_with_text": None,
        "id": fakes.DESK.id,
    }


def test_changes_the_manners_and_leaves_what_is_not_named() -> None:
    command = Command.on(fakes.managed_tenant())
    command.json("agent", "update", "desk", "--session-timeout", "60", "--failure-reply", "Sorry.")
    shown = command.json("agent", "update", "desk", "--name", "front")
    assert (shown["name"], shown["session_seconds"], shown["failure_reply"]) == ("front", 60, "Sorry.")
    assert command.json("agent", "update", "front", "--no-failure-reply")["failure_reply"] is None


@pytest.mark.parametrize(("stretch", "seconds"), [("90s", 90), ("5m", 300), ("12h", 43200), ("0s", 0)])
def test_sets_how_long_a_later_answer_may_take(stretch: str, seconds: float) -> None:
    command = Command.on(fakes.managed_tenant())
    assert command.json("agent", "update", "desk", "--answer-within", stretch)["answer_within_seconds"] == seconds
    created = command.json("agent", "create", "--name", "one", "--answer-within", stretch)
    assert created["answer_within_seconds"] == seconds


def test_sets_how_sessions_begin_and_what_a_person_hears_of_their_end() -> None:
    command = Command.on(fakes.managed_tenant())
    shown = command.json("agent", "update", "desk", "--no-initiate-from-inbound", "--notify-on-timeout", "Goodbye.")
    assert (shown["initiates_from_inbound"], shown["timeout_notice"]) == (False, "Goodbye.")
    shown = command.json("agent", "update", "desk", "--session-timeout", "60")
    assert (shown["initiates_from_inbound"], shown["timeout_notice"]) == (False, "Goodbye.")
    shown = command.json("agent", "update", "desk", "--initiate-from-inbound", "--no-notify-on-timeout")
    assert (shown["initiates_from_inbound"], shown["timeout_notice"]) == (True, None)
    created = command.json(
        "agent", "create", "--name", "b", "--no-initiate-from-inbound", "--notify-on-timeout", "Bye."
    )
    assert (created["initiates_from_inbound"], created["timeout_notice"]) == (False, "Bye.")


@pytest.mark.parametrize(
    "both",
    [
        ("--initiate-from-inbound", "--no-initiate-from-inbound"),
        ("--notify-on-timeout", "Bye.", "--no-notify-on-timeout"),
    ],
)
def test_refuses_to_switch_a_session_setting_on_and_off_at_once(both: tuple[str, ...]) -> None:
    for verb in (["create", "--name", "one"], ["update", "desk"]):
        command = Command.on(fakes.managed_tenant())
        assert command.run("agent", *verb, *both).exit_code == 2
        assert command.store.stored() == fakes.managed_tenant()


@pytest.mark.parametrize("notice", ["", "  ", "x" * 1025])
def test_declines_a_notice_that_nobody_can_be_sent(notice: str) -> None:
    command = Command.on(fakes.managed_tenant())
    assert "for the notice of a time-out" in command.declined("agent", "update", "desk", "--notify-on-timeout", notice)


def test_refuses_to_set_the_failure_reply_and_switch_it_off_at_once() -> None:
    for verb in (["create", "--name", "one"], ["update", "desk"]):
        command = Command.on(fakes.managed_tenant())
        assert command.run("agent", *verb, "--failure-reply", "Sorry.", "--no-failure-reply").exit_code == 2
        assert command.store.stored() == fakes.managed_tenant()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--session-timeout", "0"], "a session must last more than 0"),
        (["--session-timeout", "604801"], "no more than 604800 seconds"),
        (["--answer-within", "43201s"], "no more than 43200 seconds"),
        (["--answer-within", "13h"], "no more than 43200 seconds"),
        (["--answer-within", "soon"], "a stretch of time is a number and a unit"),
        (["--answer-within", "-5m"], "a stretch of time is a number and a unit"),
        (["--failure-reply", ""], "1 to 1024 characters"),
        (["--failure-reply", "x" * 1025], "1 to 1024 characters"),
    ],
)
def test_refuses_manners_that_break_a_rule(options: list[str], why: str) -> None:
    command = Command.on(fakes.managed_tenant())
    assert why in command.declined("agent", "create", "--name", "one", *options)
    assert why in command.declined("agent", "update", "desk", *options)
    assert command.store.stored() == fakes.managed_tenant()


def test_lists_agents_for_people_with_whether_they_take_texts() -> None:
    tenant = fakes.managed_tenant(agents=(Agent("Voice001", "[red]", AgentKind.VOICE, "east"),))
    row = Command.on(tenant).run("agent", "list").stdout.splitlines()[3]
    assert row.split() == ["[red]", "voice", "east", "no"]


def test_says_that_the_providers_url_is_old_when_an_agent_with_numbers_moves() -> None:
    command = Command.on(fakes.managed_tenant(), numbers=[OUR_NUMBER])
    assert "./sms --tenant acme url" in command.run("agent", "update", "desk", "--region", "south").stderr
    assert "./sms --tenant acme url" not in command.run("agent", "update", "desk", "--name", "front").stderr
    assert command.store.stored().agents == (Agent(fakes.DESK.id, "front", AgentKind.SMS, "south"),)
    assert command.store.numbers_of("front") == [OUR_NUMBER]
    command.store.numbers.clear()
    assert "./sms --tenant acme url" not in command.run("agent", "update", "front", "--region", "east").stderr


def test_tells_how_many_numbers_go_with_an_agent() -> None:
    command = Command.on(fakes.managed_tenant(), numbers=[f"+1202555{last:04}" for last in range(2001)])
    command.terminal = True
    assert "release its numbers (2001)?" in command.run("agent", "delete", "desk", typed="n\n").stderr
    assert len(command.store.numbers) == 2001


@pytest.mark.parametrize("name", ["", " desk ", "x" * 65, "two\nlines"])
def test_refuses_a_name_that_breaks_the_rule(name: str) -> None:
    command = Command.on(fakes.managed_tenant())
    assert "1 to 64" in command.declined("agent", "create", "--name", name)
    assert "1 to 64" in command.declined("agent", "update", "desk", "--name", name)


def test_takes_a_name_of_64_characters() -> None:
    assert Command.on(fakes.managed_tenant()).json("agent", "create", "--name", "x" * 64)["name"] == "x" * 64


def test_refuses_a_name_that_is_taken() -> None:
    assert "'desk' exists already" in Command.on(fakes.managed_tenant()).declined("agent", "create", "--name", "desk")


def test_refuses_to_make_an_agent_with_numbers_one_for_voice() -> None:
    command = Command.on(fakes.managed_tenant(), numbers=[OUR_NUMBER])
    refusal = command.declined("agent", "update", "desk", "--kind", "voice")
    assert "release them first" in refusal
    assert OUR_NUMBER not in refusal


@pytest.mark.parametrize("args", [["show"], ["update", "--kind", "sms"], ["delete", "-y"]], ids=" ".join)
def test_refuses_an_agent_that_does_not_exist(args: list[str]) -> None:
    verb, *options = args
    assert "no agent 'nobody'" in Command.on(fakes.managed_tenant()).declined("agent", verb, "nobody", *options)


def with_keys() -> Command:
    """An agent with two keys of its own, one of which a number is connected with; and a program's key."""
    names = ("agent desk", "idle")
    connected, idle = (replace(fakes.credential(name=name)[0], agent_id=fakes.DESK.id) for name in names)
    command = Command.on(fakes.managed_tenant(fakes.credential()[0], connected, idle), numbers=[OUR_NUMBER])
    connection = Connection(OUR_NUMBER, "PN1", fakes.ACCOUNT, connected.id, Webhooks())
    command.directory.put_connection("acme", connection, instead_of=None)
    return command


def test_the_keys_that_only_a_deleted_agents_numbers_had_go_with_it_unless_a_number_is_connected() -> None:
    command = with_keys()
    result = command.run("agent", "delete", "desk", "--yes", "--json")
    assert json.loads(result.stdout) == {"deleted": "desk", "revoked": ["idle"], "connected": {"agent desk": 1}}
    assert [credential.name for credential in command.store.stored().credentials] == ["twilio", "agent desk"]
    assert "parked as no_agent" in result.stderr
    assert "./sms --tenant acme credential revoke 'agent desk'" in result.stderr
    assert {"agent.delete", "credential.revoke"} <= {record["what"] for record in command.audit.kept}


def test_says_nothing_of_keys_when_a_deleted_agent_had_none() -> None:
    command = Command.on(fakes.managed_tenant(fakes.credential()[0]))
    result = command.run("agent", "delete", "desk", "--yes", "--json")
    assert json.loads(result.stdout) == {"deleted": "desk", "revoked": [], "connected": {}}
    assert [credential.name for credential in command.store.stored().credentials] == ["twilio"]
