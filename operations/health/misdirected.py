"""The check for webhooks that come to the URL for texts and are not texts."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from operations.health.finding import CheckedStage, Finding, good, warning
from operations.tracing import log_lines
from operations.tracing.misdirections import MISDIRECTIONS
from shared.messages.inbound import Misdirection
from shared.telemetry import LogEvent

_SINCE = timedelta(days=1)


def misdirected(checked: CheckedStage) -> Iterator[Finding]:
    """In the last day, only texts came to the URL for texts."""
    operator = checked.operator
    hops = log_lines.read(
        operator, operator.world.now() - _SINCE, stages=[operator.stage], containing=LogEvent.MISDIRECTED
    )
    tenant = checked.tenant.id if checked.tenant else None
    counts = Counter(
        hop.reason for hop in hops if hop.event is LogEvent.MISDIRECTED and hop.details.get("tenant") == tenant
    )
    for reason, count in counts.most_common():
        seen = f"{count} in the last day: {reason}"
        yield warning("other webhooks", seen, MISDIRECTIONS[Misdirection(str(reason))].cure)
    if not counts:
        yield good("other webhooks", "none came to the URL for texts in the last day")
