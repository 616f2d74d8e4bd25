"""The figures that are counted: start-up, the first request, and one of many; in user instructions, harness subtracted.

The harness is what `empty` costs when it is given the same events: AWS's runtime client, and Python itself.
"""

import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from bench.arithmetic import per_text
from bench.building import Built
from bench.counting import instructions
from bench.roster import EMPTY, Contestant, Scenario

START, COMPILED, FIRST = "start", "start_compiled", "first"

Figures = dict[str, float]


def count(contestants: Mapping[str, Contestant], empty: Contestant) -> dict[str, Figures]:
    """The figures of each, two processes at a time. Raises FunctionFailedError."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        runs = _Runs(threads)
        for name, contestant in contestants.items():
            runs.begin(EMPTY, empty, contestant.scenarios)
            runs.begin(name, contestant, contestant.scenarios)
        return {name: _figures(runs, name, contestant, empty) for name, contestant in contestants.items()}


def _figures(runs: "_Runs", name: str, contestant: Contestant, empty: Contestant) -> Figures:
    its = runs.figures(name, contestant, contestant.scenarios)
    harness = runs.figures(EMPTY, empty, contestant.scenarios)
    harness[START] = harness[COMPILED]
    return {figure: counted - harness[figure] for figure, counted in its.items()}


class _Runs:
    """All processes; none is counted twice."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._counted: dict[tuple[str, Built, Scenario, int], Future[int]] = {}

    def begin(self, name: str, contestant: Contestant, scenarios: Mapping[str, Scenario]) -> None:
        """Puts them in the queue."""
        first = next(iter(scenarios.values()))
        wanted = [(contestant.usual, first, 0), *((contestant.compiled, first, many) for many in (0, 1))]
        wanted += [(contestant.compiled, scenario, many) for scenario in scenarios.values() for many in scenario.runs]
        for built, scenario, many in wanted:
            key = (name, built, scenario, many)
            if key not in self._counted:
                self._counted[key] = self._threads.submit(instructions, contestant, built, scenario, many)

    def figures(self, name: str, contestant: Contestant, scenarios: Mapping[str, Scenario]) -> Figures:
        """What they say, as soon as they do. What is not about start-up is the same with bytecode, and sooner there."""

        def counted(built: Built, scenario: Scenario, many: int) -> int:
            return self._counted[name, built, scenario, many].result()

        usual, compiled, first = contestant.usual, contestant.compiled, next(iter(scenarios.values()))
        start = counted(compiled, first, 0)
        each = {
            figure: per_text(
                *(counted(compiled, scenario, many) for many in scenario.runs),
                texts=(scenario.runs[1] - scenario.runs[0]) * scenario.messages,
            )
            for figure, scenario in scenarios.items()
        }
        return {START: counted(usual, first, 0), COMPILED: start, FIRST: counted(compiled, first, 1) - start} | each
