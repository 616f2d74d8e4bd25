"""A real browser, and the page over a world in memory for it.

The browser is the headless Chromium that `make setup` unpacks; nothing is downloaded while it is installed.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from dashboard.server import ServedPage, serving
from operations.operator import Operator
from tests.dashboard_site import busy
from tests.unit.cli.command import Command
from tests.unit.operations.operators import FakeProgress

CHROMIUM = Path(__file__).parents[2] / ".chromium"


def environment() -> dict[str, str | float | bool]:
    """Where the system lacks libraries of Chromium's, those that come with it."""
    linked = subprocess.run(["ldd", CHROMIUM / "chromium"], capture_output=True, text=True, check=True)  # noqa: S603, S607 - ours
    libraries = {"LD_LIBRARY_PATH": str(CHROMIUM / "libraries" / "lib")} if "not found" in linked.stdout else {}
    return {**os.environ, **libraries}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests. Its sandbox needs rights that containers lack; it sees nothing but our pages."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM / "chromium", args=["--no-sandbox"], env=environment()
        )
        yield started
        started.close()


Serve = Callable[[Command], ServedPage]


@pytest.fixture
def command() -> Command:
    return busy()


@pytest.fixture
def served(command: Command) -> Iterator[ServedPage]:
    """The page, really served, over the test's world."""
    operator = Operator(command.world(), "east", local=False, tenant=None, progress=FakeProgress())
    with serving(operator, 0) as page:
        yield page
