"""What is to be reached, and whether it is."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.arithmetic import Spread
from bench.instructions import COMPILED, START
from bench.results import UNCOMPILED, ZIP, Results
from bench.roster import AUTHORIZER, FETCHING, HANDMADE, NODE, OURS, REFUSED, TUTORIAL, WARM
from bench.timing import COLD_CPU, LOG, WARM_CALLS, WARM_CPU


@dataclass(frozen=True)
class Outcome:
    """A row: a figure, against whom, what it is at the most to be, and what it is."""

    figure: str
    against: str
    most: float
    found: float | Spread
    unit: str = " x"

    @property
    def reached(self) -> bool:
        """A time counts by its median."""
        return (self.found.median if isinstance(self.found, Spread) else self.found) <= self.most


def outcomes(results: Results) -> Iterator[Outcome]:
    """Each target in turn."""
    counted, timed, plain = results.counted, results.timed, results.plain

    def over(figure: str, name: str) -> float:
        return counted[figure][OURS] / counted[figure][name]

    warm, start = "receiver, warm request, instructions", "receiver, start-up as packaged, instructions"
    yield Outcome(warm, "tutorial, secret cached", 0.60, over(WARM, TUTORIAL))
    yield Outcome(warm, "tutorial, secret fetched each time", 0.37, over(WARM, FETCHING))
    yield Outcome(warm, "hand-made floor", 3.7, over(WARM, HANDMADE))
    yield Outcome("receiver, warm request, processor time", "Node, bundled", 0.50, timed[WARM_CPU][OURS][NODE])
    yield Outcome("receiver, refused request, instructions", "tutorial", 0.50, over(REFUSED, TUTORIAL))
    yield Outcome(start, "tutorial, zipped the usual way (no bytecode)", 0.20, over(START, TUTORIAL))
    yield Outcome(start, "tutorial with valid bytecode", 0.60, over(COMPILED, TUTORIAL))
    yield Outcome(
        "receiver, start-up and first request, processor time", "Node, bundled", 1.1, timed[COLD_CPU][OURS][NODE]
    )
    yield Outcome(
        "authorizer, start-up, instructions", "receiver", 0.8, counted[START][AUTHORIZER] / counted[START][OURS]
    )
    yield Outcome("zip that the receiver loads", "tutorial's", 0.4, plain[ZIP][OURS] / plain[ZIP][TUTORIAL])
    yield Outcome("calls to AWS for a warm text", "", 1, plain[WARM_CALLS][OURS], "")
    yield Outcome("log of an accepted text, receiver", "", 600, plain[LOG][OURS], " bytes")
    yield Outcome("modules in the zip without valid bytecode", "", 0, plain[UNCOMPILED][OURS], "")
