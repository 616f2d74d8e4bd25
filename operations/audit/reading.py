"""Who changed what on a stage, as an operator reads it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from operations.operator import Operator

AuditRecord = Mapping[str, Any]
"""What `operations.operator.Operator.record` wrote: `time` in ISO form, `who`, `stage`, `region`, and the fields of
`operations.audit.entries.Change`."""


def brief(record: AuditRecord) -> AuditRecord:
    """A record as people read it: the time to the second, who it was by name, and a text each for what it names."""
    return {
        "time": str(record["time"])[: len("2026-11-23T12:00:00")],
        "who": str(record["who"]).rpartition(":")[2],
        "tenant": record["tenant"],
        "what": record["what"],
        "which": " ".join(f"{name}={value}" for name, value in record["which"].items()),
        "fields": ", ".join(record["fields"]),
    }


def changes_since(operator: Operator, since: datetime) -> list[AuditRecord]:
    """The records of the operator's stage since then, the oldest first; of one tenant if one was named, else of all.

    Raises CommandDeclined when the stage has no audit log, Unavailable.
    """
    records = operator.target.audit.read(since)
    return [record for record in records if operator.tenant in (None, record.get("tenant"))]
