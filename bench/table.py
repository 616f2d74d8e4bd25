"""The results as a page: bench/results.md."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from bench.arithmetic import Spread
from bench.instructions import COMPILED, FIRST, START
from bench.results import UNCOMPILED, UNPACKED, ZIP, Results
from bench.roster import BATCH, HANDMADE, REFUSED, TITLES, TUTORIAL, WARM
from bench.targets import Outcome, outcomes
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
)
from tools import markdown

V = TypeVar("V")

_COUNTED = {
    START: "start-up, as zipped",
    COMPILED: "start-up, valid bytecode",
    FIRST: "first request",
    WARM: "warm request",
    REFUSED: "refused request",
    BATCH: "each of ten in an event",
}
_TIMED = {
    COLD_CPU: "start-up and first request, as zipped: processor",
    COLD_WALL: "the same: wall",
    COLD_CPU_COMPILED: "the same, valid bytecode: processor",
    WARM_CPU: "warm request: processor",
    WARM_WALL: "the same: wall",
}
_BYTES = {ZIP: "zip", UNPACKED: "unpacked", MEMORY: "peak memory"}
_NUMBERS = {
    LOG: "log bytes a text",
    COLD_CALLS: "AWS calls, start-up and first text",
    WARM_CALLS: "AWS calls, warm text",
    UNCOMPILED: "Python modules without valid bytecode",
}


def page(results: Results) -> str:
    """All of it, in Markdown."""
    return f"""# Measured against peers and floors

On {results.date}: Python {results.python}, {results.machine}. `make bench` measures anew and writes this page.

The work: an API Gateway event with HTTP Basic and Twilio's signature comes in, key and signature are checked, one
message goes to a FIFO queue, the answer is empty TwiML. Everybody does it against the same AWS on loopback, and proved
it before anything was measured. The *hand-made floor* does it with the standard library alone: a limit, not a
recommendation. *Ours* is the zip of `osls package`; the peers are zipped as their users do it.

## Targets

{markdown.table(("figure", "against", "at most", "found", ""), map(_target, outcomes(results)))}
## Instructions

User instructions, counted by valgrind, without the harness's (AWS's runtime client, Python's own start). By those of
the hand-made floor, and in brackets by those of the tutorial with a cached secret. Two counts of the same differed by
{results.repeats_within:.2%} at the most. Node compiles as it goes, so its instructions do not repeat.

{_grid(_COUNTED, results.counted, _counted)}
The forwarder is asked by an echo, the sender gives to a Twilio on loopback; a *request* of theirs is a message of a
queue, without what backend and Twilio do with it, and by the floor's warm request.

## Times

By those of the hand-made floor in the same round: the median, and between what the middle half lies. They scatter, and
nothing is decided by them. Start-ups are whole processes; of warm requests the harness is subtracted, Node's own too.

{_grid(_TIMED, results.timed, _timed)}
## Sizes and numbers

{_grid(_BYTES | _NUMBERS, results.plain, _plain)}"""


def _target(outcome: Outcome) -> tuple[str, ...]:
    most, found = f"{outcome.most:g}{outcome.unit}", outcome.found
    told = _spread(found) if isinstance(found, Spread) else f"{found:.3g}"
    said = "reached" if outcome.reached else "**not reached**"
    return outcome.figure, outcome.against, most, told + outcome.unit, said


def _grid(
    headings: Mapping[str, str], figures: Mapping[str, Mapping[str, V]], cell: Callable[[str, V, Mapping[str, V]], str]
) -> str:
    """A row for everybody who has one of the figures."""
    shown = [figure for figure in headings if figure in figures]
    names = [name for name in TITLES if any(name in figures[figure] for figure in shown)]
    rows = (
        (
            TITLES[name],
            *(cell(figure, by_name[name], by_name) if name in (by_name := figures[figure]) else "" for figure in shown),
        )
        for name in names
    )
    return markdown.table(("", *(headings[figure] for figure in shown)), rows)


def _counted(figure: str, value: float, by_name: Mapping[str, float]) -> str:
    tutorial = f" ({value / by_name[TUTORIAL]:.2f})" if figure in {START, COMPILED, FIRST, WARM, REFUSED} else ""
    return f"{_short(value)}{tutorial}"


def _timed(_figure: str, value: Mapping[str, Spread], _by_name: Mapping[str, Mapping[str, Spread]]) -> str:
    return _spread(value[HANDMADE])


def _plain(figure: str, value: float, _by_name: Mapping[str, float]) -> str:
    return f"{value / 1e6:.3g} MB" if figure in _BYTES else f"{value:g}"


def _spread(said: Spread) -> str:
    return f"{_short(said.median)} ({_short(said.low)} to {_short(said.high)})"


def _short(value: float) -> str:
    """Two digits behind the point, or three in all."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"  # noqa: PLR2004
