"""Whose tenant a command works on: what only looks may guess the only one that AWS lists; what changes it may not."""

import json
import re
from pathlib import Path

import pytest

from shared.errors import Unavailable
from tests import fakes
from tests.fakes import ACCOUNT, OUR_NUMBER, TOKEN
from tests.unit.cli.command import Command
from tests.unit.cli.test_audit import CHANGING, READING, prepared

ROOT = Path(__file__).parents[3]
NAMES_ITS_OWN = {"setup", "tenant create", "tenant delete"}
OF_ALL_TENANTS = {"parked redrive"}
UNCERTAIN = sorted(CHANGING.keys() - NAMES_ITS_OWN - OF_ALL_TENANTS)


def unnamed() -> Command:
    """A tenant on which every command finds something to change, and which no command names."""
    command = prepared()
    command.tenant = None
    return command


def called_with(called: str) -> tuple[list[str], str]:
    options, typed, _ = CHANGING[called]
    options = [option for option in options if option != "acme"]  # `tenant update` takes it as an argument, too
    return [*called.split(), *options, "--yes"], typed + "\n"


def everything(command: Command) -> object:
    """All that a command could change."""
    return (
        dict(command.store.documents),
        dict(command.parking.kept),
        dict(command.dead),
        [list(queue.sent) for queue in command.queues.values()],
        list(command.numbers.changed),
        command.tokens.made,
        list(command.audit.kept),
    )


@pytest.mark.parametrize("called", UNCERTAIN)
def test_a_command_that_changes_something_refuses_the_only_tenant_that_aws_lists(called: str) -> None:
    command = unnamed()
    before = everything(command)
    args, typed = called_with(called)
    refusal = command.declined(*args, typed=typed)
    assert refusal.startswith("name the tenant that this changes: ./sms --tenant acme …;")
    assert everything(command) == before


@pytest.mark.parametrize("called", UNCERTAIN)
def test_it_refuses_when_aws_lists_none_or_several(called: str) -> None:
    args, typed = called_with(called)
    for listed, why in (([], "name it: ./sms --tenant NAME …"), (["acme", "zeta"], "NAME is one of acme, zeta")):
        command = unnamed()
        command.store.listed = listed
        before = everything(command)
        assert why in command.declined(*args, typed=typed)
        assert everything(command) == before


@pytest.mark.parametrize("called", UNCERTAIN)
def test_it_takes_a_tenant_that_is_named_whatever_aws_lists(called: str) -> None:
    """But for one that looks whether other tenants have the account as well."""
    command = unnamed()
    if called in {"number disconnect", "credential rotate"}:
        command.run("number", "connect", OUR_NUMBER, "--yes", "--tenant", "acme")
    command.store.listed = ["acme"] if called == "twilio rotate-token" else ["beta", "gamma"]
    args, typed = called_with(called)
    result = command.run(*args, "--tenant", "acme", typed=typed)
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines().count(
        "This changes tenant 'acme' in AWS account 111122223333, region us-east-1, stage east."
    )


@pytest.mark.parametrize("called", UNCERTAIN)
def test_on_the_local_stack_the_only_tenant_is_certain_and_of_several_none(called: str) -> None:
    command = unnamed()
    args, typed = called_with(called)
    if called in {"number disconnect", "credential rotate"}:
        command.run("number", "connect", OUR_NUMBER, "--yes", "--local")
    result = command.run(*args, "--local", typed=typed)
    assert result.exit_code == 0, result.output
    assert "This changes tenant 'acme' in " in result.stderr
    command = unnamed()
    command.store.listed = ["acme", "zeta"]
    assert "NAME is one of acme, zeta" in command.declined(*args, "--local", typed=typed)


@pytest.mark.parametrize("called", sorted(CHANGING))
def test_a_command_says_whose_tenant_it_changes_before_it_does(called: str) -> None:
    command = prepared()
    options, typed, _ = CHANGING[called]
    if called in {"number disconnect", "credential rotate"}:
        command.run("number", "connect", OUR_NUMBER, "--yes")
    result = command.run(*called.split(), *options, "--yes", typed=typed + "\n")
    said = [line for line in result.stderr.splitlines() if line.startswith(("This changes ", "This makes "))]
    whose = {"setup": "tenant 'beta'", "tenant create": "tenant 'beta'", "parked redrive": "of all tenants"}
    assert whose.get(called, "tenant 'acme'") in said[0]


@pytest.mark.parametrize(
    "args",
    [
        ["tenant", "show"],
        ["agent", "list"],
        ["credential", "list"],
        ["number", "list"],
        ["parked", "list"],
        ["parked", "replay", "--all", "--dry-run"],
        ["parked", "discard", "--all", "--dry-run"],
        ["twilio", "show-accounts"],
        ["url"],
        ["doctor", "--look-only"],
    ],
    ids=" ".join,
)
def test_a_command_that_only_looks_guesses_the_only_tenant(args: list[str]) -> None:
    command = unnamed()
    before = everything(command)
    assert command.run(*args).exit_code in {0, 3}
    assert everything(command) == before


def test_every_command_either_looks_or_wants_a_certain_tenant() -> None:
    assert set(UNCERTAIN) | NAMES_ITS_OWN | OF_ALL_TENANTS == set(CHANGING)
    assert not READING & set(UNCERTAIN)


QUESTIONS = [("agent", "delete", "desk"), ("parked", "discard", "--all"), ("tenant", "delete", "acme")]


@pytest.mark.parametrize("questions", QUESTIONS, ids=" ".join)
def test_a_question_names_the_tenant(questions: tuple[str, ...]) -> None:
    command = prepared()
    command.terminal = True
    assert "Tenant acme: D" in command.run(*questions, typed="n\n").stderr


def test_the_doctor_looks_at_the_only_tenant_and_tries_no_key_of_its_own() -> None:
    command = unnamed()
    before = everything(command)
    result = command.run("doctor")
    assert "‼ key: not checked, because it changes the tenant, and AWS's list of tenants may be old" in result.stdout
    assert "→ name the tenant: ./sms --tenant acme doctor" in result.stdout
    assert "tenant: " in result.stdout
    assert everything(command) == before


class TestMaking:
    SETUP = ("setup", "--account", ACCOUNT, "--agent", "desk", "--number", OUR_NUMBER)

    @pytest.mark.parametrize("args", [SETUP, ("tenant", "create", "acme")], ids=["setup", "create"])
    def test_makes_no_second_tenant_that_the_list_lacks(self, args: tuple[str, ...]) -> None:
        command = unnamed()
        command.store.listed = []
        before = everything(command)
        assert "'acme' exists already" in command.declined(*args, "--tenant", "acme", typed=TOKEN)
        assert everything(command) == before

    def test_makes_a_tenant_whatever_the_list_shows(self) -> None:
        command = Command.on(fakes.tenant())
        command.store.listed = ["beta"]
        result = command.run(*self.SETUP, "--tenant", "beta", "--json", typed=TOKEN)
        assert result.exit_code == 0, result.stderr
        assert json.loads(result.stdout)["tenant"] == "beta"
        assert result.stderr.startswith("This makes tenant 'beta' in AWS account")

    def test_asks_again_on_a_terminal_when_the_id_is_taken(self) -> None:
        command = unnamed()
        command.store.listed = []
        command.terminal = True
        result = command.run(*self.SETUP, typed=f"acme\nbeta\n\n{TOKEN}\n" + "\n" * 8)
        assert result.exit_code == 0, result.stderr
        assert "'acme' exists already; choose another id" in result.stderr
        assert command.store.stored("beta").accounts[0].auth_tokens == (TOKEN,)

    def test_makes_nothing_when_it_is_not_known_whether_the_id_is_taken(self) -> None:
        command = Command.on()
        command.store.failing = Unavailable("the tenant could not be read")
        assert "could not be read" in command.declined(*self.SETUP, "--tenant", "beta", typed=TOKEN)
        assert command.store.documents == {}

    def test_a_list_without_a_tenant_does_not_say_that_there_is_none(self) -> None:
        command = unnamed()
        command.store.listed = []
        assert "may take five minutes" in command.run("tenant", "list").stderr
        assert "its list may be five minutes old" in command.declined("agent", "list")


def copied() -> list[tuple[str, str]]:
    """The command lines in the documents' blocks of shell, which readers copy."""
    lines = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for block in re.findall(r"^ *```sh\n(.*?)^ *```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            lines += [(path.name, line) for line in re.findall(r"\./sms [^;|&\n]*", block)]
    return lines


def test_what_readers_copy_names_the_tenant_that_it_changes() -> None:
    nameless = [
        (name, line)
        for name, line in copied()
        if "--tenant " not in line
        and "--local " not in line
        and any(re.search(rf"\./sms (--\S+ (\S+ )??)*{called}\b", line) for called in [*UNCERTAIN, r"doctor(?! sign)"])
    ]
    assert nameless == []
    assert len(copied()) > 40
