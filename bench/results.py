"""What a run found, in ratios, and how it is kept: bench/results.json."""

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
"""What times are compared with."""

TIMED = (COLD_CPU, COLD_CPU_COMPILED, COLD_WALL, WARM_CPU, WARM_WALL)
_HARNESS = (WARM_CPU, WARM_WALL)
_FLOORS = (EMPTY, NODE_EMPTY)
_WEIGHED = (MEMORY, LOG, COLD_CALLS, WARM_CALLS)

Timed = dict[str, dict[str, dict[str, Spread]]]
"""By figure, by contestant, and by what it is compared with."""


@dataclass(frozen=True)
class Results:
    """All figures of a run, by figure and contestant.

    Args:
        python: the minor version that ran the contestants.
        machine: what it ran on.
        date: in UTC.
        repeats_within: by what part two counts of the same differed at the most.
        counted: instructions, by those of the hand-made floor.
        timed: times, by those of others in the same round.
        plain: bytes and numbers.
    """

    python: str
    machine: str
    date: str
    repeats_within: float
    counted: dict[str, dict[str, float]]
    timed: Timed
    plain: dict[str, dict[str, float]]

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1) + "\n"


def loads(text: str) -> Results:
    """From JSON."""
    found = json.loads(text)
    found["timed"] = {
        figure: {name: {base: Spread(**said) for base, said in bases.items()} for name, bases in by_name.items()}
        for figure, by_name in found["timed"].items()
    }
    return Results(**found)


def made(
    counted: Mapping[str, Figures],
    rounds: Sequence[Round],
    plain: dict[str, dict[str, float]],
    *,
    repeats_within: float,
) -> Results:
    """The results of a run here and now."""
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
    """By figure and contestant, over the hand-made floor's; what no webhook has, over the floor's warm request."""
    floor = counted[HANDMADE]
    found: dict[str, dict[str, float]] = {}
    for name, figures in counted.items():
        for figure, value in figures.items():
            found.setdefault(figure, {})[name] = round(value / floor.get(figure, floor[WARM]), 4)
    return found


def timed(rounds: Sequence[Round]) -> Timed:
    """Over others in the same round. Of warm requests the harness is subtracted, of starts nothing."""
    figures: Timed = {}
    for figure in TIMED:
        values = {name: [_alone(measured, name, figure) for measured in rounds] for name in rounds[0]}
        figures[figure] = {
            name: {base: spread(ratios(values[name], values[base])) for base in BASES}
            for name in rounds[0]
            if name not in _FLOORS or figure not in _HARNESS
        }
    return figures


def _alone(measured: Round, name: str, figure: str) -> float:
    harness = NODE_EMPTY if name.startswith("node") else EMPTY
    return measured[name][figure] - (measured[harness][figure] if figure in _HARNESS else 0)


def plain(contestants: Mapping[str, Contestant], rounds: Sequence[Round]) -> dict[str, dict[str, float]]:
    """Bytes and numbers of those who were in the rounds; the median where rounds differ."""
    figures: dict[str, dict[str, float]] = {
        figure: {name: median(measured[name][figure] for measured in rounds) for name in rounds[0]}
        for figure in _WEIGHED
    }
    for figure, of in ((ZIP, Built.zip_bytes), (UNPACKED, Built.unpacked_bytes), (UNCOMPILED, Built.uncompiled)):
        figures[figure] = {name: of(contestants[name].usual) for name in rounds[0]}
    return figures
