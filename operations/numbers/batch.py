"""Doing the same with many numbers: one that fails does not stop the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from operations.operator import Operator
from shared.errors import CommandDeclined, SmsReceiverError, Unavailable, UpstreamRefused

_FAILURES_MAX = 3
_NOT_TRIED = f"not tried, because {_FAILURES_MAX} numbers in a row failed for a reason that concerns all"


@dataclass(frozen=True)
class FailedNumber:
    """A number with which something could not be done.

    Attributes:
        number: the number in E.164, or another address.
        error: why.
    """

    number: str = field(repr=False)
    error: SmsReceiverError

    def describe(self) -> Mapping[str, object]:
        """The number as a record for the operator."""
        return {"number": self.number, "why": str(self.error)}


def each_number(
    operator: Operator, numbers: Sequence[str], doing: str, action: Callable[[str], object]
) -> list[FailedNumber]:
    """The numbers with which an action failed, in order; it is done with each.

    It goes on after a number that is declined. After three numbers in a row that failed because AWS or the provider did
    not answer or refused it, the others are not tried.
    """
    failed: list[FailedNumber] = []
    in_a_row = 0
    for number in operator.progress.watched(numbers, doing):
        if in_a_row == _FAILURES_MAX:
            failed.append(FailedNumber(number, Unavailable(_NOT_TRIED)))
            continue
        try:
            action(number)
        except CommandDeclined as error:
            failed.append(FailedNumber(number, error))
            in_a_row = 0
        except (Unavailable, UpstreamRefused) as error:
            failed.append(FailedNumber(number, error))
            in_a_row += 1
        else:
            in_a_row = 0
    return failed


def unless_alone(failed: Sequence[FailedNumber], asked: int) -> list[FailedNumber]:
    """The failed numbers. Raises why it failed when only one number was asked for."""
    if asked == 1 and failed:
        raise failed[0].error
    return list(failed)
