"""Every command there is, also one that is new: as JSON, in narrow terminals, in old locales, and called wrongly."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup, TyperOption
from typer.testing import Result

from cli.app import app
from operations.stage.names import FUNCTIONS
from tests.fakes import OUR_NUMBER
from tests.unit.cli.command import Command
from tests.unit.cli.test_audit import CHANGING, commands, prepare, prepared
from tests.unit.cli.test_sending import KEY, Stage
from tests.unit.cli.test_texting import DONE, REPLY
from tests.unit.cli.test_tracing import ALL
from tests.unit.cli.test_tracing import TEXT as TRACED

ROOT = Path(__file__).parents[3]
SIGNED = ["--url", "https://a1.execute-api.us-east-1.amazonaws.com/east", "--signature", "A" * 27 + "="]

# How the commands that change nothing are called. Those that need nothing are not in this table.
READING_WITH: dict[str, tuple[list[str], str]] = {
    "agent show": (["desk"], ""),
    "backend test": (["desk"], ""),
    "credential show": (["twilio"], ""),
    "doctor signature": (SIGNED, "AccountSid=AC1"),
    "events test": (["desk"], ""),
    "number find": ([OUR_NUMBER], ""),
    "parked show": (["SM1"], ""),
    "send": (["--from", OUR_NUMBER, "--to", "+12025550123", "Hello"], KEY),
    "session create": (["--from", OUR_NUMBER, "--to", "+12025550123"], KEY),
    "session end": (["--from", OUR_NUMBER, "--to", "+12025550123"], KEY),
    "tail": (["--once", "--since", "1h"], ""),
    "text": (["--from", "+12025550123", "--to", OUR_NUMBER, "Hello"], ""),
    "trace": ([TRACED], ""),
    "why": ([TRACED], ""),
}
THIS_COMPUTERS = {"local up", "local down", "local status"}
"""They start and stop programs: tests/e2e and the tests of their output try them."""


def group() -> TyperGroup:
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return command


EVERY = sorted({*commands(group()), "doctor"})
CALLED = [called for called in EVERY if called not in THIS_COMPUTERS]


def run(called: str, *more: str, environment: dict[str, str] | None = None, charset: str = "utf-8") -> Result:
    """Runs a command so that it has something to show."""
    command = prepared()
    command.logs = {function: [line for line in ALL if line.function == function] for function in FUNCTIONS}
    command.twin.replies, command.twin.done = [REPLY], dict(DONE)
    if called in {"send", "session create", "session end"}:
        command.outside = Stage()
    if called in CHANGING:
        arguments, typed, _ = CHANGING[called]
        prepare(command, called)
        arguments = [*arguments, "--yes"]
    else:
        arguments, typed = READING_WITH.get(called, ([], ""))
    return command.run(*called.split(), *arguments, *more, typed=typed + "\n", environment=environment, charset=charset)


def values(data: object) -> Iterator[object]:
    if isinstance(data, dict):
        for value in data.values():
            yield from values(value)
    elif isinstance(data, list):
        for value in data:
            yield from values(value)
    else:
        yield data


ONLY_THE_LAST_FOUR = {"audit"}
"""The audit log has no whole numbers (docs/security.md)."""


@pytest.mark.parametrize("called", CALLED)
def test_json_is_data_and_not_the_table(called: str) -> None:
    result = run(called, "--json")
    assert result.exit_code in {0, 3}, f"say how it is called in READING_WITH or CHANGING: {result.output}"
    documents = result.stdout.splitlines() if called == "tail" else [result.stdout]
    assert documents
    for value in [value for document in documents for value in values(json.loads(document))]:
        shortened = re.fullmatch(r"[0-9]+[smhd]|…\S*|(?!https://)\S*…", str(value))  # a URL's query may hold secrets
        assert not shortened or called in ONLY_THE_LAST_FOUR, value


CURSOR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PROGRESS = re.compile(r".*\d%.*")


def words(result: Result) -> set[str]:
    """The words that were shown."""
    return set(re.sub(r"─+|●", " ", PROGRESS.sub("", CURSOR.sub("", result.output))).split())


SHOWN_IN_ANOTHER_WAY = {"trace", "why"}  # test_tracing.py and test_why.py try them


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("called", [called for called in CALLED if called not in SHOWN_IN_ANOTHER_WAY])
def test_no_word_is_broken_in_a_narrow_terminal(called: str, columns: int) -> None:
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": str(columns)}
    shown, narrow = words(run(called)), words(run(called, environment=terminal))
    # Keys and ids are made by chance, so of those only the lengths are the same.
    assert sorted(map(len, narrow - shown)) == sorted(map(len, shown - narrow)), narrow ^ shown


@pytest.mark.parametrize("charset", ["latin-1", "ascii"])
@pytest.mark.parametrize("called", CALLED)
def test_what_an_old_locale_lacks_is_shown_in_another_way(called: str, charset: str) -> None:
    assert run(called, charset=charset).exit_code == run(called).exit_code
    assert run(called, "--json", charset=charset).stdout.isascii()


@pytest.mark.parametrize("called", EVERY)
def test_a_wrong_option_is_named_also_as_json(called: str) -> None:
    for wrong in ("--nonsense", "--json"):
        result = Command.on().run(*called.split(), "--nonsense", wrong)
        assert result.exit_code == 2
        assert "--nonsense" in result.stderr
    assert "--nonsense" in json.loads(result.stdout)["error"]


@pytest.mark.parametrize("called", ["", *sorted({name.split()[0] for name in EVERY if " " in name} - {"doctor"})])
def test_a_missing_subcommand_is_an_error_also_as_json(called: str) -> None:
    result = Command.on().run(*called.split(), "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (2, {"error": "Missing command."})


def options(called: str) -> Iterator[str]:
    command: object = group()
    for word in called.split():
        assert isinstance(command, TyperGroup)
        command = command.commands[word]
    for parameter in getattr(command, "params", []):
        if isinstance(parameter, TyperOption):
            yield from (*parameter.opts, *parameter.secondary_opts)


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("called", EVERY)
def test_help_cuts_no_option_off(called: str, columns: int) -> None:
    result = Command.on().run(*called.split(), "--help", environment={"COLUMNS": str(columns)})
    shown = re.split(r"[\s,/]+", result.stdout)
    assert [option for option in options(called) if option not in shown] == []


def test_help_is_as_wide_as_the_terminal() -> None:
    help_text = subprocess.run(  # noqa: S603 - ours
        [ROOT / "sms", "agent", "create", "--help"],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "60"},
    ).stdout
    assert 50 < max(map(len, help_text.splitlines())) <= 60


def test_an_argument_that_is_no_text_in_this_locale_is_declined() -> None:
    done = subprocess.run(  # noqa: S603 - ours
        [ROOT / "sms", "agent", "show", "Köln", "--json"],
        check=False,
        capture_output=True,
        env=os.environ | LOCALES["C"],
    )
    assert done.returncode == 2
    assert "not text in this locale, whose encoding is ascii" in json.loads(done.stdout)["error"]


def test_the_local_stack_is_up_or_not_in_json() -> None:
    done = subprocess.run([ROOT / "sms", "local", "status", "--json"], check=False, capture_output=True, text=True)  # noqa: S603 - ours
    status = json.loads(done.stdout)
    if done.returncode:
        assert status == {"error": "the local stack is not up; run: ./sms local up"}
    else:
        assert status.keys() == {"up", "aws_endpoint", "twin_url", "stages"}


LOCALES = {
    "C": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "Latin-1": {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["provider", "list"], 0),
        (["provider", "list", "--json"], 0),
        (["agent", "create", "--help"], 0),
        (["agent", "list", "--local"], 1),
        (["agent", "show", "Köln", "--local", "--json"], None),
        (["tenant", "lïst"], 2),
    ],
    ids=str,
)
def test_in_no_locale_there_is_a_traceback(arguments: list[str], code: int | None, locale: str) -> None:
    done = subprocess.run(  # noqa: S603 - ours
        [ROOT / "sms", *arguments], check=False, capture_output=True, env=os.environ | LOCALES[locale], cwd=ROOT
    )
    assert b"Traceback" not in done.stderr
    assert code in {done.returncode, None}
    if "--json" in arguments:
        json.loads(done.stdout)
