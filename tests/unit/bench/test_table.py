import pytest

from bench import results
from bench.table import page
from tests.unit.bench.sample_results import sample_results

PAGE = page(sample_results())
SAVED = results.FILE.with_suffix(".md")


@pytest.mark.parametrize(
    "row",
    [
        "| receiver, warm request, instructions | tutorial, secret cached | 0.6 x | 0.5 x | reached |",
        "| receiver, warm request, processor time | Node, bundled | 0.5 x | 1.00 (1.00 to 1.00) x | **not reached** |",
        "| log of an accepted text, receiver |  | 600 bytes | 356 bytes | reached |",
        "| floor: hand-made | 1.00 (0.25) | 1.00 (0.25) | 1.00 (0.25) | 1.00 (0.25) | 1.00 (0.25) |  |",
        "| ours: authorizer | 1.00 (0.25) |  |  |  |  |  |",
        "| ours: forwarder |  |  |  |  |  | 20.0 |",
        "| **ours** | 3.00 (2.50 to 3.50) | 3.00 (2.50 to 3.50) | 3.00 (2.50 to 3.50) | 3.00 (2.50 to 3.50) |",
        "| **ours** | 3 MB | 9 MB | 50 MB | 356 | 2 | 1 | 0 |",
    ],
)
def test_the_page_has_the_row(row: str) -> None:
    assert row in PAGE.splitlines()


def test_the_page_says_when_and_where_and_how_well_it_repeats() -> None:
    assert "On 2026-11-25: Python 3.13, a machine." in PAGE
    assert "at most 0.12%" in " ".join(PAGE.split())


def test_the_saved_page_shows_the_saved_results() -> None:
    assert SAVED.read_text(encoding="utf-8") == page(results.loads(results.FILE.read_text(encoding="utf-8")))
