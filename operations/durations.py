"""Stretches of time as people type and read them: 90s, 5m, 2h, 3d."""

import re
from datetime import timedelta

from shared.errors import InvalidValue

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def read(typed: str) -> timedelta:
    """The stretch of time. Raises InvalidValue."""
    shaped = re.fullmatch(r"([0-9]{1,5})([smhd])", typed.strip().lower())
    if shaped is None:
        message = "a stretch of time is a number and a unit: 90s, 5m, 2h or 3d"
        raise InvalidValue(message)
    return timedelta(seconds=int(shaped[1]) * _UNITS[shaped[2]])


def shown(stretch: timedelta) -> str:
    """The stretch of time, rounded down to its largest unit."""
    seconds = max(0, int(stretch.total_seconds()))
    unit, size = next(((unit, size) for unit, size in reversed(_UNITS.items()) if seconds >= size), ("s", 1))
    return f"{seconds // size}{unit}"
