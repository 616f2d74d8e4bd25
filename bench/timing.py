"""The measured figures, in rounds: processor time, wall time, memory, log bytes, and calls to AWS.

Times scatter on a busy machine. Each round starts every contestant once, so that a slow minute affects all of them.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from bench.building import Built
from bench.roster import WARM, Contestant
from bench.running import running
from bench.webhook_events import Event
from tests.integration.lambda_runtime import Packaged

REQUESTS = 200

COLD_CPU, COLD_WALL = "cold_cpu", "cold_wall"
COLD_CPU_COMPILED = "cold_cpu_compiled"
WARM_CPU, WARM_WALL = "warm_cpu", "warm_wall"
MEMORY, LOG, COLD_CALLS, WARM_CALLS = "memory_bytes", "log_bytes", "cold_calls", "warm_calls"

Round = dict[str, dict[str, float]]
"""Values by contestant and by figure."""


def once(contestants: Mapping[str, Contestant]) -> Round:
    """The values of one round. Raises FunctionFailedError."""
    return {name: _measure(contestant) for name, contestant in contestants.items()}


def _measure(contestant: Contestant) -> dict[str, float]:
    measured = _run(contestant, contestant.usual)
    if contestant.compiled is contestant.usual:
        return measured | {COLD_CPU_COMPILED: measured[COLD_CPU]}
    return measured | {COLD_CPU_COMPILED: _run(contestant, contestant.compiled, requests=0)[COLD_CPU]}


def _run(contestant: Contestant, built: Built, requests: int = REQUESTS) -> dict[str, float]:
    """The figures of a process, from its start through so many requests after the first."""
    events = [contestant.scenarios[WARM].make_event(number) for number in range(requests + 1)]
    with running(contestant, built) as (function, services):
        ready = function.wait_until_idle() - function.began
        measured = {
            COLD_WALL: ready + _answer(function, events[0]),
            COLD_CPU: _processor_seconds(function),
            COLD_CALLS: len(services.aws.asked),
        }
        if requests:
            logged = function.log.stat().st_size
            measured[WARM_WALL] = sum(_answer(function, event) for event in events[1:]) / requests
            measured[WARM_CPU] = (_processor_seconds(function) - measured[COLD_CPU]) / requests
            measured[WARM_CALLS] = (len(services.aws.asked) - measured[COLD_CALLS]) / requests
            measured[LOG] = (function.log.stat().st_size - logged) / requests
            measured[MEMORY] = _peak_bytes(function)
    return measured


def _answer(function: Packaged, event: Event) -> float:
    """Seconds from an event until the function waits for the next one."""
    started_at = time.perf_counter()
    function.invoke(event)
    return function.wait_until_idle() - started_at


def _processor_seconds(function: Packaged) -> float:
    """The processor time of all its threads, by Linux's clock of another process (clock_getcpuclockid(3))."""
    return time.clock_gettime(~function.process.pid << 3 | 2)


def _peak_bytes(function: Packaged) -> int:
    """Its peak memory. Not `ru_maxrss`, which in a child starts at its parent's value (getrusage(2))."""
    status = Path(f"/proc/{function.process.pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
