"""Whose tenant a command works on: the one that is named, or the only one; it says whose before it changes anything."""

import json
import re
from pathlib import Path

import pytest

from shared.errors import Unavailable
from tests import fakes
from tests.fakes import ACCOUNT, TOKEN
from tests.unit.cli.command import Command
from tests.unit.cli.test_audit import CHANGING, READING, prepare, prepared

ROOT = Path(__file__).parents[3]
NAMES_ITS_OWN = {"setup", "tenant create", "tenant delete", "tenant restore", "tenant purge"}
OF_ALL_TENANTS = {"parked redrive"}
UNNAMED = sorted(CHANGING.keys() - NAMES_ITS_OWN - OF_ALL_TENANTS)


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
        command.store.state(),
        dict(command.directory.kept),
        dict(command.parking.kept),
        dict(command.dead),
        [list(queue.sent) for queue in command.queues.values()],
        list(command.numbers.changed),
        command.tokens.made,
        list(command.audit.kept),
    )


def with_another(command: Command) -> Command:
    """The same with one more tenant."""
    command.store.create(fakes.managed_tenant(id="zeta", agents=(), accounts=()))
    return command


@pytest.mark.parametrize("local", [False, True], ids=["aws", "local"])
@pytest.mark.parametrize("called", UNNAMED)
def test_a_command_takes_the_only_tenant_and_says_so(called: str, *, local: bool) -> None:
    command = unnamed()
    options = ["--local"] if local else []
    prepare(command, called, *options)
    args, typed = called_with(called)
    result = command.run(*args, *options, typed=typed)
    assert result.exit_code == 0, result.output
    assert "This changes tenant 'acme' in " in result.stderr


@pytest.mark.parametrize("called", UNNAMED)
def test_of_several_tenants_a_command_takes_none(called: str) -> None:
    args, typed = called_with(called)
    command = with_another(unnamed())
    before = everything(command)
    refusal = command.declined(*args, typed=typed)
    assert refusal == "there are several tenants; choose one with --tenant: acme, zeta"
    assert everything(command) == before


@pytest.mark.parametrize("called", UNNAMED)
def test_without_a_tenant_a_command_says_how_to_make_one(called: str) -> None:
    args, typed = called_with(called)
    command = unnamed()
    command.store.tenants.clear()
    assert command.declined(*args, typed=typed).startswith("there is no tenant yet; make one with: ./sms setup")


@pytest.mark.parametrize("called", UNNAMED)
def test_of_several_it_takes_the_one_that_is_named(called: str) -> None:
    command = with_another(unnamed())
    prepare(command, called, "--tenant", "acme")
    args, typed = called_with(called)
    result = command.run(*args, "--tenant", "acme", typed=typed)
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines().count(
        "This changes tenant 'acme' in AWS account 111122223333, region us-east-1, stage east."
    )


def test_a_deleted_tenant_does_not_count() -> None:
    command = with_another(unnamed())
    command.store.delete("zeta")
    assert command.run("agent", "list").exit_code == 0
    command.store.delete("acme")
    assert "there is no tenant yet" in command.declined("agent", "list")


def test_of_very_many_tenants_only_the_first_are_named() -> None:
    command = Command.on(*(fakes.managed_tenant(id=f"tenant{number:03}") for number in range(250)))
    refusal = command.declined("agent", "list")
    assert refusal.endswith("tenant000, tenant001, " + ", ".join(f"tenant{n:03}" for n in range(2, 10)) + " …")


@pytest.mark.parametrize("called", sorted(CHANGING))
def test_a_command_says_whose_tenant_it_changes_before_it_does(called: str) -> None:
    command = prepared()
    options, typed, _ = CHANGING[called]
    prepare(command, called)
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
def test_a_command_that_only_looks_takes_the_only_tenant(args: list[str]) -> None:
    command = unnamed()
    before = everything(command)
    assert command.run(*args).exit_code in {0, 3}
    assert everything(command) == before


def test_every_command_either_looks_or_changes_a_tenant() -> None:
    assert set(UNNAMED) | NAMES_ITS_OWN | OF_ALL_TENANTS == set(CHANGING)
    assert not READING & set(UNNAMED)


QUESTIONS = [("agent", "delete", "desk"), ("parked", "discard", "--all"), ("tenant", "delete", "acme")]


@pytest.mark.parametrize("questions", QUESTIONS, ids=" ".join)
def test_a_question_names_the_tenant(questions: tuple[str, ...]) -> None:
    command = prepared()
    command.terminal = True
    assert "Tenant acme: D" in command.run(*questions, typed="n\n").stderr


class TestMaking:
    SETUP = ("setup", "--account", ACCOUNT, "--agent", "desk", "--number", "+12025550177")

    @pytest.mark.parametrize("args", [SETUP, ("tenant", "create", "acme")], ids=["setup", "create"])
    def test_makes_no_tenant_a_second_time(self, args: tuple[str, ...]) -> None:
        command = unnamed()
        before = everything(command)
        assert "'acme' exists already" in command.declined(*args, "--tenant", "acme", typed=TOKEN)
        assert everything(command) == before

    def test_makes_one_more_tenant(self) -> None:
        command = Command.on(fakes.managed_tenant())
        result = command.run(*self.SETUP, "--tenant", "beta", "--json", typed=TOKEN)
        assert result.exit_code == 0, result.stderr
        assert json.loads(result.stdout)["tenant"] == "beta"
        assert result.stderr.startswith("This makes tenant 'beta' in AWS account")

    def test_asks_again_on_a_terminal_when_the_id_is_taken(self) -> None:
        command = unnamed()
        command.terminal = True
        result = command.run(*self.SETUP, typed=f"acme\nbeta\n\n{TOKEN}\n" + "\n" * 8)
        assert result.exit_code == 0, result.stderr
        assert "'acme' exists already; or choose another id" in result.stderr
        assert command.store.stored("beta").accounts[0].auth_tokens == (TOKEN,)

    def test_makes_nothing_when_it_is_not_known_whether_the_id_is_taken(self) -> None:
        command = Command.on()
        command.store.failing = Unavailable("the tenant could not be read")
        assert "could not be read" in command.declined(*self.SETUP, "--tenant", "beta", typed=TOKEN)
        assert command.store.tenants == {}


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
        and any(re.search(rf"\./sms (--\S+ (\S+ )??)*{called}\b", line) for called in [*UNNAMED, r"doctor(?! sign)"])
    ]
    assert nameless == []
    assert len(copied()) > 40
