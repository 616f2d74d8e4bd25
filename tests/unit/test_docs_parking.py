"""docs/parking.md has a row for every reason that something is parked for, and the alarms that there are."""

import ast
import re
from pathlib import Path

import pytest

from shared import errors
from shared.consuming import Again, later
from tests import parking_reasons
from tests.unit.test_docs import PARAMETERS, rows, template

ROOT = Path(__file__).parents[2]
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
    assert isinstance(later(errors.InProgress("another is at it"), 1000, (1, 2)), Again)


def test_the_rows_say_what_it_means_and_what_to_do() -> None:
    for reason, cells in rows(PARKING, "reason").items():
        assert len(cells) == 3, f"docs/parking.md: the row of {reason} needs: queue, meaning, what to do"
        queue, *sentences = cells
        assert queue in {"inbound", "outbound", "both"}
        assert all(sentence.endswith((".", "?", ")")) for sentence in sentences)


def test_every_alarm_is_explained() -> None:
    resources = template("infra/monitoring.yml")["Resources"].values()
    names = {str(one["Properties"]["AlarmName"]).rpartition("}-")[2] for one in resources}
    assert set(rows(PARKING, "alarm")) == {f"sms-receiver-<stage>-{name}" for name in names}


def test_tells_how_long_a_parked_text_stays() -> None:
    assert PARAMETERS["parkedLifeSeconds"] == 14 * 24 * 3600
    assert "14 days" in PARKING.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("raise Refused('a', 'it')", {"a"}),
        ("def f():\n    reason = 'a'\n    raise Refused(reason, 'it')", {"a"}),
        ("def f(word):\n    raise Refused(word, 'it')\ndef g(): f('a')\ndef h(): f(word='b')", {"a", "b"}),
        (
            (
                "class S:\n"
                "    def _park(self, event, reason, detail): ...\n"
                "    def g(self): return self._park(1, 'a' if x else 'b', 'it')"
            ),
            {"a", "b"},
        ),
        ("raise Refused(error.reason, 'it')", set()),
    ],
)
def test_the_reader_of_reasons_would_find_it(source: str, found: set[str]) -> None:
    module = parking_reasons.Module("shared.sending", ast.parse(source))
    assert module.refused_for() | module.parked_for() == found


def test_the_reader_of_reasons_would_not_overlook_what_it_cannot_read() -> None:
    module = parking_reasons.Module("shared.sending", ast.parse("raise Refused(f'{x}_refused', 'it')"))
    with pytest.raises(AssertionError, match=re.escape("what reason is")):
        module.refused_for()
