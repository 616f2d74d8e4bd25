"""What becomes of texts, as the log of a stage gets it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from operations.operator import Operator
from operations.stage.names import STAGES, Stage
from operations.tracing import log_lines
from operations.tracing.hop import Hop
from operations.tracing.selection import HopFilters, selected

_PAUSE_SECONDS = 2
_LATE = timedelta(seconds=15)
"""How much later than it happened a line may get into the log; that much of the log is read again each time."""
_NO_FILTERS = HopFilters()


def follow(
    operator: Operator,
    since: datetime,
    filters: HopFilters = _NO_FILTERS,
    *,
    all_stages: bool = False,
    once: bool = False,
) -> Iterator[Hop]:
    """The hops on the operator's stage, each line once; those of one reading in order of time.

    A line that names the text by its id alone, and not the person or the agent, follows as soon as another line of the
    text names them, if that is within 15 seconds.

    Args:
        operator: the stage; only this tenant's hops when one is named, of all tenants otherwise.
        since: the time to begin with.
        filters: which hops are meant.
        all_stages: whether the other stages are read too.
        once: whether to end with what is in the log now. Otherwise it goes on until the caller stops.

    Raises CommandDeclined, Unavailable, Configuration.
    """
    selection = selected(operator, filters)
    stages: Sequence[Stage] = STAGES if all_stages else [operator.stage]
    shown: set[str] = set()
    has_warned = False
    read_from = since
    while True:
        now = operator.world.now()
        hops = log_lines.read(operator, read_from, stages=stages)
        for hop in selection.among(hops):
            if hop.line_id not in shown:
                yield hop
                shown.add(hop.line_id)
        if not has_warned and selection.leaves_out_strangers(hops):
            has_warned = True
            operator.progress.note(
                "Requests with a wrong key were refused, too. They belong to no tenant; this shows them: sms tail"
            )
        if once:
            return
        shown &= {hop.line_id for hop in hops}
        read_from = max(since, now - _LATE)
        operator.world.sleep(_PAUSE_SECONDS)
