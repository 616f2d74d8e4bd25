"""Unforeseen errors, as an error of ours that names their type and place."""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from shared.errors import Defect, SmsReceiverError

_OURS = ("handlers", "shared", "operations", "dashboard")


@contextmanager
def catching_defects(*expected: type[SmsReceiverError]) -> Iterator[None]:
    """Turns every exception inside that is not expected into Defect.

    An error of ours that nobody expects is a defect as well: nobody would catch it further up.
    """
    passing: tuple[type[SmsReceiverError], ...] = (*expected, Defect)
    try:
        yield
    except passing:
        raise
    # The only place that catches everything. When a consumer crashes, its message comes back again and again, and
    # nobody learns why: so a defect must end as every other failure does, with a reason. The exception's own message is
    # dropped, for it may quote a text, a number or a key.
    except Exception as error:  # noqa: BLE001 - see above
        raise described(error) from None


def described(error: Exception) -> Defect:
    """An unforeseen error as one of ours, with its type and the innermost frame of ours: module, line and function."""
    places = [
        f"{module}, line {line}, {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
        if (module := str(frame.f_globals.get("__name__"))).partition(".")[0] in _OURS
    ]
    return Defect(f"{type(error).__name__} in {places[-1]}")
