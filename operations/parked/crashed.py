"""What crashed before it could be parked, of all tenants: how much there is, and bringing it back."""

from collections.abc import Mapping

from operations.audit.entries import Change
from operations.operator import Operator
from operations.stage.names import QUEUES


def count_crashed(operator: Operator) -> dict[str, int]:
    """About how many messages of each queue crashed, by the queue's name. Raises CommandDeclined, Unavailable."""
    return {name: operator.target.crashed(name) for name in QUEUES}


def redrive(operator: Operator, counts: Mapping[str, int]) -> None:
    """Moves what crashed back to its queue, for each queue whose count is not 0. Raises CommandDeclined, Unavailable.

    Args:
        operator: the stage.
        counts: what `count_crashed` returned; the audit log has them.
    """
    for name in (name for name, count in counts.items() if count):
        operator.target.redrive(name)
        operator.record(Change("parked.redrive", None, {"queue": name, "about": str(counts[name])}))
