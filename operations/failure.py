"""Why something that an operator wanted failed: one sentence with what to do about it."""

from contextlib import suppress

from operations.operator import Operator
from operations.stage.advice import LOCAL_STACK_NOT_UP, UNREACHABLE, advice, unreachable_advice
from shared.errors import SmsReceiverError


def explained(operator: Operator, error: SmsReceiverError) -> str:
    """The error in words, with what an operator can do where it is a failure of AWS."""
    hint = _hint(operator, error)
    return f"{error}; {hint}" if hint else str(error)


def _hint(operator: Operator, error: SmsReceiverError) -> str | None:
    if operator.local:
        return advice(error.__cause__, unreachable=LOCAL_STACK_NOT_UP)
    hint = advice(error.__cause__, unreachable=UNREACHABLE, failing=UNREACHABLE)
    if hint == UNREACHABLE:
        with suppress(SmsReceiverError):  # of a stage that could not even be opened
            return unreachable_advice(operator.target.home_region)
    return hint
