"""What docs/debugging.md tells to run exists: functions, events, tests and logs."""

import importlib
import re
import shlex

import pytest

from devstack.invoke import parser
from operations.stage.names import FUNCTIONS, STAGES
from tests.unit.docs.test_docs import ROOT, code

DEBUGGING = ROOT / "docs" / "debugging.md"
LINES = list(code(DEBUGGING))
INVOKED = [line.partition("-m devstack.invoke ")[2] for line in LINES if "-m devstack.invoke " in line]
TESTS = [shlex.split(line)[1:] for line in LINES if line.startswith(".venv/bin/pytest ")]


def test_every_function_can_be_invoked_and_is_named() -> None:
    assert set(FUNCTIONS) <= set(LINES)


@pytest.mark.parametrize("arguments", INVOKED)
def test_an_invocation_is_understood_and_has_its_event(arguments: str) -> None:
    options = parser().parse_args(shlex.split(arguments))
    written = [line.partition(" >")[2] for line in LINES if " >" in line]
    assert (ROOT / options.event).exists() or str(options.event) in written


@pytest.mark.parametrize("arguments", TESTS, ids=" ".join)
def test_a_test_that_is_named_exists(arguments: list[str]) -> None:
    (file,) = (word for word in arguments if word.startswith("tests/"))
    assert f"def {arguments[arguments.index('-k') + 1]}(" in (ROOT / file).read_text(encoding="utf-8")


def test_breakpoints_are_set_on_functions_that_exist() -> None:
    places = [line.partition("(Pdb) b ")[2] for line in LINES if "(Pdb) b " in line]
    assert places
    for module, _, function in (place.rpartition(".") for place in places):
        assert f"(Pdb) import {module}" in LINES
        assert callable(getattr(importlib.import_module(module), function))


def test_the_logs_are_those_that_the_local_stack_writes() -> None:
    named = {name for line in LINES for name in re.findall(r"\.local/[\w-]+\.log", line)}
    sources = (ROOT / "devstack" / "stack.py").read_text(encoding="utf-8")
    written = {f".local/{name}" for name in re.findall(r'FOLDER / "(\w+\.log)"', sources)}
    assert named == written | {f".local/deploy-{stage}.log" for stage in STAGES}
