"""Made-up results of a run, in round numbers."""

from dataclasses import replace
from typing import Any

from bench.arithmetic import Spread
from bench.results import Results

PEERS = ("handmade", "ours", "tutorial", "tutorial_fetching")


def sample_results(**changes: Any) -> Results:  # noqa: ANN401 - any attribute of results
    """Ours is twice the floor, the tutorial four times, and ten times when it fetches the secret."""
    figures = dict(zip(PEERS, (1.0, 2.0, 4.0, 10.0), strict=True))
    base = {"handmade": Spread(3, 2.5, 3.5), "tutorial": Spread(0.5, 0.4, 0.6), "node_express_bundled": Spread(1, 1, 1)}
    results = Results(
        python="3.13",
        machine="a machine",
        date="2026-11-25",
        repeats_within=0.0012,
        counted={
            **{figure: dict(figures) for figure in ("start", "start_compiled", "first", "warm", "refused")},
            "start": figures | {"authorizer": 1.0},
            "batch": {"forwarder": 20.0},
        },
        timed={figure: {"ours": base} for figure in ("cold_cpu", "cold_wall", "cold_cpu_compiled", "warm_cpu")},
        plain={
            "zip_bytes": {"ours": 3e6, "tutorial": 10e6, "handmade": 1000.0},
            "unpacked_bytes": {"ours": 9e6},
            "memory_bytes": {"ours": 50e6},
            "log_bytes": {"ours": 356.0},
            "cold_calls": {"ours": 2.0},
            "warm_calls": {"ours": 1.0},
            "uncompiled": {"ours": 0.0},
        },
    )
    return replace(results, **changes)
