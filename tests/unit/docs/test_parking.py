"""docs/parking.md has a row for every reason that something is parked for."""

import re
from pathlib import Path

import pytest

from operations.parked.filters import REASONS
from shared import errors
from shared.reasons import Reason
from shared.retry import Again, retry_later
from tests.unit.docs.test_docs import rows

ROOT = Path(__file__).parents[3]
SHARED = ROOT / "shared"
PARKING = ROOT / "docs" / "parking.md"

LEAVING_ALONE = {Reason.NO_MESSAGE, Reason.LATER, Reason.OPT_OUT, Reason.PROBE, Reason.DECLINED, Reason.NO_SESSION}
ONLY_REFUSING = {
    Reason.INVALID_KEY,
    Reason.FORBIDDEN_ROLE,
    Reason.MISSING_SIGNATURE,
    Reason.INVALID_SIGNATURE,
    Reason.AMBIGUOUS_SIGNATURE,
    Reason.WRONG_CONTENT_TYPE,
    Reason.TOO_LARGE,
    Reason.NOT_OUR_ACCOUNT,
    Reason.IDEMPOTENCY_MISMATCH,
    Reason.RATE_LIMITED,
    Reason.OTHER_CONVERSATION,
}
NEVER_PARKED = {
    errors.InProgress.reason,  # always tried again: see the test below
    errors.InDoubt.reason,  # parked as perhaps_sent
    Reason.OPTED_OUT,  # the person's wish: nothing is left to do
    Reason.UNREACHABLE,  # the person's number: nobody can mend it
    Reason.JOURNAL_UNAVAILABLE,  # of entries, for which nothing waits
    *LEAVING_ALONE,
    *ONLY_REFUSING,
}


def named_in(*places: str) -> set[Reason]:
    """The reasons that the sources in these folders, or in these modules, name."""
    paths = [path for place in places for path in (SHARED.rglob("*.py") if place == "." else sources(place))]
    names = re.findall(r"\bReason\.([A-Z_]+)\b", "".join(path.read_text(encoding="utf-8") for path in paths))
    return {Reason[name] for name in names}


def sources(place: str) -> list[Path]:
    path = SHARED / place
    return [path] if path.suffix else sorted(path.rglob("*.py"))


def test_every_reason_to_park_has_a_row_and_no_row_is_invented() -> None:
    told, reasons = set(rows(PARKING, "reason")), set(Reason) - NEVER_PARKED
    assert not reasons - told, f"docs/parking.md has no row for {sorted(reasons - told)}"
    assert not told - reasons, f"docs/parking.md invents {sorted(told - reasons)}"


def test_the_command_knows_every_reason_to_park_and_no_other() -> None:
    assert set(REASONS) == set(Reason) - NEVER_PARKED


def test_every_reason_is_used() -> None:
    assert named_in(".") == set(Reason)


@pytest.mark.parametrize("place", ["forwarding", "sending", "backends", "providers", "aws", "opt_out.py"])
def test_what_works_on_a_queue_names_no_reason_that_is_only_for_refusing(place: str) -> None:
    assert not named_in(place) & ONLY_REFUSING


def test_what_is_in_progress_elsewhere_is_never_parked() -> None:
    assert isinstance(retry_later(errors.InProgress("another is at it"), 1000, (1, 2)), Again)


def test_the_rows_say_what_it_means_and_what_to_do() -> None:
    for reason, cells in rows(PARKING, "reason").items():
        assert len(cells) == 3, f"docs/parking.md: the row of {reason} needs: queue, meaning, what to do"
        queue, *sentences = cells
        assert queue in {"inbound", "outbound", "both"}
        assert all(sentence.endswith((".", "?", ")")) for sentence in sentences)
