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
    since, word = operator.world.now() - _SINCE, LogEvent.MISDIRECTED.value
    hops, complete = log_lines.search(operator, [word], since, stages=[operator.stage], functions=["receiver"])
    tenant = checked.tenant.id if checked.tenant else None
    counts = Counter(
        hop.reason for hop in hops if hop.event is LogEvent.MISDIRECTED and hop.details.get("tenant") == tenant
    )
    for reason, count in counts.most_common():
        seen = f"{count}{'' if complete else ' or more'} in the last day: {reason}"
        yield warning("other webhooks", seen, MISDIRECTIONS[Misdirection(str(reason))].cure)
    if not counts:
        yield good("other webhooks", "none came to the URL for texts in the last day")
