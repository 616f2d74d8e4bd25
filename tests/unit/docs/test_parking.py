"""docs/parking.md has a row for every reason that something is parked for."""

from pathlib import Path

from shared import errors
from shared.retry import Again, retry_later
from tests import parking_reasons
from tests.unit.docs.test_docs import rows

ROOT = Path(__file__).parents[3]
PARKING = ROOT / "docs" / "parking.md"

NEVER_PARKED = {
    errors.InProgress.reason,  # always asked for again: see the test below
    errors.InDoubt.reason,  # parked as perhaps_sent
    "opted_out",  # the person's wish: nothing is left to do
}


def test_every_reason_in_the_code_has_a_row_and_no_row_is_invented() -> None:
    reasons = parking_reasons.in_code()
    assert reasons > NEVER_PARKED
    told = set(rows(PARKING, "reason"))
    assert not reasons - NEVER_PARKED - told, f"docs/parking.md has no row for {sorted(reasons - NEVER_PARKED - told)}"
    assert not told - reasons, f"docs/parking.md invents {sorted(told - reasons)}"
    assert not told & NEVER_PARKED


def test_what_is_in_progress_elsewhere_is_never_parked() -> None:
    assert isinstance(retry_later(errors.InProgress("another is at it"), 1000, (1, 2)), Again)


def test_the_rows_say_what_it_means_and_what_to_do() -> None:
    for reason, cells in rows(PARKING, "reason").items():
        assert len(cells) == 3, f"docs/parking.md: the row of {reason} needs: queue, meaning, what to do"
        queue, *sentences = cells
        assert queue in {"inbound", "outbound", "both"}
        assert all(sentence.endswith((".", "?", ")")) for sentence in sentences)
