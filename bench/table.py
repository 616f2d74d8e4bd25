"""The results as a page: bench/results.md."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from bench.arithmetic import Spread
from bench.instructions import COMPILED, FIRST, START
from bench.results import UNCOMPILED, UNPACKED, ZIP, Results
from bench.roster import BATCH, HANDMADE, REFUSED, TITLES, TUTORIAL, WARM
from bench.targets import TargetResult, target_results
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
    """The whole page in Markdown."""
    return f"""# Measured against peers and floors

On {results.date}: Python {results.python}, {results.machine}. `make bench` measures again and writes this page.

The work: an API Gateway event with HTTP Basic and Twilio's signature comes in, key and signature are checked, one
message goes to a FIFO queue, and the response is empty TwiML. All contestants do it against the same AWS on loopback,
and a check proved that they do before anything was measured. The *hand-made floor* does it with the standard library
alone: it is a limit, not a recommendation. *Ours* is the zip of `osls package`; the peers are zipped as their users do
it.

## Targets

{markdown.table(("figure", "against", "at most", "measured", ""), map(_target, target_results(results)))}
## Instructions

User instructions, counted by valgrind, without the harness's (AWS's runtime client, Python's own start). They are
divided by those of the hand-made floor and, in brackets, by those of the tutorial with a cached secret. Two counts of
the same work differed by at most {results.repeats_within:.2%}. Node compiles while it runs, so its counts are not
repeatable.

{_grid(_COUNTED, results.counted, _counted)}
The forwarder's backend is the echo, the sender's provider a Twilio on loopback. A *request* of theirs is a message from
a queue, without the work of the backend and of Twilio, and divided by the floor's warm request.

## Times

Times are divided by those of the hand-made floor in the same round: the median, and the bounds of the middle half. They
scatter, so they decide nothing. Start-ups are whole processes; the harness, for Node its own, is subtracted from warm
requests.

{_grid(_TIMED, results.timed, _timed)}
## Sizes and numbers

{_grid(_BYTES | _NUMBERS, results.plain, _plain)}"""


def _target(target: TargetResult) -> tuple[str, ...]:
    value = _spread(target.value) if isinstance(target.value, Spread) else f"{target.value:.3g}"
    verdict = "reached" if target.reached else "**not reached**"
    return target.figure, target.against, f"{target.limit:g}{target.unit}", value + target.unit, verdict


def _grid(
    headings: Mapping[str, str], figures: Mapping[str, Mapping[str, V]], cell: Callable[[str, V, Mapping[str, V]], str]
) -> str:
    """A table with a row for each contestant that has one of the figures."""
    columns = [figure for figure in headings if figure in figures]
    names = [name for name in TITLES if any(name in figures[figure] for figure in columns)]
    rows = (
        (
            TITLES[name],
            *(
                cell(figure, by_name[name], by_name) if name in (by_name := figures[figure]) else ""
                for figure in columns
            ),
        )
        for name in names
    )
    return markdown.table(("", *(headings[figure] for figure in columns)), rows)


def _counted(figure: str, value: float, by_name: Mapping[str, float]) -> str:
    tutorial = f" ({value / by_name[TUTORIAL]:.2f})" if figure in {START, COMPILED, FIRST, WARM, REFUSED} else ""
    return f"{_short(value)}{tutorial}"


def _timed(_figure: str, value: Mapping[str, Spread], _by_name: Mapping[str, Mapping[str, Spread]]) -> str:
    return _spread(value[HANDMADE])


def _plain(figure: str, value: float, _by_name: Mapping[str, float]) -> str:
    return f"{value / 1e6:.3g} MB" if figure in _BYTES else f"{value:g}"


def _spread(spread: Spread) -> str:
    return f"{_short(spread.median)} ({_short(spread.low)} to {_short(spread.high)})"


def _short(value: float) -> str:
    """A number with two decimals, or with three digits in all."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"  # noqa: PLR2004
