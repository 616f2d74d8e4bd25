"""examples/journal_transcripts.py keeps what was said, each text once and in order."""

import importlib.util
import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.messages.journal import Entry, Happening, event_of
from tests.fakes import NOW

EXAMPLE = Path(__file__).parents[3] / "examples" / "journal_transcripts.py"
Keep = Callable[[dict[str, Any], Path], None]
HEARD, SAID = Happening.RECEIVED, Happening.SENT


@pytest.fixture(scope="module")
def keep() -> Keep:
    spec = importlib.util.spec_from_file_location(EXAMPLE.stem, EXAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Keep = module.keep
    return function


def published(
    happening: Happening, minute: int, text: str | None, conversation: str = "c1", *, with_text: bool = True
) -> dict[str, Any]:
    at = NOW + timedelta(minutes=minute)
    entry = Entry(happening, f"{minute}.{happening}", at, conversation, "+12025550199", "+12025550123", text=text)
    event = event_of(entry, tenant_id="acme", agent="desk", stage="east", with_text=with_text)
    read: dict[str, Any] = json.loads(json.dumps(event))
    return read


def test_keeps_each_text_once_and_in_order_however_they_come(keep: Keep, tmp_path: Path) -> None:
    talk = [published(HEARD, 0, "Hello"), published(SAID, 1, "Hi, how can I help?"), published(HEARD, 2, "Hours?")]
    for number, order in enumerate(itertools.permutations([*talk, talk[1]])):
        folder = tmp_path / str(number)
        for entry in order:
            keep(entry, folder)
        lines = (folder / "c1.txt").read_text(encoding="utf-8").splitlines()
        assert [line.partition(" ")[2] for line in lines] == [
            "+12025550123: Hello",
            "desk: Hi, how can I help?",
            "+12025550123: Hours?",
        ]


def test_keeps_conversations_apart(keep: Keep, tmp_path: Path) -> None:
    keep(published(HEARD, 0, "Hello"), tmp_path)
    keep(published(HEARD, 0, "Hola", "c2"), tmp_path)
    assert [(tmp_path / name).read_text(encoding="utf-8").split()[-1] for name in ("c1.txt", "c2.txt")] == [
        "Hello",
        "Hola",
    ]


@pytest.mark.parametrize(
    "entry",
    [
        published(HEARD, 0, "Hello", with_text=False),
        published(HEARD, 0, "Hello", conversation=""),
        published(SAID, 0, None),
        *[published(other, 0, "Hello") for other in Happening if other not in {HEARD, SAID}],
    ],
    ids=lambda entry: str(entry["data"]["event"]),
)
def test_keeps_nothing_of_what_no_person_and_no_agent_said(entry: dict[str, Any], keep: Keep, tmp_path: Path) -> None:
    keep(entry, tmp_path)
    assert not list(tmp_path.iterdir())
