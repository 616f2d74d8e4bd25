"""`sms agent clone` and `sms agent list --search`."""

from dataclasses import fields, replace

import pytest

from operations.tenants.agent_edits import agent_named
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from tests.fakes import OUR_NUMBER, managed_tenant
from tests.unit.cli.command import Command

SECRET, SECOND_SECRET = "whsec_" + "A" * 48, "whsec_" + "B" * 48
SIGNED = BackendSettings(
    "http",
    "https://desk.example.com/texts?token=hidden",
    signed=True,
    secrets=(SECRET,),
    timeout_seconds=7,
    statuses=True,
)
FRONT = Agent(
    "Front001",
    "front",
    AgentKind.VOICE_AND_SMS,
    "south",
    SIGNED,
    replace(SIGNED, target="https://spare.example.org/", secrets=(SECOND_SECRET, SECRET)),
    session_seconds=60,
    failure_reply="Sorry.",
    answer_within_seconds=0,
)
ENGINE = Agent(
    "Engine01",
    "engine",
    AgentKind.SMS,
    "east",
    BackendSettings(
        "soe", "https://soe.example.net/SOE/hidden?token=hidden", signed=True, secrets=("w",), user="gateway"
    ),
)
QUEUE = Agent(
    "Queue001", "Queue", AgentKind.SMS, "east", BackendSettings("queue", "arn:aws:sqs:us-east-1:111122223333:orders")
)


def command() -> Command:
    run = Command.on(managed_tenant(agents=(FRONT, QUEUE)))
    run.store.hold(OUR_NUMBER, "front", description="Köln")
    return run


def test_a_clone_has_all_settings_and_other_secrets_which_are_shown_once() -> None:
    run = command()
    shown = run.json("agent", "clone", "front", "rear")
    clone = agent_named(run.store.stored(), "rear")
    assert shown["name"] == "rear"
    assert clone.id not in {FRONT.id, QUEUE.id}
    assert clone.backend
    assert clone.second_backend
    assert clone.backend.secrets == (shown["signing_secret"],)
    assert clone.second_backend.secrets == (shown["second_signing_secret"],)
    assert not {*clone.backend.secrets, *clone.second_backend.secrets} & {SECRET, SECOND_SECRET}
    assert len({*clone.backend.secrets, *clone.second_backend.secrets}) == 2
    for each in fields(Agent):
        if each.name not in {"id", "name", "backend", "second_backend"}:
            assert getattr(clone, each.name) == getattr(FRONT, each.name), each.name
    assert replace(clone.backend, secrets=()) == replace(SIGNED, secrets=())
    assert {FRONT, QUEUE} < set(run.store.stored().agents)
    assert "signing_secret" not in run.json("agent", "show", "rear")


def test_a_clone_has_no_numbers_and_the_operator_hears_how_it_gets_some() -> None:
    run = command()
    result = run.run("agent", "clone", "front", "my rear")
    assert result.exit_code == 0
    assert run.store.numbers_of("my rear") == []
    assert run.store.numbers_of("front") == [OUR_NUMBER]
    assert "number assign --agent 'my rear'" in result.stderr
    assert SECRET not in result.output


def test_a_clone_has_the_same_password_because_its_engine_is_the_same() -> None:
    engine = BackendSettings(
        "soe", "https://engine.example.com/", signed=True, secrets=("open sesame",), user="gateway"
    )
    run = Command.on(managed_tenant(agents=(replace(FRONT, backend=engine, second_backend=None),)))
    result = run.run("agent", "clone", "front", "rear")
    assert agent_named(run.store.stored(), "rear").backend == engine
    assert "open sesame" not in result.output


def test_a_clone_whose_backend_is_not_signed_has_no_secret() -> None:
    run = command()
    shown = run.json("agent", "clone", "Queue", "other")
    assert not {name for name in shown if "secret" in name}
    assert agent_named(run.store.stored(), "other").backend == QUEUE.backend


@pytest.mark.parametrize(
    ("name", "new", "why"),
    [
        ("nobody", "rear", "no agent 'nobody'"),
        ("front", "Queue", "'Queue'"),
        ("front", "front", "'front'"),
        ("front", "", "1 to 64 printable characters"),
        ("front", "x" * 65, "1 to 64 printable characters"),
    ],
)
def test_refuses_a_clone_of_nobody_and_a_name_that_is_taken(name: str, new: str, why: str) -> None:
    run = command()
    assert why in run.declined("agent", "clone", name, new)
    assert set(run.store.stored().agents) == {FRONT, QUEUE}
    assert run.audit.kept == []


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("fro", ["front"]),
        ("QUEUE", ["Queue"]),
        ("desk.example.com", ["front"]),
        ("spare", ["front"]),
        ("orders", ["Queue"]),
        ("köln", ["front"]),
        ("(202) 555", ["front"]),
        ("soe.example.net", ["engine"]),
        ("e", ["engine", "front", "Queue"]),
        ("hidden", []),
        ("texts", []),
        ("whsec_", []),
        ("nowhere", []),
    ],
)
def test_agents_are_found_by_name_host_number_and_description_and_not_by_what_may_be_secret(
    search: str, names: list[str]
) -> None:
    run = Command.on(managed_tenant(agents=(FRONT, QUEUE, ENGINE)))
    run.store.hold(OUR_NUMBER, "front", description="Köln")
    assert [agent["name"] for agent in run.json("agent", "list", "--search", search)] == names


def test_agents_are_listed_by_name_some_of_them_and_those_behind() -> None:
    run = command()

    def listed(*options: str) -> list[str]:
        return [agent["name"] for agent in run.json("agent", "list", *options)]

    assert listed() == ["front", "Queue"]
    assert listed("--limit", "1") == ["front"]
    assert listed("--after", "front") == ["Queue"]
    assert listed("--after", "g") == ["Queue"]
    assert listed("--after", "Queue") == []
    assert "There is no such agent." in run.run("agent", "list", "--search", "nowhere").stderr
