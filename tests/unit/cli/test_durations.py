from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations import durations
from shared.errors import InvalidValue


@pytest.mark.parametrize(
    ("typed", "seconds"), [("90s", 90), ("5m", 300), ("2h", 7200), (" 3D ", 259200), ("0s", 0), ("99999d", 8639913600)]
)
def test_reads_a_number_and_a_unit(typed: str, seconds: int) -> None:
    assert durations.read(typed) == timedelta(seconds=seconds)


@pytest.mark.parametrize("typed", ["", "h", "2", "2w", "-2h", "2.5h", "2 h", "2h30m", "999999d", "\u0662h", "1e3s"])
def test_refuses_everything_else(typed: str) -> None:
    with pytest.raises(InvalidValue, match="a number and a unit"):
        durations.read(typed)


@given(st.text(max_size=8))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    with suppress(InvalidValue):
        assert durations.read(typed) >= timedelta(0)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-5, "0s"), (0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86399, "23h"), (900000, "10d")],
)
def test_shows_the_largest_unit_that_fits(seconds: float, shown: str) -> None:
    assert durations.shown(timedelta(seconds=seconds)) == shown
