"""The check of the tenant's numbers: whether Twilio brings their texts to their agents (`./sms number check`)."""

from collections.abc import Iterator
from dataclasses import replace

from operations.health.finding import CheckedStage, Finding, good, warning, wrong
from operations.numbers import checking
from operations.numbers.checking import CheckedNumber

NUMBERS_MAX = 100
"""The most numbers to check. Twilio needs one request for a thousand, and some for each Messaging Service."""
_SHOWN = 5


def connected(checked: CheckedStage) -> Iterator[Finding]:
    """What Twilio has for the tenant's numbers is what should be, for the first hundred of them."""
    if checked.tenant is None:
        return
    operator = replace(checked.operator, tenant=checked.tenant.id)
    compared = [number for page in checking.check(operator, limit=NUMBERS_MAX + 1) for number in page]
    numbers, more = compared[:NUMBERS_MAX], compared[NUMBERS_MAX:]
    differing = [number for number in numbers if number.differences]
    for number in differing[:_SHOWN]:
        yield _differing(number)
    if len(differing) > _SHOWN:
        seen = f"{len(differing) - _SHOWN} more are not as they should be"
        yield wrong("numbers", seen, "see them: ./sms number check")
    if not differing:
        yield good("numbers", f"{len(numbers)} as they should be at Twilio" if numbers else "no agent has one yet")
    if more:
        yield warning("numbers", f"only the first {NUMBERS_MAX} were checked", "check all: ./sms number check")


def _differing(number: CheckedNumber) -> Finding:
    """What keeps its texts away, or else what would when something fails."""
    difference = min(number.differences, key=lambda difference: difference.is_minor)
    seen = f"{number.number}: {difference.what} is {difference.current}, and should be {difference.desired}"
    do = f"see what would change: ./sms number connect {number.number}"
    return warning("numbers", seen, do) if difference.is_minor else wrong("numbers", seen, do)
