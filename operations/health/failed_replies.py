"""The check for messages that failed for a reason that an operator can mend."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from operations.health.finding import CheckedStage, Finding, good, warning
from operations.tracing import log_lines
from operations.twilio.message_errors import EXPLAINED, PAGES
from shared.telemetry import Metric

_SINCE = timedelta(days=1)
_CHECK = "replies"


def failed_replies(checked: CheckedStage) -> Iterator[Finding]:
    """In the last day, no message of the tenant failed but for reasons that lie with the person or their number."""
    operator = checked.operator
    hops = log_lines.read(
        operator, operator.world.now() - _SINCE, stages=[operator.stage], containing=Metric.REPLY_FAILED
    )
    tenant = checked.tenant.id if checked.tenant else None
    counts = Counter(str(hop.details.get("error_code") or "") for hop in hops if hop.details.get("tenant") == tenant)
    for code, count in counts.most_common():
        error = EXPLAINED.get(int(code)) if code.isdecimal() else None
        meaning = f": {error.meaning}" if error else ""
        do = error.do if error else f"{PAGES}/{code}" if code else "./sms why NUMBER, of one of these persons"
        yield warning(_CHECK, f"{count} in the last day failed with error {code or 'unknown'}{meaning}", do)
    if not counts:
        yield good(_CHECK, "none failed in the last day, but for the persons' own phones")
