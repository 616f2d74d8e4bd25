"""The page over a world in memory, really served, and a real browser for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from dashboard.server import ServedPage, serving
from operations.operator import Operator
from tests.dashboard_site import busy
from tests.unit.cli.command import Command
from tests.unit.operations.operators import FakeProgress
from tools.chromium import chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def command() -> Command:
    return busy()


@contextmanager
def serving_world_of(command: Command) -> Iterator[ServedPage]:
    """The page, over a test's world."""
    operator = Operator(command.world(), "east", local=False, tenant=None, progress=FakeProgress())
    with serving(operator, 0) as page:
        yield page


@pytest.fixture
def served(command: Command) -> Iterator[ServedPage]:
    with serving_world_of(command) as page:
        yield page
