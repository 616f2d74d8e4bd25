"""An operator's way through the pages of agents and numbers, with and without scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.server import ServedPage
from tests.fakes import OUR_NUMBER
from tests.unit.cli.command import Command

NEW = "+12025550188"


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, served: ServedPage) -> Iterator[Page]:
    with browser.new_context(locale="en-US", java_script_enabled=request.param) as context:
        opened = context.new_page()
        opened.goto(served.url)
        yield opened


def test_an_agent_is_made_gets_numbers_from_a_file_and_one_is_connected(
    page: Page, command: Command, tmp_path: Path
) -> None:
    page.get_by_role("link", name="Agents", exact=True).click()
    page.get_by_role("link", name="New agent").click()
    page.get_by_label("Name", exact=True).fill("sales")
    page.get_by_label("Kind of backend", exact=True).select_option("echo")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("status")).to_contain_text("Agent 'sales' is made.")

    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("It says: Hello")).to_be_visible()
    expect(page.get_by_text("Done.")).to_be_visible()
    page.get_by_role("link", name="Go on").click()

    file = tmp_path / "numbers.csv"
    file.write_text(f"number;description\n{NEW};Köln\n", encoding="utf-8-sig")
    page.get_by_role("link", name="Its numbers: 0").click()
    page.get_by_role("link", name="Import a CSV file").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Agent", exact=True).select_option("sales")
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_role("cell", name=NEW)).to_be_visible()
    assert command.store.numbers_of("sales") == []
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("link", name="Köln")).to_be_visible()
    assert command.store.numbers_of("sales") == [NEW]

    page.get_by_role("link", name="Numbers", exact=True).click()
    page.get_by_label("Search").fill("0199")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("checkbox", name=OUR_NUMBER).check()
    page.get_by_role("button", name="Connect…", exact=True).click()
    expect(page.get_by_role("row", name="webhook").first).to_contain_text("other.example.com")
    assert command.directory.kept == {}
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("Numbers that are connected: 1.")).to_be_visible(timeout=20_000)
    assert [number for _, number in command.directory.kept] == [OUR_NUMBER]
