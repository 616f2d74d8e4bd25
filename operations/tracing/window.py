"""The stretch of time whose log lines are read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.errors import InvalidValue


@dataclass(frozen=True)
class Window:
    """A stretch of time.

    Attributes:
        begin: its first moment.
        end: its last one; None when it lasts until now.
    """

    begin: datetime
    end: datetime | None = None


def around(typed: str, within: timedelta) -> Window:
    """The time around a moment.

    Args:
        typed: the moment in ISO 8601; in UTC when it has no offset.
        within: how far the window reaches to either side.

    Raises InvalidValue when it is not a time.
    """
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        message = "the time must look like 2026-11-25T13:30, or 2026-11-25T13:30:00+01:00"
        raise InvalidValue(message) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Window(moment - within, moment + within)
