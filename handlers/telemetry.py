"""One log line for each hop, with its metrics in it: what happened, the reason, and ids. Nothing secret or personal.

The line is in CloudWatch's embedded metric format (AWS docs, "Specification: Embedded metric format"): the member
`_aws` names the metrics and their dimensions, whose values stand in the line. Powertools' own lines for metrics repeat
what the log says, with a unit for each count: that is half as many bytes again.
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
from shared.telemetry import BY, BY_AGENT, CONVERSATION_DIGITS, NAMESPACE, LogEvent, Metric

_STAGE = "stage"
_AGENT = "agent"
_NO_MEASUREMENTS: Mapping[Metric, float] = {}
_lines_so_far = itertools.count()


def record(
    event: LogEvent,
    *,
    level: str | None = None,
    measured: Mapping[Metric, float] = _NO_MEASUREMENTS,
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
    fields = {name: value for name, value in ids.items() if value}
    line = {"level": level} if level else {}
    line |= {"message": event.value, "timestamp": _now(), **fields, **(_metrics(counted, fields) if counted else {})}
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")


def failed(
    error: Unavailable | Configuration | Malformed | Defect,
    *,
    measured: Mapping[Metric, float] = _NO_MEASUREMENTS,
    **ids: str | None,
) -> None:
    """Writes a Lambda's log line of a failure of ours; `measured` and `ids` are as in `record`.

    What is wrong in a document may name numbers, so the line leaves it to `./sms`.
    """
    if isinstance(error, BrokenDocument):
        detail = f"what is stored of tenant {error.tenant_id} cannot be understood; see: sms tenant show"
    else:
        detail = str(error)
    record(LogEvent.FAILED, level="ERROR", measured=measured, reason=error.reason, detail=detail, **ids)


def _now() -> str:
    """The time in RFC 3339. Without it, Lambda would add its own."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reply(tenant: str, correlation_id: str, reply_id: str) -> dict[str, str]:
    """The ids of a reply. Its own id is shortened by the correlation id, which it mostly begins with."""
    return {"tenant": tenant, "correlation_id": correlation_id, "reply": reply_id.removeprefix(f"{correlation_id}-")}


def shortened(conversation: str) -> str:
    """The start of a conversation's id, long enough to tell it from others."""
    return conversation[:CONVERSATION_DIGITS]


def _metrics(counted: Mapping[LogEvent | Metric, float], fields: Mapping[str, str]) -> dict[str, Any]:
    """The members that turn a line into metrics: one directive for all metrics that have the same dimensions."""
    by_agent = BY_AGENT if fields.get(_AGENT) in os.environ.get("METRICS_AGENTS", "").split(",") else frozenset()
    names_by: dict[tuple[str, ...], list[str]] = {}
    for metric in counted:
        own = BY[metric]
        by = (*([own] if own in fields else ()), *([_AGENT] if metric in by_agent else ()))
        names_by.setdefault(by, []).append(metric.value)
    directives = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [[_STAGE], *([_STAGE, field] for field in by)],  # an alarm cannot sum over reasons
            "Metrics": [{"Name": name} for name in names],
        }
        for by, names in names_by.items()
    ]
    return {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives},
        _STAGE: os.environ.get("STAGE") or "unknown",
        **{metric.value: round(value) for metric, value in counted.items()},
    }
