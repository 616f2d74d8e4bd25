"""Where to look for what failed: the reason of a failure, and the command that shows it."""

from collections.abc import Mapping

from operations.parked.filters import REASONS
from shared.messages.usage import NOT_DELIVERED
from shared.reasons import Reason

_ELSEWHERE: Mapping[str, str] = {
    NOT_DELIVERED: "sms tail --outcome NotDelivered --since 1h --once, then: sms why ID",
    Reason.UNREACHABLE: "nothing can be done; of one person: sms why NUMBER",
    Reason.OPTED_OUT: "nothing is to be done; of one person: sms why NUMBER",
}


def where_to_look(reason: str) -> str:
    """The command that shows what failed for this reason, or that nothing can be done."""
    if reason in REASONS:
        return f"sms parked list --reason {reason}"
    return _ELSEWHERE.get(reason, "sms why NUMBER")
