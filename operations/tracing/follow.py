"""What becomes of texts, as the log of a stage gets it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from operations.operator import Operator
from operations.tracing import log_lines
from operations.tracing.hop import Hop

_PAUSE_SECONDS = 2
_LATE = timedelta(seconds=15)
"""How much later than it happened a line may get into the log; that much of the log is read again each time."""


def follow(operator: Operator, since: datetime, *, once: bool = False) -> Iterator[Hop]:
    """The hops on the operator's stage, each line once; those of one reading in order of time.

    Args:
        operator: the stage; only this tenant's hops when one is named, of all tenants otherwise.
        since: the time to begin with.
        once: whether to end with what is in the log now. Otherwise it goes on until the caller stops.

    Raises CommandDeclined, Unavailable.
    """
    seen: set[str] = set()
    read_from = since
    while True:
        now = operator.world.now()
        hops = log_lines.read(operator, read_from, stages=[operator.stage])
        for hop in hops:
            if hop.line_id not in seen and operator.tenant in (None, hop.details.get("tenant")):
                yield hop
        if once:
            return
        seen = {hop.line_id for hop in hops}
        read_from = max(since, now - _LATE)
        operator.world.sleep(_PAUSE_SECONDS)
