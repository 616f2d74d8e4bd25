"""Every decision is in the index, under its own title, and says what a decision must say."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
ENTRY = re.compile(r"^- \[(\d{4})\]\(([^)]+)\) (.+(?:\n  .+)*)$", re.MULTILINE)


def title(page: Path) -> str:
    """The heading, without the number before it."""
    heading = re.match(r"# (\d+)\.? (.+)\n", page.read_text(encoding="utf-8"))
    assert heading, f"{page.name} has no heading with its number"
    assert int(heading[1]) == int(page.name[:4]), f"{page.name} bears another number in its heading"
    return heading[2]


def entries() -> list[tuple[str, str, str]]:
    """The lines of the index: number, file, and what the line says."""
    return [(number, file, " ".join(line.split())) for number, file, line in ENTRY.findall(INDEX)]


def test_the_index_lists_every_decision_once_and_in_order() -> None:
    assert [(number, file) for number, file, _ in entries()] == [(page.name[:4], page.name) for page in PAGES]


def test_numbers_are_given_once() -> None:
    numbers = [page.name[:4] for page in PAGES]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_index_calls_a_decision_by_its_title(page: Path) -> None:
    (line,) = (line for _, file, line in entries() if file == page.name)
    assert line.startswith(title(page))
    assert line.endswith(".")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_decision_has_context_and_choice_and_says_why_not_the_others_and_when_to_look_again(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert {"Context", "Choice", "When to look again"} <= set(headings)
    assert [heading for heading in headings if heading.startswith("Why not")]
