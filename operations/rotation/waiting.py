"""Waiting between two steps of a rotation, and what the logs show for that time."""

from datetime import datetime, timedelta

from operations import durations
from operations.operator import Operator
from operations.stage.names import STAGES
from operations.stage.tenant_copy import in_agreement
from operations.tracing import log_lines
from operations.tracing.hop import Hop
from shared.errors import Unavailable

_PARTS = 60
_COPY_TRIES, _COPY_PAUSE_SECONDS = 30, 2.0
_REREAD = timedelta(seconds=5)
"""How long a Lambda may use what it read before a change, without reading it again when a key or token is missing from
it: the parameter tenantRereadSeconds."""


def wait(operator: Operator, stretch: timedelta, why: str) -> None:
    """Returns after a stretch of time. The operator hears why, and how far it is."""
    seconds = stretch.total_seconds()
    if not seconds:
        return
    operator.progress.note(f"Waiting {durations.shown(stretch)} {why} …")
    for _ in operator.progress.watched(range(_PARTS), "waiting"):
        operator.world.sleep(seconds / _PARTS)


def wait_until_known(operator: Operator, *, at_most: timedelta = _REREAD) -> None:
    """Returns when every stage accepts what was just added to the tenant. Raises Unavailable, Configuration.

    Then all regions have the same, and every Lambda reads it again before it refuses a key or token.
    """
    for _ in range(_COPY_TRIES):
        copies = operator.target.inspected.copies(operator.tenant_id)
        if in_agreement(copies.values()):
            break
        operator.world.sleep(_COPY_PAUSE_SECONDS)
    else:
        message = f"the tenant is not the same in {' and '.join(copies)} yet; see: sms doctor"
        raise Unavailable(message)
    wait(operator, min(_REREAD, at_most), "until every stage knows it")


def last_use(operator: Operator, credential_id: str, since: datetime) -> Hop | None:
    """The last thing that was accepted with a credential's key since then, on any stage. Raises Unavailable."""
    hops = log_lines.search(operator, [credential_id], since, stages=STAGES).hops
    return next((hop for hop in reversed(hops) if hop.details.get("credential") == credential_id), None)
