"""Instructions, counted by valgrind. Unlike times, they are repeatable, even on a busy machine.

SIGTERM ends a process while it waits for an event, so that its shutdown is not counted.
"""

import re
import shutil

from bench.building import Built
from bench.roster import Contestant, Scenario
from bench.running import running

_SECONDS = 600  # for one answer: under valgrind it takes some thirty times longer
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


class NoValgrindError(Exception):
    """valgrind is not installed."""


def valgrind() -> str:
    """The path of valgrind. Raises NoValgrindError with a sentence."""
    path = shutil.which("valgrind")
    if not path:
        message = "The bench counts instructions with valgrind, which is not installed (Debian: apt install valgrind)."
        raise NoValgrindError(message)
    return path


def instructions(contestant: Contestant, built: Built, scenario: Scenario, event_count: int) -> int:
    """User instructions of a new process until it has answered so many events and waits for another.

    Raises FunctionFailedError.
    """
    under = [valgrind(), "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--log-fd=2"]
    with running(contestant, built, under=under, variables={"PYTHONHASHSEED": "0"}, seconds=_SECONDS) as (function, _):
        function.wait_until_idle()
        for number in range(event_count):
            function.invoke(scenario.make_event(number))
            function.wait_until_idle()
        function.process.terminate()
        function.process.wait()
        return counted(function.log.read_text())


def counted(log: str) -> int:
    """The count in valgrind's log. Raises ValueError when there is none."""
    match = _COUNT.search(log)
    if not match:
        message = f"valgrind printed no count: {log[-2000:]}"
        raise ValueError(message)
    return int(match[1].replace(",", ""))
