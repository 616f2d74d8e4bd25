"""`python -m bench`: measures the Lambdas against floors and peers, and writes bench/results.json and results.md."""

import argparse
import sys
from collections.abc import Iterable, Sequence

from bench import building, measuring, results, table
from bench.building import NotBuiltError
from bench.checking import NotComparableError, insist_comparable, worse
from bench.contract import BrokenContractError
from bench.counting import NoValgrindError, valgrind
from bench.roster import HANDMADE, TITLES, TUTORIAL
from tests.integration.lambda_runtime import FunctionFailedError


def main(given: Sequence[str] | None = None) -> int:
    """0, or 1 after a sentence that says what is wrong."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    way = asked.add_mutually_exclusive_group()
    way.add_argument("--check", action="store_true", help="only tell what became worse since bench/results.json")
    way.add_argument("--only", metavar="NAMES", help="only show the instructions of some, as in ours,tutorial")
    arguments = asked.parse_args(given)
    names = arguments.only.split(",") if arguments.only else []
    if strangers := [name for name in names if name not in TITLES]:
        asked.error(f"nobody is called {', '.join(strangers)}; there are {', '.join(TITLES)}")
    try:
        valgrind()
        if arguments.check:
            return _check()
        return _show(names) if names else _measure()
    except (NoValgrindError, NotBuiltError, NotComparableError, BrokenContractError, FunctionFailedError) as error:
        _tell(str(error))
        return 1


def _measure() -> int:
    found = measuring.everything(_tell)
    results.FILE.write_text(found.dumps(), encoding="utf-8")
    page = table.page(found)
    results.FILE.with_suffix(".md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)
    return 0


def _check() -> int:
    kept = results.loads(results.FILE.read_text(encoding="utf-8"))
    insist_comparable(kept, building.PYTHON)
    rows = list(worse(kept, measuring.comparable(_tell)))
    sys.stdout.write("".join(f"{row}\n" for row in rows) or "Nothing is more than 5 % worse than bench/results.json.\n")
    return 1 if rows else 0


def _show(names: Iterable[str]) -> int:
    counted = measuring.some(names, _tell)
    for figure in dict.fromkeys(figure for figures in counted.values() for figure in figures):
        by_name = {name: figures[figure] for name, figures in counted.items() if figure in figures}
        for name, value in by_name.items():
            told = "".join(f"  {value / by_name[to]:7.3f} x {to}" for to in (HANDMADE, TUTORIAL) if to in by_name)
            sys.stdout.write(f"{figure:16}{name:22}{value / 1e6:10.3f} million{told}\n")
    return 0


def _tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    sys.exit(main())
