"""The targets, and whether they are reached."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.arithmetic import Spread
from bench.instructions import COMPILED, START
from bench.results import UNCOMPILED, ZIP, Results
from bench.roster import AUTHORIZER, FETCHING, HANDMADE, NODE, OURS, REFUSED, TUTORIAL, WARM
from bench.timing import COLD_CPU, LOG, WARM_CALLS, WARM_CPU


@dataclass(frozen=True)
class TargetResult:
    """A target and its value: a figure, the base it is compared with, its upper limit, and its value."""

    figure: str
    against: str
    limit: float
    value: float | Spread
    unit: str = " x"

    @property
    def reached(self) -> bool:
        """Whether the value is within the limit; of a time, the median."""
        return (self.value.median if isinstance(self.value, Spread) else self.value) <= self.limit


def target_results(results: Results) -> Iterator[TargetResult]:
    """All targets with their values in these results."""
    counted, timed, plain = results.counted, results.timed, results.plain

    def over(figure: str, name: str) -> float:
        return counted[figure][OURS] / counted[figure][name]

    warm, start = "receiver, warm request, instructions", "receiver, start-up as packaged, instructions"
    yield TargetResult(warm, "tutorial, secret cached", 0.60, over(WARM, TUTORIAL))
    yield TargetResult(warm, "tutorial, secret fetched each time", 0.37, over(WARM, FETCHING))
    yield TargetResult(warm, "hand-made floor", 3.7, over(WARM, HANDMADE))
    yield TargetResult("receiver, warm request, processor time", "Node, bundled", 0.50, timed[WARM_CPU][OURS][NODE])
    yield TargetResult("receiver, refused request, instructions", "tutorial", 0.50, over(REFUSED, TUTORIAL))
    yield TargetResult(start, "tutorial, zipped the usual way (no bytecode)", 0.20, over(START, TUTORIAL))
    yield TargetResult(start, "tutorial with valid bytecode", 0.60, over(COMPILED, TUTORIAL))
    yield TargetResult(
        "receiver, start-up and first request, processor time", "Node, bundled", 1.1, timed[COLD_CPU][OURS][NODE]
    )
    yield TargetResult(
        "authorizer, start-up, instructions", "receiver", 0.8, counted[START][AUTHORIZER] / counted[START][OURS]
    )
    yield TargetResult("zip that the receiver loads", "tutorial's", 0.4, plain[ZIP][OURS] / plain[ZIP][TUTORIAL])
    yield TargetResult("calls to AWS for a warm text", "", 1, plain[WARM_CALLS][OURS], "")
    yield TargetResult("log of an accepted text, receiver", "", 600, plain[LOG][OURS], " bytes")
    yield TargetResult("modules in the zip without valid bytecode", "", 0, plain[UNCOMPILED][OURS], "")
