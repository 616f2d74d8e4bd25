"""No module of the command prints past `terminal/gate.py`; and what other people wrote, command by command."""

import ast
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devstack.demo.journey import Journeys
from devstack.demo.phone import Phone
from devstack.phones import Phones
from terminal.gate import screen
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.unit.cli.screens import harmful, written_by
from tests.unit.cli.test_parked import TEXT, command
from tests.unit.cli.test_tail import line
from tests.unit.cli.test_texting import REPLY
from tests.unit.cli.test_texting import TEXT as TYPED
from tests.unit.cli.test_texting import command as texting

ROOT = Path(__file__).parents[3]
SOURCES = sorted(path for room in ("cli", "terminal") for path in (ROOT / room).rglob("*.py"))
GATE = ROOT / "terminal" / "gate.py"
EVIL = "\x1b[31m\x9b2J\x07\x7f\x85\u202e\u2066\u2028\u200bevil\r\nforged"

CALLS = {"print", "input", "breakpoint"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__", "displayhook"}
ASKING = {"echo", "secho", "echo_via_pager", "prompt", "confirm", "progressbar", "style", "launch", "edit", "pause"}
PRINTING = {"click", "getpass", "logging", "traceback", "warnings", "curses", "pprint", "colorama"}
RICH = {"rich.box", "rich.cells", "rich.progress", "rich.table", "rich.text"}
"""Of Rich only what a Screen shows: its own `print`, `Console` and `prompt` go past the gate."""


def past_the_gate(tree: ast.Module) -> Iterator[str]:
    """What in a module could print, but for the gate."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in CALLS | {"Console", "Text"}:
                yield name
            case ast.Attribute(value=ast.Name(id="sys"), attr=name) if name in STREAMS:
                yield f"sys.{name}"
            case ast.Attribute(value=ast.Name(id="typer"), attr=name) if name in ASKING:
                yield f"typer.{name}"
            case ast.Attribute(value=ast.Name(id="os"), attr="write" | "system"):
                yield "os.write"
            case ast.Attribute(value=ast.Name(id="Text"), attr=name):
                yield f"Text.{name}"
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.split(".")[0] in PRINTING | {"rich"})
            case ast.ImportFrom(module=str(module), names=names):
                if module.split(".")[0] in PRINTING or (
                    module.split(".")[0] == "rich" and module not in RICH | {"rich"}
                ):
                    yield module
                imported = {name.name for name in names}
                forbidden = {
                    "rich": imported - {"box"},
                    "sys": STREAMS,
                    "typer": ASKING | {"rich_utils"},
                    "os": {"write"},
                }
                yield from (f"{module}.{name}" for name in imported & forbidden.get(module, set()))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_prints_past_the_gate(path: Path) -> None:
    found = list(past_the_gate(ast.parse(path.read_text(encoding="utf-8"))))
    assert found == [] or path == GATE


@pytest.mark.parametrize(
    "source",
    [
        "print('x')",
        "input('x')",
        "import typer; typer.echo('x')",
        "import typer; typer.confirm('x')",
        "from typer import secho",
        "import sys; sys.stdout.write('x')",
        "import sys; out = sys.stderr",
        "from sys import stdout",
        "import os; os.write(1, b'x')",
        "import click",
        "import rich",
        "from rich import print",
        "from rich import print as show",
        "from rich.console import Console",
        "from rich.prompt import Prompt",
        "from rich.text import Text; Text('x')",
        "from rich.text import Text; Text.from_markup('x')",
        "import logging",
        "from warnings import warn",
        "from getpass import getpass",
    ],
)
def test_would_find_what_prints(source: str) -> None:
    assert list(past_the_gate(ast.parse(source)))


def test_the_gate_itself_prints() -> None:
    assert set(past_the_gate(ast.parse(GATE.read_text(encoding="utf-8")))) >= {"sys.stdout", "typer.confirm"}


OF_OTHERS = {
    "parked list": ("parked", "list", "--full"),
    "parked show": ("parked", "show", EVIL),
    "parked show --text": ("parked", "show", EVIL, "--text"),
    "parked replay --dry-run": ("parked", "replay", "--all", "--dry-run"),
    "tail": ("tail", "--once", "--since", "5m"),
    "trace": ("trace", "SM123456789", "--since", "5m"),
    "why": ("why", "SM123456789", "--since", "5m"),
    "audit": ("audit",),
    "no such agent": ("agent", "show", EVIL + "x"),
    "no such id": ("parked", "show", EVIL + "x"),
    "no such command": ("parked", EVIL),
    "no such option": ("parked", "list", f"--{EVIL}"),
    "no such stage": ("parked", "list", "--stage", EVIL),
}


@pytest.mark.parametrize("as_json", [False, True], ids=["people", "json"])
@pytest.mark.parametrize("args", OF_OTHERS.values(), ids=OF_OTHERS)
def test_nothing_harmful_that_others_wrote_reaches_the_terminal(args: tuple[str, ...], *, as_json: bool) -> None:
    event = {"id": EVIL, EVIL: EVIL, "data": {"from": EVIL, "text": EVIL, "fields": {EVIL: [EVIL]}}}
    made = command(replace(TEXT, id=EVIL, number=EVIL, reason=EVIL, detail=EVIL, group=EVIL, event=event))
    hop = line(1, "receiver", message="Accepted", correlation_id="SM123456789", reason=EVIL, channel=EVIL)
    made.logs = {"receiver": [hop]}
    record = {"time": fakes.NOW.isoformat(), "who": EVIL, "tenant": EVIL, "what": EVIL}
    made.audit.kept = [record | {"which": {EVIL: EVIL}, "fields": [EVIL]}]
    result = made.run(*args, *(["--json"] if as_json else []))
    assert result.exit_code in {0, 1, 2}
    assert "evil" in result.output
    assert harmful(result.stdout + result.stderr) == []
    assert not [row for row in result.output.splitlines() if row.startswith("forged")]


@pytest.mark.parametrize("as_json", [False, True], ids=["people", "json"])
def test_nothing_harmful_that_a_backend_says_reaches_the_terminal(*, as_json: bool) -> None:
    made = texting(REPLY | {"body": EVIL}, outcome="delivered", attempts=[{"status": 200, "error": EVIL}])
    result = made.run(*TYPED, *(["--json"] if as_json else []))
    assert "evil" in result.stdout
    assert harmful(result.stdout + result.stderr) == []


def test_the_phone_of_make_run_shows_words_as_they_are() -> None:
    message = {"from": OUR_NUMBER, "body": f":smile: [red]no[/] [/nothing] {EVIL} 😀", "status": "delivered"}

    def show() -> None:
        journeys = Journeys(lambda _: [], lambda: True)
        Phone(Phones("http://127.0.0.1:9"), journeys, screen(lines=True)).show(message)

    shown = written_by(show).out
    assert ":smile: [red]no[/] [/nothing] \\x1b[31m" in shown
    assert "😀" in shown
    assert harmful(shown) == []


def test_help_keeps_its_styles_and_a_traceback_loses_those_that_came_with_a_text() -> None:
    styled = run("--help", FORCE_COLOR="1").stdout
    assert "\x1b[1m" in styled
    assert r"\x1b" not in styled
    program = f"from terminal import gate; gate.install(); raise ValueError({EVIL!r})"
    done = subprocess.run(  # noqa: S603 - ours
        [ROOT / ".venv/bin/python", "-c", program], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert r"\x1b[31m\x9b2J\x07\x7f\x85\u202e" in done.stderr
    assert harmful(done.stderr) == []


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("args", [["twilio", "set-account", "--help"], ["twilio", "set-…"], ["provider", "list"]])
def test_a_locale_that_lacks_a_character_gets_another_one_and_no_traceback(args: list[str], encoding: str) -> None:
    done = run(*args, PYTHONIOENCODING=f"{encoding}:strict", PYTHONUTF8="0")
    assert "Traceback" not in done.stderr
    assert done.returncode == (2 if "set-…" in args else 0)
    if "--help" in args:
        assert "AC..." in done.stdout


def run(*args: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - ours
        [ROOT / "sms", *args], check=False, capture_output=True, text=True, env=os.environ | more
    )


def test_json_of_what_is_parked_is_whole() -> None:
    made = command(replace(TEXT, id=EVIL, number=EVIL))
    assert json.loads(made.run("parked", "list", "--full", "--json").stdout)[0]["id"] == EVIL
