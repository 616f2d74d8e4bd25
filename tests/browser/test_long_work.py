"""Long work, as the doctor's, in a real browser: its page goes on by itself, with and without scripts."""

import pytest
from playwright.sync_api import Browser

from dashboard.server import ServedPage
from tests.browser.axe import AXE
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.stage import healthy


@pytest.fixture
def command() -> Command:
    return healthy()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_page_goes_on_until_the_work_has_ended(browser: Browser, served: ServedPage, *, scripts: bool) -> None:
    with browser.new_context(locale="en-US", java_script_enabled=scripts) as view:
        page = view.new_page()
        page.goto(served.url)
        page.get_by_role("link", name="Doctor").click()
        page.get_by_role("button", name="Check stage east").click()
        page.get_by_text("Nothing is wrong.").wait_for()
        assert page.get_by_text("signed probe").is_visible()
        if scripts:
            page.evaluate(AXE)
            assert page.evaluate("axe.run().then(found => found.violations)") == []
        page.get_by_role("link", name="Go on").click()
        assert page.url == f"{served.address}/doctor/"
