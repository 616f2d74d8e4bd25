"""Whether webhooks come to the URL for texts that are none."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from operations.health.finding import Finding, Patient, good, warning
from operations.tracing import log_lines
from operations.tracing.misdirections import MISDIRECTIONS
from shared.messages.inbound import Misdirection
from shared.telemetry import LogEvent

_SINCE = timedelta(days=1)


def misdirected(patient: Patient) -> Iterator[Finding]:
    """In the last day all that came to the URL for texts was texts."""
    operator = patient.operator
    hops = log_lines.read(
        operator, operator.world.now() - _SINCE, stages=[operator.stage], containing=LogEvent.MISDIRECTED
    )
    tenant = patient.tenant.id if patient.tenant else None
    counts = Counter(
        hop.reason for hop in hops if hop.event is LogEvent.MISDIRECTED and hop.details.get("tenant") == tenant
    )
    for reason, count in counts.most_common():
        seen = f"{count} in the last day: {reason}"
        yield warning("other webhooks", seen, MISDIRECTIONS[Misdirection(str(reason))].cure)
    if not counts:
        yield good("other webhooks", "none came to the URL for texts in the last day")
