from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from operations.usage import period
from operations.usage.period import Period
from shared.errors import InvalidValue

NOW = datetime(2026, 11, 29, 0, 30, tzinfo=UTC)
TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("since", "first"),
    [
        ("30d", date(2026, 10, 31)),
        ("1d", TODAY),
        ("2h", TODAY),
        ("25h", date(2026, 11, 28)),
        ("0d", TODAY),
        ("2026-11-01", date(2026, 11, 1)),
        (" 2026-11-29 ", TODAY),
    ],
)
def test_so_many_days_with_today_or_from_a_day_on(since: str, first: date) -> None:
    assert period.read(since, None, NOW) == Period(first, TODAY)


def test_until_a_day() -> None:
    assert period.read("2025-12-01", "2025-12-31", NOW) == Period(date(2025, 12, 1), date(2025, 12, 31))


def test_days_are_those_of_utc() -> None:
    here = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert here.date() < TODAY
    assert period.read("1d", None, here) == Period(TODAY, TODAY)


@pytest.mark.parametrize(
    "since", ["", "month", "-3d", "30", "2026-13-01", "2026-11-31", "29.11.2026", "20261129", "٣d"]
)
def test_what_is_no_time_is_declined(since: str) -> None:
    with pytest.raises(InvalidValue):
        period.read(since, None, NOW)


@pytest.mark.parametrize(
    ("since", "until"), [("0001-01-01", None), ("99999d", None), ("2016-01-01", None), ("2026-11-29", "9999-12-31")]
)
def test_a_day_that_is_too_far_away_is_declined(since: str, until: str | None) -> None:
    with pytest.raises(InvalidValue, match=r"^a day can be up to ten years away$"):
        period.read(since, until, NOW)


@pytest.mark.parametrize("until", ["", "now", "2026-02-30", "5d"])
def test_what_is_no_last_day_is_declined(until: str) -> None:
    with pytest.raises(InvalidValue, match=r"^a day is written as 2026-11-30$"):
        period.read("30d", until, NOW)


def test_a_period_that_ends_before_it_begins_is_declined() -> None:
    with pytest.raises(InvalidValue, match=r"^the first day, 2026-11-02, is after the last one, 2026-11-01$"):
        period.read("2026-11-02", "2026-11-01", NOW)
