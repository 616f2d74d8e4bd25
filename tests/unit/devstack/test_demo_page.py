"""The operator's page in `make run`: it must open, and count what was texted."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.server import ServedPage, serving
from devstack.demo.page import page_scene
from devstack.demo.scene_result import SceneResult
from operations.operator import Operator
from tests.dashboard_site import busy
from tests.unit.operations.operators import FakeProgress

TEXT = SceneResult("a text", "east", "reaches the agent once", "challenge → queued → agent", good=True)
REFUSED = replace(TEXT, happened="challenge → refused")


@pytest.fixture(scope="module")
def page() -> Iterator[ServedPage]:
    """Five texts came in on each stage."""
    with serving(Operator(busy().world(), "east", local=False, tenant=None, progress=FakeProgress()), 0) as served:
        yield served


@pytest.mark.parametrize("before", [[], [TEXT] * 5, [TEXT] * 5 + [REFUSED] * 3], ids=len)
def test_a_page_that_counts_the_texts_is_good(page: ServedPage, before: list[SceneResult]) -> None:
    result = page_scene(page, before)
    assert (result.good, result.happened) == (True, "5 east, 5 south")


def test_a_page_that_misses_texts_is_not(page: ServedPage) -> None:
    assert not page_scene(page, [TEXT] * 6).good
    assert not page_scene(page, [replace(TEXT, stage="south")] * 6).good


def test_a_page_that_does_not_open_is_not(page: ServedPage) -> None:
    result = page_scene(replace(page, url=page.url + "x"), [])
    assert (result.good, result.happened) == (False, "HTTP 403")
