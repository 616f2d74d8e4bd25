"""What the tests and the bench rely on when they run a zip."""

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lambda_runtime import FunctionFailedError, python, started, unpack

ECHO = "def lambda_handler(event, context):\n    return event\n"


def a_task(folder: Path, source: str) -> Path:
    task = folder / "task"
    task.mkdir()
    (task / "function.py").write_text(source)
    return task


def test_a_function_waits_when_it_is_ready_and_after_each_event(tmp_path: Path) -> None:
    command = python("function.lambda_handler")
    with started(command, a_task(tmp_path, ECHO), folder=tmp_path, environment={}) as function:
        ready = function.wait_until_idle()
        assert function.invoke({"number": 1}) == {"number": 1}
        assert function.began < ready < function.wait_until_idle()
        assert function.queues.polls.empty()


def test_a_function_that_cannot_start_is_not_waited_for(tmp_path: Path) -> None:
    command = python("function.lambda_handler")
    with (
        started(command, a_task(tmp_path, "import nothing_of_the_kind"), folder=tmp_path, environment={}) as function,
        pytest.raises(FunctionFailedError, match="nothing_of_the_kind"),
    ):
        function.wait_until_idle()
    assert function.process.returncode == 1


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Some hours from UTC."""
    monkeypatch.setenv("TZ", "America/Chicago")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_away")
def test_files_keep_their_times_in_utc(tmp_path: Path) -> None:
    """Python compares them with what its bytecode says."""
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as package:
        package.writestr(zipfile.ZipInfo("a/module.py", (2026, 11, 25, 12, 30, 2)), "")
    unpack(tmp_path / "package.zip", tmp_path / "task")
    assert (tmp_path / "task" / "a" / "module.py").stat().st_mtime == 1795609802
