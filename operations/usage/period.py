"""The days that an operator asks about, as people type them; all in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from operations import durations
from shared.errors import InvalidValue

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY = timedelta(days=1)
_AWAY_MAX = 3660 * _DAY
"""How far from today a day can be: each month in between is read, and nobody keeps figures for longer."""


@dataclass(frozen=True)
class Period:
    """The days from the first to the last, both included."""

    first: date
    last: date


def read(since: str, until: str | None, now: datetime) -> Period:
    """The days that are meant.

    Args:
        since: the first day, as 2026-11-01; or how long it lasts until today, as 30d: that many days with today.
        until: the last day, as 2026-11-30; None for today.
        now: the time, with its zone.

    Raises InvalidValue.
    """
    today = now.astimezone(UTC).date()
    last = today if until is None else _date(until)
    if _DATE.fullmatch(since.strip()):
        first = _date(since)
    else:
        days = max(1, -(-durations.read(since) // _DAY))
        first = today - timedelta(days=days - 1)
    if last < first:
        message = f"the first day, {first}, is after the last one, {last}"
        raise InvalidValue(message)
    if today - first > _AWAY_MAX or last - today > _AWAY_MAX:
        message = "a day can be up to ten years away"
        raise InvalidValue(message)
    return Period(first, last)


def _date(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        message = "a day is written as 2026-11-30"
        raise InvalidValue(message) from None
