"""An agent whose backend asks for a user and a password: how they are given, and that they are never shown."""

import json
from dataclasses import replace

import pytest

from operations.tenants import agent_edits
from shared.tenants.agent import BackendSettings
from tests.unit.cli.command import Command
from tests.unit.cli.test_backends import HTTP, answered, desk

URL = "https://iva-soesample.myorg.net/SOE/myWorkspace"
OPEN = BackendSettings("soe", URL)
CLOSED = BackendSettings("soe", URL, signed=True, secrets=("open sesame",), user="gateway")
ASSISTANT = BackendSettings(
    "watson",
    "https://api.us-south.assistant.watson.cloud.ibm.com/instances/6bbda3b3/v2/assistants/64a4fda6",
    signed=True,
    secrets=("0pen-sesame",),
    user="apikey",
)
WITH_USER = ("--backend", "soe", "--backend-url", URL, "--backend-user", "gateway")


def test_makes_an_agent_with_an_engine_that_asks_for_nothing() -> None:
    command = answered()
    shown = command.json("agent", "create", "--name", "one", "--backend", "soe", "--backend-url", URL)
    assert agent_edits.agent_named(command.store.stored(), "one").backend == OPEN
    assert (shown["backend"], shown["backend_target"]) == ("soe", URL)
    assert not {"signing_secret", "backend_user", "backend_secrets_last_four"} & shown.keys()


@pytest.mark.parametrize("verb", [["create", "--name", "one"], ["update", "one"]])
def test_reads_the_password_from_standard_input_and_shows_only_the_user(verb: list[str]) -> None:
    command = answered()
    if verb[0] == "update":
        command.json("agent", "create", "--name", "one", "--backend", "echo")
    result = command.run("agent", *verb, *WITH_USER, "--json", typed="open sesame\n")
    assert result.exit_code == 0, result.stderr
    assert agent_edits.agent_named(command.store.stored(), "one").backend == CLOSED
    shown = json.loads(result.stdout)
    assert shown["backend_user"] == "gateway"
    assert not {"signing_secret", "backend_secrets_last_four"} & shown.keys()
    for said in (result.output, json.dumps(command.audit.kept), command.run("agent", "show", "one").output):
        assert "sesame" not in said


def test_asks_for_it_on_a_terminal() -> None:
    command = answered()
    command.terminal = True
    result = command.run("agent", "create", "--name", "one", *WITH_USER, typed="open sesame\n")
    assert result.exit_code == 0, result.output
    assert "password of 'gateway' at the backend (not shown)" in result.output
    assert agent_edits.agent_named(command.store.stored(), "one").backend == CLOSED


def test_keeps_the_password_when_something_else_changes() -> None:
    command = answered(CLOSED)
    command.json("agent", "update", "desk", "--backend-url", URL + "/2", "--backend-timeout", "5")
    assert desk(command).backend == replace(CLOSED, target=URL + "/2", timeout_seconds=5)


def test_another_password_takes_the_place_of_the_first() -> None:
    command = answered(CLOSED)
    command.json("agent", "update", "desk", "--backend-user", "gateway", typed="shibboleth\n")
    assert desk(command).backend == replace(CLOSED, secrets=("shibboleth",))
    assert [(line["what"], line["fields"]) for line in command.audit.kept] == [
        ("backend.update", ["secret_added", "secret_dropped"])
    ]


def test_an_empty_user_takes_user_and_password_away() -> None:
    command = answered(CLOSED)
    command.json("agent", "update", "desk", "--backend-user", "")
    assert desk(command).backend == OPEN


def test_asks_for_both_backends_in_turn() -> None:
    command = answered()
    second = ("--second-backend", "soe", "--second-backend-url", URL, "--second-backend-user", "other")
    command.json("agent", "update", "desk", *WITH_USER, *second, typed="open sesame\nshibboleth\n")
    assert desk(command).backend == CLOSED
    assert desk(command).second_backend == replace(CLOSED, user="other", secrets=("shibboleth",))


def test_an_assistant_has_its_api_key_as_the_password_of_apikey() -> None:
    command = answered()
    options = ("--backend", "watson", "--backend-url", ASSISTANT.target)
    shown = command.json("agent", "update", "desk", *options, typed="0pen-sesame\n")
    assert desk(command).backend == ASSISTANT
    assert (shown["backend"], shown["backend_user"]) == ("watson", "apikey")
    assert "sesame" not in str(shown)
    command.json("agent", "update", "desk", "--backend-timeout", "5")
    assert desk(command).backend == replace(ASSISTANT, timeout_seconds=5)
    command.json("agent", "update", "desk", "--backend", "watson", typed="shibboleth\n")
    assert desk(command).backend == replace(ASSISTANT, timeout_seconds=5, secrets=("shibboleth",))


def test_asks_for_the_api_key_on_a_terminal() -> None:
    command = answered()
    command.terminal = True
    options = ("--second-backend", "watson", "--second-backend-url", ASSISTANT.target)
    result = command.run("agent", "update", "desk", *options, typed="0pen-sesame\n")
    assert result.exit_code == 0, result.output
    assert "API key of the second assistant (not shown)" in result.output
    assert desk(command).second_backend == ASSISTANT


def test_another_kind_begins_without_them() -> None:
    command = answered(CLOSED)
    command.json("agent", "update", "desk", "--backend", "echo")
    assert desk(command).backend == BackendSettings("echo")
    command = answered(HTTP)
    command.json("agent", "update", "desk", "--backend", "soe", "--backend-url", URL)
    assert desk(command).backend == OPEN


@pytest.mark.parametrize(
    ("options", "typed", "why"),
    [
        ([*WITH_USER], "", "the password of 'gateway' at the backend"),
        ([*WITH_USER], "open\nsesame\n", "nothing but the password"),
        ([*WITH_USER], "s" * 257 + "\n", "1 to 256 printable characters"),
        ([*WITH_USER], "open\tsesame\n", "1 to 256 printable characters"),
        ([*WITH_USER], "whsec_sesame\n", "1 to 256 printable characters"),
        ([*WITH_USER[:-1], "gate:way"], "open sesame\n", "no colon"),
        ([*WITH_USER[:-1], "g" * 65], "open sesame\n", "1 to 64"),
        (["--backend-user", "gateway"], "open sesame\n", "--backend-user does not apply to a backend of kind http"),
        (["--backend", "watson", "--backend-url", ASSISTANT.target], "", "the API key of the assistant"),
        (["--backend", "watson", "--backend-url", URL], "0pen-sesame\n", "v2/assistants"),
        (["--backend", "watson", "--backend-url", ASSISTANT.target, "--backend-user", "me"], "a\n", "-user does not"),
        (["--backend", "soe"], "", "https://"),
        (["--backend", "soe", "--backend-url", "https://gateway:sesame@engine.example.com/"], "", "must not contain"),
        (["--backend", "soe", "--backend-url", URL, "--statuses"], "", "statuses"),
    ],
)
def test_declines_what_cannot_work_and_repeats_no_password(options: list[str], typed: str, why: str) -> None:
    command = answered(HTTP)
    refusal = command.declined("agent", "update", "desk", *options, typed=typed)
    assert why in refusal
    assert "sesame" not in refusal
    assert desk(command).backend == HTTP


def test_a_password_is_no_signing_secret_to_rotate() -> None:
    command = answered(CLOSED)
    for verb in (["rotate-secret", "desk"], ["drop-secret", "desk", "same"]):
        assert "no backend whose requests are signed" in command.declined("backend", *verb)
    assert desk(command).backend == CLOSED


def test_the_directory_has_the_user_and_not_the_password() -> None:
    command = Command.on(answered(CLOSED).store.stored())
    assert "sesame" not in repr(command.store.stored())
    assert desk(command).backend == CLOSED
