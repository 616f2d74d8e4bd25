"""The results of a run in ratios, as bench/results.json has them."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench import building
from bench.arithmetic import Spread, ratios, spread
from bench.building import Built
from bench.instructions import Figures
from bench.roster import EMPTY, HANDMADE, NODE, NODE_EMPTY, TUTORIAL, WARM, Contestant
from bench.timing import (
    COLD_CALLS,
    COLD_CPU,
    COLD_CPU_COMPILED,
    COLD_WALL,
    LOG,
    MEMORY,
    WARM_CALLS,
    WARM_CPU,
    WARM_WALL,
    Round,
)

FILE = Path(__file__).parent / "results.json"

ZIP, UNPACKED, UNCOMPILED = "zip_bytes", "unpacked_bytes", "uncompiled"
BASES = (HANDMADE, TUTORIAL, NODE)
"""The contestants that times are compared with."""

TIMED = (COLD_CPU, COLD_CPU_COMPILED, COLD_WALL, WARM_CPU, WARM_WALL)
_HARNESS = (WARM_CPU, WARM_WALL)
_FLOORS = (EMPTY, NODE_EMPTY)
_COUNTS = (MEMORY, LOG, COLD_CALLS, WARM_CALLS)

Timed = dict[str, dict[str, dict[str, Spread]]]
"""By figure, by contestant, and by the contestant that it is compared with."""


@dataclass(frozen=True)
class Results:
    """All figures of a run, by figure and contestant.

    Args:
        python: the minor version that ran the contestants.
        machine: the computer that it ran on.
        date: in UTC.
        repeats_within: the largest difference between two counts of the same run, as a share.
        counted: instructions, divided by those of the hand-made floor.
        timed: times, divided by those of other contestants in the same round.
        plain: bytes and numbers of calls or modules, as they are.
    """

    python: str
    machine: str
    date: str
    repeats_within: float
    counted: dict[str, dict[str, float]]
    timed: Timed
    plain: dict[str, dict[str, float]]

    def dumps(self) -> str:
        """The results as JSON."""
        return json.dumps(asdict(self), indent=1) + "\n"


def loads(text: str) -> Results:
    """The results from their JSON."""
    fields = json.loads(text)
    fields["timed"] = {
        figure: {name: {base: Spread(**bounds) for base, bounds in bases.items()} for name, bases in by_name.items()}
        for figure, by_name in fields["timed"].items()
    }
    return Results(**fields)


def from_run(
    counted: Mapping[str, Figures],
    rounds: Sequence[Round],
    plain: dict[str, dict[str, float]],
    *,
    repeats_within: float,
) -> Results:
    """The results of a run that has just ended on this computer."""
    return Results(
        python=building.PYTHON,
        machine=f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}",
        date=datetime.now(UTC).date().isoformat(),
        repeats_within=round(repeats_within, 5),
        counted=by_floor(counted),
        timed=timed(rounds) if rounds else {},
        plain=plain,
    )


def by_floor(counted: Mapping[str, Figures]) -> dict[str, dict[str, float]]:
    """Ratios to the hand-made floor, by figure and contestant.

    A figure that the floor lacks is divided by the floor's warm request.
    """
    floor = counted[HANDMADE]
    ratios_by_figure: dict[str, dict[str, float]] = {}
    for name, figures in counted.items():
        for figure, value in figures.items():
            ratios_by_figure.setdefault(figure, {})[name] = round(value / floor.get(figure, floor[WARM]), 4)
    return ratios_by_figure


def timed(rounds: Sequence[Round]) -> Timed:
    """Ratios of times in the same round. The harness is subtracted from warm requests, not from starts."""
    figures: Timed = {}
    for figure in TIMED:
        values = {name: [_without_harness(measured, name, figure) for measured in rounds] for name in rounds[0]}
        figures[figure] = {
            name: {base: spread(ratios(values[name], values[base])) for base in BASES}
            for name in rounds[0]
            if name not in _FLOORS or figure not in _HARNESS
        }
    return figures


def _without_harness(measured: Round, name: str, figure: str) -> float:
    harness = NODE_EMPTY if name.startswith("node") else EMPTY
    return measured[name][figure] - (measured[harness][figure] if figure in _HARNESS else 0)


def plain(contestants: Mapping[str, Contestant], rounds: Sequence[Round]) -> dict[str, dict[str, float]]:
    """Bytes and numbers of the contestants in the rounds; the median where rounds differ."""
    figures: dict[str, dict[str, float]] = {
        figure: {name: median(measured[name][figure] for measured in rounds) for name in rounds[0]}
        for figure in _COUNTS
    }
    for figure, measure in ((ZIP, Built.zip_bytes), (UNPACKED, Built.unpacked_bytes), (UNCOMPILED, Built.uncompiled)):
        figures[figure] = {name: measure(contestants[name].usual) for name in rounds[0]}
    return figures
