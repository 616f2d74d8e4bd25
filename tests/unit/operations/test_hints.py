"""What an operator is told to type next: it is a command that exists, and it works as it is printed."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from cli.app import app
from operations.hints import Hints
from tests import fakes
from tests.fakes import OUR_NUMBER, TOKEN
from tests.unit.cli.command import Command
from tests.unit.cli.test_audit import commands, prepared

ROOT = Path(__file__).parents[3]
HINT = re.compile(r"(?<![\w./+-])(?:\./)?sms ([a-z][a-z-]*(?: [a-z][a-z-]*)?)")
ACME = Hints(tenant="acme")
PROSE = {"command", "and"}  # "with the sms command only", "only sms and voice+sms"


@pytest.mark.parametrize(
    ("hints", "sentence", "completed"),
    [
        (Hints(), "see: sms parked list", "see: ./sms parked list"),
        (Hints(), "see: ./sms parked list", "see: ./sms parked list"),
        (ACME, "`sms number check`, ./sms url", "`./sms --tenant acme number check`, ./sms --tenant acme url"),
        (Hints("south", local=True, tenant="acme"), "sms doctor", "./sms --local --stage south --tenant acme doctor"),
        (Hints(local=True, tenant="acme"), "sms tail --since 1m", "./sms --local tail --since 1m"),
        (Hints(local=True, tenant="acme"), "run: ./sms local up", "run: ./sms local up"),
        (Hints(tenant="other"), "see: sms tenant list", "see: ./sms tenant list"),
        (ACME, "sms tenant update --roles Reader", "./sms --tenant acme tenant update --roles Reader"),
        (Hints(tenant="$(x)"), "sms url", "./sms --tenant '$(x)' url"),
        (ACME, "voice+sms text, smsr_x, ../sms url", "voice+sms text, smsr_x, ../sms url"),
        (ACME, "./sms --tenant NAME …", "./sms --tenant NAME …"),
        (ACME, "sms --tenant zeta number release NUMBER", "./sms --tenant zeta number release NUMBER"),
        (Hints("south", local=True), "sms --tenant zeta url", "./sms --local --stage south --tenant zeta url"),
    ],
)  # fmt: skip
def test_completes_a_hint_with_the_options_of_the_run(hints: Hints, sentence: str, completed: str) -> None:
    assert hints.completed(sentence) == completed
    assert hints.completed(completed) == completed


def hinted() -> Iterator[tuple[str, str]]:
    """Each command that a sentence of ours names, with the file."""
    folders = ("cli", "dashboard", "operations", "shared", "handlers")
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from ((path.name, found[1]) for found in HINT.finditer(node.value))


def test_every_hint_in_the_sources_names_a_command_that_exists() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    known = {*commands(group), "doctor"}
    groups = {name for name, command in group.commands.items() if isinstance(command, TyperGroup)}
    wrong = [
        (path, words)
        for path, words in hinted()
        if (first := words.split()[0]) not in PROSE and not {first, words} & known and words not in groups
    ]
    assert wrong == []
    assert len(set(hinted())) > 40


def test_every_command_is_completed_in_a_hint() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for name in group.commands.keys() - {"local"}:
        assert Hints(local=True).completed(f"see: sms {name}") == f"see: ./sms --local {name}", (
            "add it to operations/hints.py"
        )


def typed(output: str) -> list[list[str]]:
    """The commands that an output tells to type, split as a shell does."""
    lines = [line[line.index("./sms ") :] for line in output.splitlines() if "./sms " in line]
    return [shlex.split(line.split("; ")[0].split(", ")[0].rstrip("`."))[1:] for line in lines]


@pytest.mark.parametrize("options", [[], ["--local"], ["--stage", "south"]], ids=" ".join)
@pytest.mark.parametrize(
    "args",
    [
        ["agent", "create", "--name", "night desk"],
        ["agent", "update", "desk", "--region", "south"],
        ["parked", "show", "SM404"],
        ["credential", "revoke", "nobody"],
        ["number", "assign", "+12025550188", "--agent", "nobody"],
    ],
    ids=" ".join,
)
def test_a_hint_works_as_it_is_printed(args: list[str], options: list[str]) -> None:
    command = prepared()
    said = command.run(*args, *options).stderr
    command.tenant = None
    [hint] = typed(said)
    done = command.run(*hint)
    assert done.exit_code == 0, (hint, done.output)
    assert {"--local", "--stage"} & {*options} <= {*hint}


def test_what_a_change_of_a_tenant_hints_at_names_the_tenant_also_when_it_was_guessed() -> None:
    command = Command.on(fakes.managed_tenant(agents=()))
    command.tenant = None
    said = command.run("credential", "list").stderr
    assert "make one with: ./sms --tenant acme credential create" in said


def test_setup_hints_at_the_tenant_that_it_made() -> None:
    command = Command.on(fakes.managed_tenant())
    options = ("--account", "AC" + "7" * 32, "--agent", "desk", "--number", OUR_NUMBER)
    said = command.run("setup", "--tenant", "beta", *options, typed=TOKEN).stderr
    assert "`./sms --tenant beta number connect`" in said
