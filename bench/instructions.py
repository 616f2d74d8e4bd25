"""The counted figures: user instructions for start-up, for the first request and for a later one, without the harness.

The harness is what `empty` costs with the same events: AWS's runtime client, and Python itself.
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
    """The figures by contestant. It runs a process for each processor at a time. Raises FunctionFailedError."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        runs = _Runs(threads)
        for name, contestant in contestants.items():
            runs.begin(EMPTY, empty, contestant.scenarios)
            runs.begin(name, contestant, contestant.scenarios)
        return {name: _figures(runs, name, contestant, empty) for name, contestant in contestants.items()}


def _figures(runs: "_Runs", name: str, contestant: Contestant, empty: Contestant) -> Figures:
    figures = runs.figures(name, contestant, contestant.scenarios)
    harness = runs.figures(EMPTY, empty, contestant.scenarios)
    harness[START] = harness[COMPILED]
    return {figure: counted - harness[figure] for figure, counted in figures.items()}


class _Runs:
    """The processes of all contestants; each is counted only once."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._counted: dict[tuple[str, Built, Scenario, int], Future[int]] = {}

    def begin(self, name: str, contestant: Contestant, scenarios: Mapping[str, Scenario]) -> None:
        """Queue the processes that a contestant's figures need."""
        first = next(iter(scenarios.values()))
        runs = [(contestant.usual, first, 0), *((contestant.compiled, first, event_count) for event_count in (0, 1))]
        runs += [
            (contestant.compiled, scenario, event_count)
            for scenario in scenarios.values()
            for event_count in scenario.runs
        ]
        for built, scenario, event_count in runs:
            key = (name, built, scenario, event_count)
            if key not in self._counted:
                self._counted[key] = self._threads.submit(instructions, contestant, built, scenario, event_count)

    def figures(self, name: str, contestant: Contestant, scenarios: Mapping[str, Scenario]) -> Figures:
        """A contestant's figures, after waiting for its processes.

        All but the start as zipped is counted with valid bytecode, which makes no difference there and is faster.
        """

        def counted(built: Built, scenario: Scenario, event_count: int) -> int:
            return self._counted[name, built, scenario, event_count].result()

        usual, compiled, first = contestant.usual, contestant.compiled, next(iter(scenarios.values()))
        start = counted(compiled, first, 0)
        by_scenario = {
            figure: per_text(
                *(counted(compiled, scenario, event_count) for event_count in scenario.runs),
                texts=(scenario.runs[1] - scenario.runs[0]) * scenario.messages,
            )
            for figure, scenario in scenarios.items()
        }
        return {
            START: counted(usual, first, 0),
            COMPILED: start,
            FIRST: counted(compiled, first, 1) - start,
        } | by_scenario
