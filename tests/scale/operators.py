"""An operator at the command, whose requests to AWS are counted."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.state import ROOT
from tests.e2e.waiting import until
from tests.scale.local_stack import LocalStack

_HALF_WAY_SECONDS = 300


@dataclass(frozen=True)
class Ran:
    """A command that ended.

    Attributes:
        calls: how often it made each request to AWS, such as `dynamodb.Query`.
        seconds: how long it took, with Python's own start.
    """

    returncode: int
    stdout: str
    stderr: str
    calls: dict[str, int]
    seconds: float

    @property
    def result(self) -> Any:  # noqa: ANN401 - the command's JSON
        """What it printed."""
        assert self.returncode == 0, self.stderr[-2000:]
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Operator:
    """Runs the command on stage `east` of a local stack, each time as a process of its own."""

    stack: LocalStack
    scratch: Path

    def sms(self, *arguments: str, interrupt_when: Callable[[], object] | None = None) -> Ran:
        """A command with JSON as its output, interrupted as by Ctrl-C as soon as a condition holds, if there is one."""
        calls_file, errors_file, began = self.scratch / "calls.json", self.scratch / "errors", time.monotonic()
        command = [sys.executable, "-m", "tests.scale.command", str(self.stack.state_file), str(calls_file)]
        with (
            errors_file.open("w", encoding="utf-8") as errors,
            subprocess.Popen(  # noqa: S603 - our own command
                [*command, "--json", *arguments],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            ) as running,
        ):
            if interrupt_when:
                assert until(
                    lambda: running.poll() is not None or interrupt_when(), within_seconds=_HALF_WAY_SECONDS
                ), "it did not get half way"
                running.send_signal(signal.SIGINT)
            stdout, _ = running.communicate()
        calls = json.loads(calls_file.read_text(encoding="utf-8"))
        stderr = errors_file.read_text(encoding="utf-8")
        return Ran(running.returncode, stdout, stderr, calls, round(time.monotonic() - began, 1))
