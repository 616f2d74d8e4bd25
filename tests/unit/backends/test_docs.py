"""docs/backends.md shows the examples that are tested, a real event, and what the code does."""

import ast
import json
import re
from pathlib import Path

import pytest

from shared.backends import BACKENDS, answers, http, lex
from shared.messages.limits import MEDIA_MAX
from shared.providers.twilio.limits import TEXT_MAX
from shared.tenants.agent import TIMEOUT_SECONDS_MAX, BackendSettings
from tests import backend_events

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "backends.md").read_text(encoding="utf-8")
FLOWING = " ".join(TEXT.split())
EXAMPLES = sorted((ROOT / "examples").iterdir())


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.is_file()], ids=lambda path: path.name)
def test_shows_each_example_as_it_is(path: Path) -> None:
    assert path.read_text(encoding="utf-8") in [*blocks("python"), *blocks("javascript")]


def test_shows_no_other_program() -> None:
    shown = [*blocks("python"), *blocks("javascript")]
    assert len(shown) == len([path for path in EXAMPLES if path.is_file()])


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.suffix == ".py"], ids=lambda path: path.name)
def test_the_examples_need_nothing_of_ours(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {module.split(".")[0] for module in modules} <= {"os", "typing", "flask", "fastapi", "standardwebhooks"}


def test_the_event_is_one_as_backends_get_it() -> None:
    assert json.loads(blocks("json")[0]) == json.loads(json.dumps(backend_events.text(media=1)))


def test_the_answer_is_one_that_is_understood() -> None:
    answer = answers.parse(blocks("json")[1].encode())
    assert [bool(message.media_urls) for message in answer.messages] == [False, True]


def test_describes_each_kind_as_the_command_does() -> None:
    for kind, description in BACKENDS.items():
        beginning = description.partition(";")[0].partition(" of yours")[0]
        assert f"| `{kind}` | {beginning[0].upper()}{beginning[1:]}" in TEXT


def test_states_the_limits_that_there_are() -> None:
    seconds = f"{BackendSettings('http').timeout_seconds:g}"
    for fact in (
        f"You have {seconds} seconds for an answer",
        f"changes that, up to {TIMEOUT_SECONDS_MAX}.",
        "JSON of at most 64 KiB",
        f"At most {answers.MESSAGES_MAX} messages",
        f"at most {MEDIA_MAX} links",
        f"in parts of {TEXT_MAX} characters",
        f"Lex takes 1 to {lex.TEXT_MAX} characters",
        "| " + ", ".join(map(str, sorted(http.LATER))) + ", 500 and above |",
    ):
        assert fact in FLOWING, f"docs/backends.md does not say: {fact}"
