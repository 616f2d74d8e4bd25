"""`python -m bench`: measures the Lambdas against floors and peers, and writes bench/results.json and results.md."""

import argparse
import sys
from collections.abc import Iterable, Sequence

from bench import building, measuring, results, table
from bench.building import NotBuiltError
from bench.comparing import NotComparableError, require_comparable, worse
from bench.contract import BrokenContractError
from bench.counting import NoValgrindError, valgrind
from bench.roster import HANDMADE, TITLES, TUTORIAL
from tests.integration.lambda_runtime import FunctionFailedError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0, or 1 after a sentence about the error, or after figures that became worse."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="only report what became worse since bench/results.json")
    mode.add_argument(
        "--only", metavar="NAMES", help="only show the instructions of these contestants, for example ours,tutorial"
    )
    options = parser.parse_args(arguments)
    names = options.only.split(",") if options.only else []
    if unknown := [name for name in names if name not in TITLES]:
        parser.error(f"unknown contestants: {', '.join(unknown)}; choose from {', '.join(TITLES)}")
    try:
        valgrind()
        if options.check:
            return _check()
        return _show(names) if names else _measure()
    except (NoValgrindError, NotBuiltError, NotComparableError, BrokenContractError, FunctionFailedError) as error:
        _report(str(error))
        return 1


def _measure() -> int:
    run = measuring.everything(_report)
    results.FILE.write_text(run.dumps(), encoding="utf-8")
    page = table.page(run)
    results.FILE.with_suffix(".md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)
    return 0


def _check() -> int:
    previous = results.loads(results.FILE.read_text(encoding="utf-8"))
    require_comparable(previous, building.PYTHON)
    rows = list(worse(previous, measuring.comparable(_report)))
    sys.stdout.write("".join(f"{row}\n" for row in rows) or "Nothing is more than 5 % worse than bench/results.json.\n")
    return 1 if rows else 0


def _show(names: Iterable[str]) -> int:
    counted = measuring.some(names, _report)
    for figure in dict.fromkeys(figure for figures in counted.values() for figure in figures):
        by_name = {name: figures[figure] for name, figures in counted.items() if figure in figures}
        for name, value in by_name.items():
            ratios = "".join(f"  {value / by_name[to]:7.3f} x {to}" for to in (HANDMADE, TUTORIAL) if to in by_name)
            sys.stdout.write(f"{figure:16}{name:22}{value / 1e6:10.3f} million{ratios}\n")
    return 0


def _report(message: str) -> None:
    sys.stderr.write(f"{message}\n")


if __name__ == "__main__":
    sys.exit(main())
