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
    """Whether the page opens and counts the texts of the run, on each stage at least as many as reached the agent."""
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=60) as browser:
        answer = browser.get(page.url)
    least = Counter(result.stage for result in before if result.happened.endswith("→ agent"))
    came_in = dict(zip(STAGES, map(int, _CAME_IN.findall(answer.text)), strict=False))
    return SceneResult(
        what="the operator's page",
        stage="both",
        expected="shows the texts of the run",
        happened=", ".join(f"{count} {stage}" for stage, count in came_in.items()) or f"HTTP {answer.status_code}",
        good=answer.is_success and all(came_in.get(stage, 0) >= max(least[stage], 1) for stage in STAGES),
    )
