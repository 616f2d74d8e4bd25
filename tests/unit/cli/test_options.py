"""The global options, what happens when a command fails, and what a writing command says first."""

import json
from typing import Any

import pytest
from botocore import exceptions

from cli.app import hoist
from operations.stage.names import STAGES
from shared.errors import Configuration, Unavailable
from shared.tenants import agent
from tests import fakes
from tests.unit.cli.command import Command

TAKES_VALUE = {"--stage": True, "--json": False, "-y": False}


@pytest.mark.parametrize(
    "args",
    [
        ["--stage", "south", "--json", "tenant", "list"],
        ["tenant", "list", "--stage", "south", "--json"],
        ["tenant", "--json", "list", "--stage=south"],
        ["--json", "tenant", "--stage", "south", "list"],
    ],
)
def test_global_options_work_wherever_they_stand(args: list[str]) -> None:
    command = Command.on(fakes.managed_tenant())
    result = command.run(*args)
    assert [tenant["id"] for tenant in json.loads(result.stdout)] == ["acme"]
    assert [target.stage for target in command.opened] == ["south"]


def test_the_stage_is_east_and_not_local_unless_told() -> None:
    command = Command.on(fakes.managed_tenant())
    command.run("tenant", "list")
    command.run("tenant", "list", "--local")
    assert [(target.stage, target.local) for target in command.opened] == [("east", False), ("east", True)]


def test_every_command_shows_the_global_options_in_its_help() -> None:
    for subject in (["agent", "create"], ["url"], ["twilio", "set-account"]):
        result = Command.on().run(*subject, "--help")
        assert result.exit_code == 0
        for option in ("--stage", "--local", "--tenant", "--json", "--yes"):
            assert option in result.stdout


def test_help_needs_no_aws() -> None:
    command = Command.on()
    command.run("tenant", "list", "--help")
    assert command.opened == []


def test_the_stages_of_the_command_are_those_of_agents() -> None:
    assert STAGES == agent.STAGES


@pytest.mark.parametrize(
    ("args", "own", "others"),
    [
        (["a", "--json", "b"], ["--json"], ["a", "b"]),
        (["a", "--stage", "x", "b"], ["--stage", "x"], ["a", "b"]),
        (["a", "--stage=x"], ["--stage=x"], ["a"]),
        (["a", "--stage"], [], ["a", "--stage"]),
        (["a", "--", "--json", "-y"], [], ["a", "--", "--json", "-y"]),
        (["a", "--jsonx", "-yes"], [], ["a", "--jsonx", "-yes"]),
        (["--name=--json"], [], ["--name=--json"]),
    ],
)
def test_hoists_its_own_options_and_no_others(args: list[str], own: list[str], others: list[str]) -> None:
    assert hoist(args, TAKES_VALUE) == (own, others)


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["tenant", "nonsense"],
        ["tenant", "list", "--nonsense"],
        ["tenant", "list", "--stage", "west"],
        ["tenant", "list", "--stage"],
        ["tenant", "create"],
        ["tenant", "update"],
        ["agent", "create"],
        ["agent", "create", "--name", "a", "--kind", "fax"],
        ["agent", "create", "--name", "a", "--region", "us-east-1"],
        ["agent", "update", "desk"],
        ["credential", "create", "--name", "a"],
        ["credential", "create", "--name", "a", "--role", "Owner"],
        ["number", "assign", "+12025550188"],
        ["twilio", "set-account"],
    ],
)
def test_misuse_exits_with_2_and_changes_nothing(args: list[str]) -> None:
    command = Command.on(fakes.managed_tenant())
    result = command.run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert command.store.stored() == fakes.managed_tenant()


@pytest.mark.parametrize(
    "error", [Unavailable("AWS answered nothing"), Configuration("the document of tenant 'acme' is not readable")]
)
def test_a_failure_is_one_sentence_without_a_traceback(error: Unavailable | Configuration) -> None:
    command = Command.on(fakes.managed_tenant())
    command.store.failing = error
    assert command.declined("tenant", "show") == str(error)


METADATA: Any = {"HTTPStatusCode": 503}


@pytest.mark.parametrize(
    "cause",
    [
        exceptions.ConnectTimeoutError(endpoint_url="https://x"),
        exceptions.ClientError({"Error": {"Code": "InternalServerError"}, "ResponseMetadata": METADATA}, "Query"),
    ],
    ids=["no answer", "an error of AWS"],
)
@pytest.mark.parametrize("args", [["list"], ["update", "--signature", "observe"]], ids=["read", "change"])
def test_when_aws_does_not_answer_the_home_region_is_named_and_what_works_without_it(
    cause: Exception, args: list[str]
) -> None:
    command = Command.on(fakes.managed_tenant())
    command.store.failing = Unavailable("the tenants could not be read")
    command.store.failing.__cause__ = cause
    declined = command.declined("tenant", *args, "--stage", "south")
    assert "the tenants could not be read; check the network" in declined
    assert "the home region us-east-1 does not answer" in declined
    assert "docs/tenants.md#two-regions" in declined


def test_a_failure_is_also_json_when_json_is_wanted() -> None:
    result = Command.on().run("tenant", "show", "--json", "--local")
    assert result.exit_code == 1
    sentence = "there is no tenant yet; make one with: ./sms --local setup"
    assert json.loads(result.stdout) == {"error": sentence}
    assert result.stderr == f"{sentence}\n"


def test_lists_the_tenants_when_it_cannot_know_which_one_is_meant() -> None:
    command = Command.on(fakes.managed_tenant(), fakes.managed_tenant(id="zeta"))
    assert command.declined("agent", "list") == "there are several tenants; choose one with --tenant: acme, zeta"
    assert command.json("agent", "list", "--tenant", "zeta")[0]["name"] == "desk"


def test_refuses_a_tenant_that_does_not_exist() -> None:
    assert "no tenant 'other'" in Command.on(fakes.managed_tenant()).declined("agent", "list", "--tenant", "other")


@pytest.mark.parametrize("tenant_id", ["", "ACME", "a b"])
def test_refuses_a_tenant_id_that_breaks_the_rule(tenant_id: str) -> None:
    assert "3 to 32" in Command.on(fakes.managed_tenant()).declined("agent", "list", "--tenant", tenant_id)


@pytest.mark.parametrize(
    "args",
    [
        ["tenant", "create", "beta"],
        ["tenant", "update", "--signature", "observe"],
        ["tenant", "delete", "acme", "--yes"],
        ["credential", "create", "--name", "a", "--role", "Writer"],
        ["credential", "revoke", "twilio"],
        ["agent", "create", "--name", "a"],
        ["agent", "update", "desk", "--name", "front"],
        ["agent", "update", "desk", "--backend", "echo"],
        ["agent", "delete", "desk", "-y"],
        ["number", "assign", "+12025550188", "--agent", "desk"],
        ["number", "release", fakes.OUR_NUMBER],
        ["twilio", "set-account", fakes.ACCOUNT, "--drop-token", fakes.TOKEN[-4:]],
    ],
    ids=" ".join,
)
def test_a_writing_command_says_first_what_it_will_change(args: list[str]) -> None:
    member, _ = fakes.credential()
    for options in ([], ["--json"]):
        command = Command.on(fakes.managed_tenant(member), numbers=[fakes.OUR_NUMBER])
        before = command.store.state()
        result = command.run(*args, *options, "--stage", "south")
        said = result.stderr.splitlines()[0]
        doing = "makes tenant 'beta'" if "beta" in args else "changes tenant 'acme'"
        assert said == f"This {doing} in AWS account 111122223333, region us-east-2, stage south."
        assert result.exit_code == 0, result.stderr
        assert command.store.state() != before


def test_a_writing_command_changes_nothing_when_the_account_cannot_be_told() -> None:
    command = Command.on(fakes.managed_tenant())
    command.store.failing = Unavailable("AWS does not say which account this is")
    assert "which account" in command.declined("agent", "create", "--name", "a")


@pytest.mark.parametrize(
    "args",
    [["tenant", "list"], ["tenant", "show"], ["agent", "list"], ["number", "list"], ["url"], ["provider", "list"]],
)
def test_a_reading_command_speaks_of_no_change(args: list[str]) -> None:
    result = Command.on(fakes.managed_tenant()).run(*args)
    assert result.exit_code == 0
    assert "changes" not in result.stderr
