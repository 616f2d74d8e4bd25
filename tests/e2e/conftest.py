from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from devstack import stack, state
from devstack.arrivals import Arrivals
from devstack.aws import LocalAws
from devstack.backend import LocalBackend, running
from devstack.decisions import DecisionLog
from devstack.phones import Phones
from devstack.state import DECISIONS, StackState
from tests.e2e.contract import Contract
from tests.e2e.lines import Line, Lines
from tests.e2e.rights_log import RightsLog
from tests.e2e.talks import Talks

LAST = ("test_metrics", "test_secrecy", "test_rights")
"""They read, in this order, what all the others left in the logs."""
FOLDER = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Brings the tests into their order, without what only a whole run can tell when it is none."""
    items.sort(key=lambda item: LAST.index(item.path.stem) if item.path.stem in LAST else -1)
    if {item.path for item in items} >= set(FOLDER.glob("test_*.py")):
        return
    partial = [item for item in items if item.get_closest_marker("whole_run")]
    config.hook.pytest_deselected(items=partial)
    items[:] = [item for item in items if item not in partial]


@pytest.fixture(scope="session")
def present(pytestconfig: pytest.Config) -> Iterator[StackState]:
    """The local stack with the present sources; brought down again, unless it was up before."""
    before = state.load()
    terminal = pytestconfig.pluginmanager.getplugin("terminalreporter")
    started = stack.up(lambda step: terminal.write_line(step) if terminal else None)
    yield started
    if before is None or not before.alive:
        stack.down(lambda _: None)


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Says something to whoever runs the tests, also when they pass."""
    terminal = pytestconfig.pluginmanager.getplugin("terminalreporter")
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            terminal.write_line(f"\n{line}")

    return say if terminal else lambda _: None


@pytest.fixture(scope="session")
def rights_log(present: StackState) -> Iterator[RightsLog]:
    """What IAM decides in this run."""
    log = RightsLog(DecisionLog(DECISIONS))
    yield log
    assert not log.denied(), "denied after the last test"


@pytest.fixture(autouse=True)
def nothing_is_denied(rights_log: RightsLog) -> Iterator[None]:
    """Fails a test while which IAM denied somebody a call."""
    yield
    denied = rights_log.denied()
    assert not denied, "\n".join(f"{call.caller} may not {call.action} on {call.resource}" for call in denied)


@pytest.fixture(scope="session")
def aws(present: StackState) -> LocalAws:
    return LocalAws(present.aws_endpoint)


@pytest.fixture(scope="session")
def contract() -> Iterator[Contract]:
    """What all tests hear goes through it; in the end none of it may be other than it is described."""
    heard = Contract()
    yield heard
    assert not heard.problems, "\n".join(heard.problems[:20])


@pytest.fixture(scope="session")
def backend(contract: Contract) -> Iterator[LocalBackend]:
    with running(contract.asked) as started:
        yield started


@pytest.fixture(scope="session")
def arrivals(backend: LocalBackend) -> Arrivals:
    return Arrivals(backend)


@pytest.fixture(scope="session")
def phones(present: StackState) -> Phones:
    return Phones(present.twin_url)


@pytest.fixture(scope="session")
def lines(present: StackState, aws: LocalAws, phones: Phones, backend: LocalBackend, contract: Contract) -> Lines:
    return Lines(present, aws, phones, backend, contract)


@pytest.fixture(scope="session")
def talks(lines: Lines, phones: Phones, backend: LocalBackend, aws: LocalAws) -> Talks:
    return Talks(lines, phones, backend, aws)


@pytest.fixture(scope="session", params=["east", "south"])
def stage(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def line(stage: str, lines: Lines) -> Line:
    """One line for all tests that change nothing about its tenant."""
    return lines.shared(stage)
