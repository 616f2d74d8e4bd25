"""One log line a hop, which is its metrics as well: what happened, the reason, and ids. Nothing secret or personal.

The line is in CloudWatch's embedded metric format (AWS docs, "Specification: Embedded metric format"): the member
`_aws` names the metrics and their dimensions, whose values stand in the line. Powertools' own lines for metrics repeat
what the log says, with a unit for each count: half as many bytes again.
"""

import itertools
import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.errors import BrokenDocument, Configuration, Defect, Malformed, Unavailable
from shared.telemetry import BY, CONVERSATION_DIGITS, NAMESPACE, LogEvent, Metric

_STAGE = "stage"
_NO_MEASURES: Mapping[Metric, float] = {}
_lines_so_far = itertools.count()


def record(
    event: LogEvent,
    *,
    level: str | None = None,
    measured: Mapping[Metric, float] = _NO_MEASURES,
    **ids: str | None,
) -> None:
    """Writes the line.

    Args:
        event: what happened; counted, if it is a metric.
        level: one of Lambda's log levels; a line without one counts as INFO (AWS docs, "Log-level filtering").
        measured: what it counts or measures besides.
        ids: a stable `reason`, and ids that may be seen by everybody who reads logs; None is left out.
    """
    is_cold = next(_lines_so_far) == 0
    counted = ({event: 1} if event in BY else {}) | dict(measured) | ({Metric.COLD_START: 1} if is_cold else {})
    told = {name: value for name, value in ids.items() if value}
    line = {"level": level} if level else {}
    line |= {"message": event.value, "timestamp": _now(), **told, **(_metrics(counted, told) if counted else {})}
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")


def failed(error: Unavailable | Configuration | Malformed | Defect, **ids: str | None) -> None:
    """Writes that we could not do our part. What is wrong in a document may name numbers: `./sms` shows it."""
    if isinstance(error, BrokenDocument):
        detail = f"the document of tenant {error.tenant_id} cannot be understood; see: sms tenant show"
    else:
        detail = str(error)
    record(LogEvent.FAILED, level="ERROR", measured={}, reason=error.reason, detail=detail, **ids)


def _now() -> str:
    """In RFC 3339: without one, Lambda would add a time of its own."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reply(tenant: str, correlation_id: str, reply_id: str) -> dict[str, str]:
    """The ids of a reply; of its own only what follows the correlation id, for it mostly begins with that."""
    return {"tenant": tenant, "correlation_id": correlation_id, "reply": reply_id.removeprefix(f"{correlation_id}-")}


def shortened(conversation: str) -> str:
    """Enough of a conversation's id to tell it from others."""
    return conversation[:CONVERSATION_DIGITS]


def _metrics(counted: Mapping[LogEvent | Metric, float], told: Mapping[str, str]) -> dict[str, Any]:
    """The members that make a line metrics: one directive for all that have the same dimensions."""
    names_by: dict[str | None, list[str]] = {}
    for metric in counted:
        by = BY[metric]
        names_by.setdefault(by if by in told else None, []).append(metric.value)
    directives = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [[_STAGE], [_STAGE, by]] if by else [[_STAGE]],  # alarms know no "whatever the reason"
            "Metrics": [{"Name": name} for name in names],
        }
        for by, names in names_by.items()
    ]
    return {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives},
        _STAGE: os.environ.get("STAGE") or "unknown",
        **{metric.value: round(value) for metric, value in counted.items()},
    }
