"""The operator's page in `make run`: it must open, and count what was texted."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.server import ServedPage, serving
from devstack.demo.page import page_scene
from devstack.demo.scene_result import SceneResult
from operations.operator import Operator
from operations.stage.names import STAGES
from tests.dashboard_site import busy
from tests.unit.operations.operators import FakeProgress

TEXT = SceneResult("a text", "east", "reaches the agent once", "challenge → queued → agent", good=True)
REFUSED = replace(TEXT, happened="challenge → refused")


@pytest.fixture(scope="module")
def page() -> Iterator[ServedPage]:
    """Five texts came in on each stage, and one is listed."""
    with serving(Operator(busy().world(), "east", local=False, tenant=None, progress=FakeProgress()), 0) as served:
        yield served


@pytest.mark.parametrize("before", [[], [TEXT], [TEXT, REFUSED, REFUSED]], ids=len)
def test_a_page_that_counts_and_lists_the_texts_is_good(page: ServedPage, before: list[SceneResult]) -> None:
    result = page_scene(page, before)
    assert (result.good, result.happened) == (True, "5 east, 5 south, 1 listed")


def test_a_page_that_does_not_list_them_all_is_not(page: ServedPage) -> None:
    assert not page_scene(page, [TEXT, TEXT]).good


@pytest.mark.parametrize("stage", STAGES)
def test_a_page_that_does_not_count_them_all_is_not(stage: str) -> None:
    command = busy()
    command.figures.points = {"Accepted": []}
    with serving(Operator(command.world(), "east", local=False, tenant=None, progress=FakeProgress()), 0) as served:
        assert not page_scene(served, [replace(TEXT, stage=stage)]).good


def test_a_page_that_does_not_open_is_not(page: ServedPage) -> None:
    result = page_scene(replace(page, url=page.url + "x"), [])
    assert (result.good, result.happened) == (False, "0 listed")
