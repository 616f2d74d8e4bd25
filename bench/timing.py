"""The figures that are timed or weighed: processor time, wall time, memory, log, and calls to AWS; in rounds.

Times scatter on a busy machine. In each round every contestant is started once, so that a slow minute is everybody's.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from bench.building import Built
from bench.fresh import fresh
from bench.roster import WARM, Contestant
from bench.texts import Event
from tests.integration.lambda_runtime import Packaged

REQUESTS = 200

COLD_CPU, COLD_WALL = "cold_cpu", "cold_wall"
COLD_CPU_COMPILED = "cold_cpu_compiled"
WARM_CPU, WARM_WALL = "warm_cpu", "warm_wall"
MEMORY, LOG, COLD_CALLS, WARM_CALLS = "memory_bytes", "log_bytes", "cold_calls", "warm_calls"

Round = dict[str, dict[str, float]]
"""By contestant, and by figure."""


def once(contestants: Mapping[str, Contestant]) -> Round:
    """One round. Raises FunctionFailedError."""
    return {name: _measure(contestant) for name, contestant in contestants.items()}


def _measure(contestant: Contestant) -> dict[str, float]:
    measured = _live(contestant, contestant.usual)
    if contestant.compiled is contestant.usual:
        return measured | {COLD_CPU_COMPILED: measured[COLD_CPU]}
    return measured | {COLD_CPU_COMPILED: _live(contestant, contestant.compiled, requests=0)[COLD_CPU]}


def _live(contestant: Contestant, built: Built, requests: int = REQUESTS) -> dict[str, float]:
    """A process from its start to the last of so many requests after the first."""
    ask = contestant.scenarios[WARM].ask
    events = [ask(number) for number in range(requests + 1)]
    with fresh(contestant, built) as (function, world):
        ready = function.wait_until_idle() - function.began
        measured = {
            COLD_WALL: ready + _answer(function, events[0]),
            COLD_CPU: _processor_seconds(function),
            COLD_CALLS: len(world.aws.asked),
        }
        if requests:
            logged = function.log.stat().st_size
            measured[WARM_WALL] = sum(_answer(function, event) for event in events[1:]) / requests
            measured[WARM_CPU] = (_processor_seconds(function) - measured[COLD_CPU]) / requests
            measured[WARM_CALLS] = (len(world.aws.asked) - measured[COLD_CALLS]) / requests
            measured[LOG] = (function.log.stat().st_size - logged) / requests
            measured[MEMORY] = _peak_bytes(function)
    return measured


def _answer(function: Packaged, event: Event) -> float:
    """Seconds until it waits for another event."""
    asked = time.perf_counter()
    function.invoke(event)
    return function.wait_until_idle() - asked


def _processor_seconds(function: Packaged) -> float:
    """What all its threads have used, by the clock that Linux has for another process (clock_getcpuclockid(3))."""
    return time.clock_gettime(~function.process.pid << 3 | 2)


def _peak_bytes(function: Packaged) -> int:
    """The most memory that it ever held. Not `ru_maxrss`, which for a child begins with its parent's (getrusage(2))."""
    status = Path(f"/proc/{function.process.pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
