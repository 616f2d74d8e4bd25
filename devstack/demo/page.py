"""The operator's page, while `make run` is in use: it begins with the demonstration's tenant."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from dashboard.server import ServedPage, serving
from devstack.demo.journey import Quiet, local_operator
from devstack.demo.scene_result import SceneResult
from operations.stage.names import STAGES
from terminal.gate import Screen, styled

_TEXT_ID = re.compile(r"\bSM[0-9a-f]{32}\b")
_CAME_IN = re.compile(r"(\d+) came in")


class _Warnings(Quiet):
    """Prints what must not be overlooked: a defect of the page."""

    def __init__(self, console: Screen) -> None:
        self._console = console

    def warning(self, sentence: str) -> None:
        """Prints the sentence."""
        self._console.print(styled((sentence, "yellow")), soft_wrap=True)


@contextmanager
def demo_page(tenant_id: str, console: Screen) -> Iterator[ServedPage]:
    """The page for the local stack, served until the block ends."""
    with serving(local_operator(tenant_id, _Warnings(console)), 0) as page:
        console.print(styled(("The operator's page", "bold"), f": {page.url}"), soft_wrap=True)
        yield page


def page_scene(page: ServedPage, before: Sequence[SceneResult]) -> SceneResult:
    """Whether the page opens, counts the texts of the run and lists them: at least those that reached the agent."""
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=60) as browser:
        answer, texts = browser.get(page.url), browser.get(f"{page.address}/texts/")
    least = Counter(result.stage for result in before if result.happened.endswith("→ agent"))
    listed = len(set(_TEXT_ID.findall(texts.text)))
    came_in = dict(zip(STAGES, map(int, _CAME_IN.findall(answer.text)), strict=False))
    return SceneResult(
        what="the operator's page",
        stage="both",
        expected="shows the texts of the run",
        happened=", ".join([*(f"{count} {stage}" for stage, count in came_in.items()), f"{listed} listed"]),
        good=listed >= least.total() and all(came_in.get(stage, 0) >= max(least[stage], 1) for stage in STAGES),
    )
