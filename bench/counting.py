"""Instructions, counted by valgrind: they repeat, on a busy machine too, where times do not.

A process is ended by SIGTERM while it waits for an event, so that tearing it down counts nowhere.
"""

import re
import shutil

from bench.building import Built
from bench.fresh import fresh
from bench.roster import Contestant, Scenario

_SECONDS = 600  # for one answer; valgrind is some thirty times slower
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


class NoValgrindError(Exception):
    """valgrind is not there."""


def valgrind() -> str:
    """Where it is. Raises NoValgrindError with a sentence."""
    found = shutil.which("valgrind")
    if not found:
        message = "The bench counts instructions with valgrind, which is not installed (Debian: apt install valgrind)."
        raise NoValgrindError(message)
    return found


def instructions(contestant: Contestant, built: Built, scenario: Scenario, many: int) -> int:
    """User instructions of a fresh process until it is ready, has answered so many events, and waits for another.

    Raises FunctionFailedError.
    """
    under = [valgrind(), "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--log-fd=2"]
    with fresh(contestant, built, under=under, variables={"PYTHONHASHSEED": "0"}, seconds=_SECONDS) as (function, _):
        function.wait_until_idle()
        for number in range(many):
            function.invoke(scenario.ask(number))
            function.wait_until_idle()
        function.process.terminate()
        function.process.wait()
        return counted(function.log.read_text())


def counted(log: str) -> int:
    """The count in valgrind's own words. Raises ValueError."""
    found = _COUNT.search(log)
    if not found:
        message = f"valgrind did not tell a count: {log[-2000:]}"
        raise ValueError(message)
    return int(found[1].replace(",", ""))
