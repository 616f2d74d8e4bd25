import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import ENVIRONMENT, forget

FIGURES = Path(__file__).parents[2] / "build" / "scale.json"
_figures = pytest.StashKey[dict[str, object]]()

Note = Callable[[str, object], None]
"""Notes a figure by its name."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Shows the figures in the end, and leaves them in build/scale.json."""
    figures = config.stash.get(_figures, {})
    for name, figure in figures.items():
        terminalreporter.write_line(f"{name}: {json.dumps(figure)}")
    if figures:
        FIGURES.parent.mkdir(exist_ok=True)
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def note(pytestconfig: pytest.Config) -> Note:
    """Where tests note what they measured."""
    figures = pytestconfig.stash.setdefault(_figures, {})

    def write(name: str, figure: object) -> None:
        figures[name] = figure

    return write


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of a Lambda that has made nothing yet."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    forget()
    yield
    forget()
